#include <tgmath.h>

#include "cost/cost.h"

/*
 * h(z) = rho (|z|^2 / 2 + R(z)) with the soft threshold's vanishing shrinkage (Schreck et al. 2015), t = lam / rho:
 * R(z) = t^2 sum of a + 1/2 - exp(-2a)/2, a = asinh(|z_j| / 2t). Zeros as under elastic_l1, but long ways are hardly shortened:
 * grad h*(u) = w (1 - (t/w)^2)_+, w = u / rho.
 */
enum { RHO, LAM };

static real threshold(const cost *c) { return (real)(c->parameters[LAM] / c->parameters[RHO]); }

/* exp(a) = s + sqrt(s^2 + 1), s = |z_j| / 2t */
static void value(const cost *c, int64_t rows, const real *x, const real *y, real *out) {
    real rho = (real)c->parameters[RHO], t = threshold(c);
    for (int64_t i = 0; i < rows; i++, x += c->dim, y += c->dim) {
        real sum = 0;
        for (int64_t j = 0; j < c->dim; j++) {
            real z = fabs(x[j] - y[j]), s = z / (2 * t), growth = s + sqrt(s * s + 1);
            sum += z * z / 2 + t * t * (log(growth) + (1 - 1 / (growth * growth)) / 2);
        }
        out[i] = rho * sum;
    }
}

/* Of |z_j|: z + 2 t^2 / (z + sqrt(z^2 + 4 t^2)), the second term being t^2 / w. */
static void gradient(const cost *c, int64_t rows, const real *x, const real *y, real *out) {
    real rho = (real)c->parameters[RHO], t = threshold(c);
    for (int64_t i = 0; i < rows * c->dim; i++) {
        real z = y[i] - x[i], size = fabs(z), slope = size + 2 * t * t / (size + sqrt(size * size + 4 * t * t));
        out[i] = z == 0 ? 0 : copysign(rho * slope, z);
    }
}

static void conjugate(const cost *c, int64_t rows, const real *u, real *out) {
    real rho = (real)c->parameters[RHO], t = threshold(c);
    for (int64_t i = 0; i < rows * c->dim; i++) {
        real w = u[i] / rho;
        out[i] = fabs(w) > t ? w - t * t / w : 0;
    }
}

static void conjugate_product(const cost *c, int64_t rows, const real *u, const real *v, real *out) {
    real rho = (real)c->parameters[RHO], t = threshold(c);
    for (int64_t i = 0; i < rows * c->dim; i++) {
        real w = u[i] / rho;
        out[i] = fabs(w) > t ? v[i] / rho * (1 + t * t / (w * w)) : 0;
    }
}

static void rescale(double *parameters, double unit) { parameters[LAM] /= unit; }

static double degree(const cost *c) { return 2; }

const cost_kind cost_elastic_stvs = {
    .name = "elastic_stvs",
    .formula = "rho (|z|^2/2 + t^2 sum of a + (1 - exp(-2a))/2), a = asinh(|z_j|/2t), t = lam/rho, z = x - y",
    .parameters = {{"rho", 1, 0, 1e300, 0}, {"lam", 1, 0, 1e300, 0}},
    .translation_invariant = 1,
    .rescale = rescale,
    .degree = degree,
    .value = value,
    .gradient = gradient,
    .conjugate = conjugate,
    .conjugate_product = conjugate_product,
};
