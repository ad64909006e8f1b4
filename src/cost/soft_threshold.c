/*
 * Costs h(z) = sum of rho/2 z_j^2 + lam |z_j|, z = x - y: displacements with exact zeros (Cuturi, Klein, Ablin 2023). grad h* is the
 * proximal map of lam/rho |.|_1 at u / rho: soft thresholding.
 *
 * elastic_l1 has rho and lam as parameters; mean_squared is the mean of z_j^2 + A |z_j| over the columns, of one size at every number of
 * them, and so is the lambda that suits it: rho = 2 / dim, lam = A / dim.
 */
#include <tgmath.h>

#include "core/clones.h"
#include "cost/cost.h"
#include "cost/square.h"

enum { RHO, LAM };
enum { ABSOLUTE };

typedef struct soft_threshold {
    int64_t dim;
    real rho, lam;
} soft_threshold;

static soft_threshold threshold_of(const cost *c) {
    const double *p = c->parameters, dim = (double)c->dim;
    if (c->kind == &cost_mean_squared) return (soft_threshold){c->dim, (real)(2 / dim), (real)(p[ABSOLUTE] / dim)};
    return (soft_threshold){c->dim, (real)p[RHO], (real)p[LAM]};
}

static real sign(real z) { return (real)((z > 0) - (z < 0)); }

static inline real absolute_distance(int64_t dim, const real *x, const real *y) {
    real sum = 0;
    if (dim < SQUARE_LANES) {
        for (int64_t j = 0; j < dim; j++) sum += fabs(x[j] - y[j]);
        return sum;
    }
#pragma omp simd reduction(+ : sum)
    for (int64_t j = 0; j < dim; j++) sum += fabs(x[j] - y[j]);
    return sum;
}

CLONES static void value(const cost *c, int64_t rows, const real *x, const real *y, real *out) {
    soft_threshold h = threshold_of(c);
    for (int64_t i = 0; i < rows; i++, x += h.dim, y += h.dim) {
        out[i] = h.rho / 2 * square_distance(h.dim, x, y);
        if (h.lam > 0) out[i] += h.lam * absolute_distance(h.dim, x, y);
    }
}

static void gradient(const cost *c, int64_t rows, const real *x, const real *y, real *out) {
    soft_threshold h = threshold_of(c);
    for (int64_t i = 0; i < rows * h.dim; i++) {
        real z = x[i] - y[i];
        out[i] = -(h.rho * z + h.lam * sign(z));
    }
}

static void conjugate(const cost *c, int64_t rows, const real *u, real *out) {
    soft_threshold h = threshold_of(c);
    for (int64_t i = 0; i < rows * h.dim; i++) {
        real excess = fabs(u[i]) - h.lam;
        out[i] = excess > 0 ? sign(u[i]) * excess / h.rho : 0;
    }
}

static void conjugate_product(const cost *c, int64_t rows, const real *u, const real *v, real *out) {
    soft_threshold h = threshold_of(c);
    for (int64_t i = 0; i < rows * h.dim; i++) out[i] = fabs(u[i]) > h.lam ? v[i] / h.rho : 0;
}

static double degree(const cost *c) { return 2; }

/* rho/2 s^2|z|^2 + lam s|z|_1 = s^2 (rho/2 |z|^2 + lam/s |z|_1) */
static void rescale_lam(double *parameters, double unit) { parameters[LAM] /= unit; }
static void rescale_absolute(double *parameters, double unit) { parameters[ABSOLUTE] /= unit; }

const cost_kind cost_elastic_l1 = {
    .name = "elastic_l1",
    .formula = "rho/2 |x - y|^2 + lam |x - y|_1",
    .parameters = {{"rho", 1, 0, 1e300, 0}, {"lam", 1, 0, 1e300, 1}},
    .translation_invariant = 1,
    .rescale = rescale_lam,
    .degree = degree,
    .value = value,
    .gradient = gradient,
    .conjugate = conjugate,
    .conjugate_product = conjugate_product,
};

const cost_kind cost_mean_squared = {
    .name = "mean_squared",
    .formula = "mean of z^2 + absolute |z| over the columns, z = x - y",
    .parameters = {{"absolute", 0, 0, 1e300, 1}},
    .translation_invariant = 1,
    .rescale = rescale_absolute,
    .degree = degree,
    .value = value,
    .gradient = gradient,
    .conjugate = conjugate,
    .conjugate_product = conjugate_product,
};
