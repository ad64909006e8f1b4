#include "cost/direction.h"

/*
 * The angle between x and y: on the unit sphere the length of the way. By its tangent |u - <u, v> v| / <u, v>, u and v being the
 * directions, since the arc cosine itself loses half of the digits near 0.
 */

/* across[dim] = u - <u, v> v; returns its length, which is the sine. *cosine: <u, v>. */
static real part_across(int64_t dim, const real *x, const real *y, real *across, real *cosine) {
    real inverse_x = 1 / direction_length(dim, x), inverse_y = 1 / direction_length(dim, y);
    *cosine = direction_product(dim, x, y) * inverse_x * inverse_y;
    real square = 0;
    for (int64_t j = 0; j < dim; j++) {
        real part = x[j] * inverse_x - *cosine * y[j] * inverse_y;
        if (across) across[j] = part;
        square += part * part;
    }
    return sqrt(square);
}

static void value(const cost *c, int64_t rows, const real *x, const real *y, real *out) {
    for (int64_t i = 0; i < rows; i++) {
        real cosine, sine = part_across(c->dim, x + i * c->dim, y + i * c->dim, NULL, &cosine);
        out[i] = atan2(sine, cosine);
    }
}

/* -across / (|y| sine): a unit step on the sphere changes the angle by one. 0 at the same or the opposite direction. */
static void gradient(const cost *c, int64_t rows, const real *x, const real *y, real *out) {
    for (int64_t i = 0; i < rows; i++, x += c->dim, y += c->dim, out += c->dim) {
        real cosine, sine = part_across(c->dim, x, y, out, &cosine);
        real factor = sine > 0 ? -1 / (direction_length(c->dim, y) * sine) : 0;
        for (int64_t j = 0; j < c->dim; j++) out[j] *= factor;
    }
}

static double degree(const cost *c) { return 0; }

const cost_kind cost_arccos = {
    .name = "arccos",
    .formula = "angle between x and y, arccos(<x, y> / (|x| |y|))",
    .degree = degree,
    .value = value,
    .gradient = gradient,
};
