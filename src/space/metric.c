#include "space/metric.h"

#include <lapacke.h>
#include <string.h>

static double square(int64_t dim, const double *a, const double *b) {
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int64_t i = 0; i < dim; i++) sum += (a[i] - b[i]) * (a[i] - b[i]);
    return sum;
}

double metric_square(const double *metric, int64_t dim, const double *a, const double *b) {
    if (!metric) return square(dim, a, b);
    double sum = 0;
    for (int64_t i = 0; i < dim; i++) {
        double row = 0;
        for (int64_t j = 0; j < dim; j++) row += metric[i * dim + j] * (a[j] - b[j]);
        sum += (a[i] - b[i]) * row;
    }
    return sum;
}

enot_status metric_root(enot_context *context, const double *metric, int64_t dim, double *root, double *inverse) {
    lapack_int n = (lapack_int)dim;
    for (int64_t i = 0; i < dim; i++)
        for (int64_t j = 0; j < dim; j++) root[i * dim + j] = j < i ? 0 : metric[i * dim + j];
    int failed = LAPACKE_dpotrf(LAPACK_ROW_MAJOR, 'U', n, root, n) != 0;
    memcpy(inverse, root, (size_t)(dim * dim) * sizeof *inverse);
    failed = failed || LAPACKE_dtrtri(LAPACK_ROW_MAJOR, 'U', 'N', n, inverse, n) != 0;
    if (!failed) return ENOT_OK;
    return context_fail(context, ENOT_ERR_DATA, "the matrix of the cost is not positive definite");
}
