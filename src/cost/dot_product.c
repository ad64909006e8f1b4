#include "cost/cost.h"

/* c(x, y) = -<x, y>: squared-Euclidean transport up to terms that the marginals fix (Brenier 1991). */

static void value(const cost *c, int64_t rows, const real *x, const real *y, real *out) {
    for (int64_t i = 0; i < rows; i++, x += c->dim, y += c->dim) {
        real sum = 0;
        for (int64_t j = 0; j < c->dim; j++) sum -= x[j] * y[j];
        out[i] = sum;
    }
}

static void gradient(const cost *c, int64_t rows, const real *x, const real *y, real *out) {
    for (int64_t i = 0; i < rows * c->dim; i++) out[i] = -x[i];
}

static double degree(const cost *c) { return 2; }

const cost_kind cost_dot_product = {
    .name = "dot_product",
    .formula = "-<x, y>",
    .degree = degree,
    .value = value,
    .gradient = gradient,
};
