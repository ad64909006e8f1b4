#include "cost/angle.h"

static void value(const cost *c, int64_t rows, const real *x, const real *y, real *out) {
    for (int64_t i = 0; i < rows; i++) out[i] = angle_between(c->dim, x + i * c->dim, y + i * c->dim, NULL, NULL);
}

static void gradient(const cost *c, int64_t rows, const real *x, const real *y, real *out) {
    for (int64_t i = 0; i < rows; i++, x += c->dim, y += c->dim, out += c->dim) {
        real scale;
        angle_between(c->dim, x, y, out, &scale);
        for (int64_t j = 0; j < c->dim; j++) out[j] *= scale;
    }
}

static double degree(const cost *c) { return 0; }

const cost_kind cost_arccos = {
    .name = "arccos",
    .formula = "angle between points x and y of the unit sphere",
    .manifold = &manifold_sphere,
    .degenerate = 1,
    .degree = degree,
    .value = value,
    .gradient = gradient,
};
