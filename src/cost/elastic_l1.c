#include "cost/cost.h"
#include "cost/soft_threshold.h"

/* h(z) = rho/2 |z|^2 + lam |z|_1 (Cuturi, Klein, Ablin 2023) */
enum { RHO, LAM };

static soft_threshold threshold_of(const cost *c) {
    return (soft_threshold){c->dim, (real)c->parameters[RHO], (real)c->parameters[LAM]};
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

/* rho/2 s^2|z|^2 + lam s|z|_1 = s^2 (rho/2 |z|^2 + lam/s |z|_1) */
static void rescale(double *parameters, double unit) { parameters[LAM] /= unit; }

static double degree(const cost *c) { return 2; }

const cost_kind cost_elastic_l1 = {
    .name = "elastic_l1",
    .formula = "rho/2 |x - y|^2 + lam |x - y|_1",
    .parameters = {{"rho", 1, 0, 1e300, 0}, {"lam", 1, 0, 1e300, 1}},
    .translation_invariant = 1,
    .rescale = rescale,
    .degree = degree,
    .value = value,
    .gradient = gradient,
    .conjugate = conjugate,
    .conjugate_product = conjugate_product,
};
