#include <tgmath.h>

#include "cost/cost.h"

/* h(z) = |z|_p^2 / 2, h*(u) = |u|_q^2 / 2 with 1/p + 1/q = 1. */
enum { P };

static double conjugate_exponent(const cost *c) { return c->parameters[P] / (c->parameters[P] - 1); }

static real norm(int64_t dim, const real *z, real p) {
    real largest = 0, sum = 0;
    for (int64_t j = 0; j < dim; j++) largest = fmax(largest, fabs(z[j]));
    if (largest == 0) return 0;
    for (int64_t j = 0; j < dim; j++) sum += pow(fabs(z[j]) / largest, p);
    return largest * pow(sum, 1 / p);
}

/* out = gradient of |z|_p^2 / 2 = |z|_p sign(z) (|z_j| / |z|_p)^(p-1) */
static void half_square_gradient(int64_t dim, const real *z, real p, real *out) {
    real length = norm(dim, z, p);
    for (int64_t j = 0; j < dim; j++)
        out[j] = length > 0 ? length * copysign(pow(fabs(z[j]) / length, p - 1), z[j]) : 0;
}

static void value(const cost *c, int64_t rows, const real *x, const real *y, real *out) {
    real p = (real)c->parameters[P];
    for (int64_t i = 0; i < rows; i++, x += c->dim, y += c->dim) {
        real largest = 0, sum = 0;
        for (int64_t j = 0; j < c->dim; j++) largest = fmax(largest, fabs(x[j] - y[j]));
        for (int64_t j = 0; largest > 0 && j < c->dim; j++) sum += pow(fabs(x[j] - y[j]) / largest, p);
        real length = largest * pow(sum, 1 / p);
        out[i] = length * length / 2;
    }
}

static void gradient(const cost *c, int64_t rows, const real *x, const real *y, real *out) {
    for (int64_t i = 0; i < rows; i++, x += c->dim, y += c->dim, out += c->dim) {
        for (int64_t j = 0; j < c->dim; j++) out[j] = y[j] - x[j];
        half_square_gradient(c->dim, out, (real)c->parameters[P], out);
    }
}

static void conjugate(const cost *c, int64_t rows, const real *u, real *out) {
    real q = (real)conjugate_exponent(c);
    for (int64_t i = 0; i < rows; i++) half_square_gradient(c->dim, u + i * c->dim, q, out + i * c->dim);
}

/* With r_j = sign(u_j) (|u_j| / |u|_q)^(q-1): H v = (2 - q) r <r, v> + (q - 1) (|u_j| / |u|_q)^(q-2) v_j. */
static void conjugate_product(const cost *c, int64_t rows, const real *u, const real *v, real *out) {
    real q = (real)conjugate_exponent(c);
    for (int64_t i = 0; i < rows; i++, u += c->dim, v += c->dim, out += c->dim) {
        real length = norm(c->dim, u, q), along = 0;
        for (int64_t j = 0; length > 0 && j < c->dim; j++) {
            out[j] = copysign(pow(fabs(u[j]) / length, q - 1), u[j]);
            along += out[j] * v[j];
        }
        for (int64_t j = 0; j < c->dim; j++) {
            if (length == 0 || u[j] == 0) {
                out[j] = 0;
                continue;
            }
            out[j] = (2 - q) * out[j] * along + (q - 1) * pow(fabs(u[j]) / length, q - 2) * v[j];
        }
    }
}

static double degree(const cost *c) { return 2; }

const cost_kind cost_sq_pnorm = {
    .name = "sq_pnorm",
    .formula = "|x - y|_p^2 / 2",
    .parameters = {{"p", 2, 1, 1e300, 0}},
    .translation_invariant = 1,
    .prefers_field = 1,
    .degree = degree,
    .value = value,
    .gradient = gradient,
    .conjugate = conjugate,
    .conjugate_product = conjugate_product,
};
