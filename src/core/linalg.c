#include "core/linalg.h"

#include <lapacke.h>

#include "core/memory.h"

static enot_status check_size(enot_context *context, int64_t n) {
    const int64_t largest = 46340; /* n * n must fit LAPACK's 32-bit integers */
    if (n <= largest) return ENOT_OK;
    return context_fail(context, ENOT_ERR_ARGUMENT, "%lld columns: at most %lld can be decomposed", (long long)n,
                        (long long)largest);
}

enot_status linalg_cholesky(enot_context *context, int64_t n, double *matrix) {
    TRY(check_size(context, n));
    /* LAPACK reads by columns, so that its upper triangle is the lower one here. */
    lapack_int info = LAPACKE_dpotrf(LAPACK_COL_MAJOR, 'U', (lapack_int)n, matrix, (lapack_int)n);
    if (info != 0)
        return context_fail(context, ENOT_ERR_DATA, "a covariance of %lld columns is not positive definite (column %d)",
                            (long long)n, (int)info);
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = i + 1; j < n; j++) matrix[i * n + j] = 0;
    return ENOT_OK;
}

enot_status linalg_svd(enot_context *context, int64_t n, double *columns, double *values, double *right) {
    TRY(check_size(context, n));
    lapack_int size = (lapack_int)n;
    double facts[6] = {0}; /* facts[0]: what values must be multiplied with; the rest counts rotations */
    lapack_int info =
        LAPACKE_dgesvj(LAPACK_COL_MAJOR, 'G', 'U', 'V', size, size, columns, size, values, size, right, size, facts);
    if (info == LAPACK_WORK_MEMORY_ERROR)
        return context_fail_memory(context, (size_t)(6 + 2 * n) * sizeof(double), "a singular value decomposition");
    if (info != 0)
        return context_fail(context, ENOT_ERR_DATA, "the singular value decomposition of %lld columns failed (code %d)",
                            (long long)n, (int)info);
    for (int64_t i = 0; i < n; i++) values[i] *= facts[0];
    return ENOT_OK;
}

enot_status linalg_eigen(enot_context *context, int64_t n, double *matrix, double *values) {
    TRY(check_size(context, n));
    lapack_int size = (lapack_int)n, info = LAPACKE_dsyevd(LAPACK_COL_MAJOR, 'V', 'U', size, matrix, size, values);
    if (info == LAPACK_WORK_MEMORY_ERROR)
        return context_fail_memory(context, (size_t)(1 + 6 * n + 2 * n * n) * sizeof(double), "an eigendecomposition");
    if (info != 0)
        return context_fail(context, ENOT_ERR_DATA, "the eigendecomposition of %lld columns failed (code %d)",
                            (long long)n, (int)info);
    return ENOT_OK;
}

enot_status linalg_singular_values(enot_context *context, int64_t n, double *matrix, double *values) {
    TRY(check_size(context, n));
    double unused; /* no singular vectors are asked for */
    lapack_int size = (lapack_int)n;
    lapack_int info = LAPACKE_dgesdd(LAPACK_COL_MAJOR, 'N', size, size, matrix, size, values, &unused, 1, &unused, 1);
    if (info == LAPACK_WORK_MEMORY_ERROR)
        return context_fail_memory(context, (size_t)(11 * n) * sizeof(double), "singular values");
    if (info != 0)
        return context_fail(context, ENOT_ERR_DATA, "the singular values of %lld columns were not found (code %d)",
                            (long long)n, (int)info);
    return ENOT_OK;
}
