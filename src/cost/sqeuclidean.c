#include "cost/cost.h"

/* h(z) = |z|^2, h*(u) = |u|^2 / 4. */

static void value(const cost *c, int64_t rows, const real *x, const real *y, real *out) {
    for (int64_t i = 0; i < rows; i++, x += c->dim, y += c->dim) {
        real sum = 0;
        for (int64_t j = 0; j < c->dim; j++) sum += (x[j] - y[j]) * (x[j] - y[j]);
        out[i] = sum;
    }
}

static void gradient(const cost *c, int64_t rows, const real *x, const real *y, real *out) {
    for (int64_t i = 0; i < rows * c->dim; i++) out[i] = 2 * (y[i] - x[i]);
}

static void conjugate(const cost *c, int64_t rows, const real *u, real *out) {
    for (int64_t i = 0; i < rows * c->dim; i++) out[i] = u[i] / 2;
}

static void conjugate_product(const cost *c, int64_t rows, const real *u, const real *v, real *out) {
    for (int64_t i = 0; i < rows * c->dim; i++) out[i] = v[i] / 2;
}

static double degree(const cost *c) { return 2; }

const cost_kind cost_sqeuclidean = {
    .name = "sqeuclidean",
    .formula = "|x - y|^2",
    .translation_invariant = 1,
    .degree = degree,
    .value = value,
    .gradient = gradient,
    .conjugate = conjugate,
    .conjugate_product = conjugate_product,
};
