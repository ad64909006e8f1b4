/*
 * The functions of costs h(z) = sum of rho/2 z_j^2 + lam |z_j|: displacements with exact zeros (Cuturi, Klein, Ablin 2023). grad h* is the
 * proximal map of lam/rho |.|_1 at u / rho: soft thresholding. Arguments as in cost_kind.
 */
#ifndef ENOT_COST_SOFT_THRESHOLD_H
#define ENOT_COST_SOFT_THRESHOLD_H

#include <stdint.h>

#include "core/real.h"

typedef struct soft_threshold {
    int64_t dim;
    real rho, lam;
} soft_threshold;

void soft_threshold_value(const soft_threshold *h, int64_t rows, const real *x, const real *y, real *out);
void soft_threshold_gradient(const soft_threshold *h, int64_t rows, const real *x, const real *y, real *out);
void soft_threshold_conjugate(const soft_threshold *h, int64_t rows, const real *u, real *out);
void soft_threshold_conjugate_product(const soft_threshold *h, int64_t rows, const real *u, const real *v, real *out);

#endif
