#include <tgmath.h>

#include "cost/cost.h"

/* h(z) = |z|_p^p / p, h*(u) = |u|_q^q / q with 1/p + 1/q = 1. */
enum { P };

static real conjugate_exponent(const cost *c) { return (real)(c->parameters[P] / (c->parameters[P] - 1)); }

static real signed_power(real z, real exponent) { return copysign(pow(fabs(z), exponent), z); }

static void value(const cost *c, int64_t rows, const real *x, const real *y, real *out) {
    real p = (real)c->parameters[P];
    for (int64_t i = 0; i < rows; i++, x += c->dim, y += c->dim) {
        real sum = 0;
        for (int64_t j = 0; j < c->dim; j++) sum += pow(fabs(x[j] - y[j]), p);
        out[i] = sum / p;
    }
}

static void gradient(const cost *c, int64_t rows, const real *x, const real *y, real *out) {
    real p = (real)c->parameters[P];
    for (int64_t i = 0; i < rows * c->dim; i++) out[i] = signed_power(y[i] - x[i], p - 1);
}

static void conjugate(const cost *c, int64_t rows, const real *u, real *out) {
    real q = conjugate_exponent(c);
    for (int64_t i = 0; i < rows * c->dim; i++) out[i] = signed_power(u[i], q - 1);
}

/* For q < 2 the second derivative is unbounded at 0: there the product is taken as 0, the middle of the signs around. */
static void conjugate_product(const cost *c, int64_t rows, const real *u, const real *v, real *out) {
    real q = conjugate_exponent(c);
    for (int64_t i = 0; i < rows * c->dim; i++)
        out[i] = u[i] == 0 && q < 2 ? 0 : (q - 1) * pow(fabs(u[i]), q - 2) * v[i];
}

static double degree(const cost *c) { return c->parameters[P]; }

const cost_kind cost_pnorm = {
    .name = "pnorm",
    .formula = "|x - y|_p^p / p",
    .parameters = {{"p", 2, 1, 1e300, 0}},
    .translation_invariant = 1,
    .prefers_field = 1,
    .degree = degree,
    .value = value,
    .gradient = gradient,
    .conjugate = conjugate,
    .conjugate_product = conjugate_product,
};
