/* Dense linear algebra in double, through LAPACK. */
#ifndef ENOT_SPACE_LINALG_H
#define ENOT_SPACE_LINALG_H

#include "core/context.h"

/* matrix [n, n], symmetric positive (else ENOT_ERR_DATA): its lower triangle becomes L, L L^T = matrix, the rest 0. */
enot_status linalg_cholesky(enot_context *context, int64_t n, double *matrix);

/*
 * W = U diag(values) V^T for a square W, values descending. One-sided Jacobi (dgesvj): small values are found to the
 * same relative accuracy as large ones where W's columns differ in scale and are otherwise well conditioned.
 *
 * columns: [n, n], row j holds column j of W; on return row j holds column j of U. right: [n, n], row j holds
 * column j of V.
 */
enot_status linalg_svd(enot_context *context, int64_t n, double *columns, double *values, double *right);

#endif
