#include "cost/soft_threshold.h"

#include <tgmath.h>

#include "core/clones.h"
#include "cost/square.h"

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

CLONES void soft_threshold_value(const soft_threshold *h, int64_t rows, const real *x, const real *y, real *out) {
    for (int64_t i = 0; i < rows; i++, x += h->dim, y += h->dim) {
        out[i] = h->rho / 2 * square_distance(h->dim, x, y);
        if (h->lam > 0) out[i] += h->lam * absolute_distance(h->dim, x, y);
    }
}

void soft_threshold_gradient(const soft_threshold *h, int64_t rows, const real *x, const real *y, real *out) {
    for (int64_t i = 0; i < rows * h->dim; i++) {
        real z = x[i] - y[i];
        out[i] = -(h->rho * z + h->lam * sign(z));
    }
}

void soft_threshold_conjugate(const soft_threshold *h, int64_t rows, const real *u, real *out) {
    for (int64_t i = 0; i < rows * h->dim; i++) {
        real excess = fabs(u[i]) - h->lam;
        out[i] = excess > 0 ? sign(u[i]) * excess / h->rho : 0;
    }
}

void soft_threshold_conjugate_product(const soft_threshold *h, int64_t rows, const real *u, const real *v, real *out) {
    for (int64_t i = 0; i < rows * h->dim; i++) out[i] = fabs(u[i]) > h->lam ? v[i] / h->rho : 0;
}
