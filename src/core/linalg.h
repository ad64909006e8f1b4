/* Dense linear algebra in double, through LAPACK. */
#ifndef ENOT_CORE_LINALG_H
#define ENOT_CORE_LINALG_H

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

/* matrix [n, n] symmetric: values ascend, row k of matrix becomes the unit eigenvector of values[k]. */
enot_status linalg_eigen(enot_context *context, int64_t n, double *matrix, double *values);

/* The singular values of matrix [n, n], descending, each to the accuracy of the largest; matrix is lost. Faster than
 * linalg_svd. */
enot_status linalg_singular_values(enot_context *context, int64_t n, double *matrix, double *values);

#endif
