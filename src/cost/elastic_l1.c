#include <tgmath.h>

#include "cost/cost.h"

/*
 * h(z) = rho/2 |z|^2 + lam |z|_1 (Cuturi, Klein, Ablin 2023): displacements with exact zeros. grad h* is the proximal map of
 * lam/rho |.|_1 at u / rho: soft thresholding.
 */
enum { RHO, LAM };

static real sign(real z) { return (real)((z > 0) - (z < 0)); }

static void value(const cost *c, int64_t rows, const real *x, const real *y, real *out) {
    real rho = (real)c->parameters[RHO], lam = (real)c->parameters[LAM];
    for (int64_t i = 0; i < rows; i++, x += c->dim, y += c->dim) {
        real sum = 0;
        for (int64_t j = 0; j < c->dim; j++) {
            real z = x[j] - y[j];
            sum += rho / 2 * z * z + lam * fabs(z);
        }
        out[i] = sum;
    }
}

static void gradient(const cost *c, int64_t rows, const real *x, const real *y, real *out) {
    real rho = (real)c->parameters[RHO], lam = (real)c->parameters[LAM];
    for (int64_t i = 0; i < rows * c->dim; i++) {
        real z = x[i] - y[i];
        out[i] = -(rho * z + lam * sign(z));
    }
}

static void conjugate(const cost *c, int64_t rows, const real *u, real *out) {
    real rho = (real)c->parameters[RHO], lam = (real)c->parameters[LAM];
    for (int64_t i = 0; i < rows * c->dim; i++) {
        real excess = fabs(u[i]) - lam;
        out[i] = excess > 0 ? sign(u[i]) * excess / rho : 0;
    }
}

static void conjugate_product(const cost *c, int64_t rows, const real *u, const real *v, real *out) {
    real rho = (real)c->parameters[RHO], lam = (real)c->parameters[LAM];
    for (int64_t i = 0; i < rows * c->dim; i++) out[i] = fabs(u[i]) > lam ? v[i] / rho : 0;
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
