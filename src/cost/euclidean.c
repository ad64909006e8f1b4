#include <tgmath.h>

#include "cost/cost.h"

/* h(z) = |z|: convex, not strictly, so it has no grad h* and T must be a vector field. */

static real distance(int64_t dim, const real *x, const real *y) {
    real sum = 0;
    for (int64_t j = 0; j < dim; j++) sum += (x[j] - y[j]) * (x[j] - y[j]);
    return sqrt(sum);
}

static void value(const cost *c, int64_t rows, const real *x, const real *y, real *out) {
    for (int64_t i = 0; i < rows; i++) out[i] = distance(c->dim, x + i * c->dim, y + i * c->dim);
}

static void gradient(const cost *c, int64_t rows, const real *x, const real *y, real *out) {
    for (int64_t i = 0; i < rows; i++, x += c->dim, y += c->dim, out += c->dim) {
        real length = distance(c->dim, x, y), inverse = length > 0 ? 1 / length : 0;
        for (int64_t j = 0; j < c->dim; j++) out[j] = (y[j] - x[j]) * inverse;
    }
}

static double degree(const cost *c) { return 1; }

const cost_kind cost_euclidean = {
    .name = "euclidean",
    .formula = "|x - y|",
    .translation_invariant = 1,
    .degenerate = 1,
    .degree = degree,
    .value = value,
    .gradient = gradient,
};
