#include "cost/angle.h"

/* Half the square of the way on the unit sphere, the cost of McCann 2001. */

static void value(const cost *c, int64_t rows, const real *x, const real *y, real *out) {
    for (int64_t i = 0; i < rows; i++) {
        real angle = angle_between(c->dim, x + i * c->dim, y + i * c->dim, NULL, NULL);
        out[i] = angle * angle / 2;
    }
}

static void gradient(const cost *c, int64_t rows, const real *x, const real *y, real *out) {
    for (int64_t i = 0; i < rows; i++, x += c->dim, y += c->dim, out += c->dim) {
        real scale, angle = angle_between(c->dim, x, y, out, &scale);
        for (int64_t j = 0; j < c->dim; j++) out[j] *= angle * scale;
    }
}

static double degree(const cost *c) { return 0; }

const cost_kind cost_geodesic = {
    .name = "geodesic",
    .formula = "angle^2 / 2 between points x and y of the unit sphere",
    .manifold = &manifold_sphere,
    .degree = degree,
    .value = value,
    .gradient = gradient,
};
