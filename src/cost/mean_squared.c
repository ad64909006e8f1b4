#include "cost/cost.h"
#include "cost/soft_threshold.h"

/*
 * h(z) = mean of z_j^2 + A |z_j| over the columns: of one size at every number of them, and so is the lambda that suits it. It is
 * elastic_l1 with rho = 2 / dim and lam = A / dim.
 */
enum { ABSOLUTE };

static soft_threshold threshold_of(const cost *c) {
    return (soft_threshold){c->dim, (real)(2 / (double)c->dim), (real)(c->parameters[ABSOLUTE] / (double)c->dim)};
}

static void value(const cost *c, int64_t rows, const real *x, const real *y, real *out) {
    soft_threshold h = threshold_of(c);
    soft_threshold_value(&h, rows, x, y, out);
}

static void gradient(const cost *c, int64_t rows, const real *x, const real *y, real *out) {
    soft_threshold h = threshold_of(c);
    soft_threshold_gradient(&h, rows, x, y, out);
}

static void conjugate(const cost *c, int64_t rows, const real *u, real *out) {
    soft_threshold h = threshold_of(c);
    soft_threshold_conjugate(&h, rows, u, out);
}

static void conjugate_product(const cost *c, int64_t rows, const real *u, const real *v, real *out) {
    soft_threshold h = threshold_of(c);
    soft_threshold_conjugate_product(&h, rows, u, v, out);
}

/* s^2 z^2 + A s|z| = s^2 (z^2 + A/s |z|) */
static void rescale(double *parameters, double unit) { parameters[ABSOLUTE] /= unit; }

static double degree(const cost *c) { return 2; }

const cost_kind cost_mean_squared = {
    .name = "mean_squared",
    .formula = "mean of z^2 + absolute |z| over the columns, z = x - y",
    .parameters = {{"absolute", 0, 0, 1e300, 1}},
    .translation_invariant = 1,
    .rescale = rescale,
    .degree = degree,
    .value = value,
    .gradient = gradient,
    .conjugate = conjugate,
    .conjugate_product = conjugate_product,
};
