#include "ops/ops.h"

static void scale_row(int64_t n, real beta, real *c) {
    for (int64_t j = 0; j < n; j++) c[j] = beta == 0 ? 0 : beta * c[j];
}

void gemm_reference(int transpose_a, int transpose_b, int64_t m, int64_t n, int64_t k, const real *a, int64_t lda,
                    const real *b, int64_t ldb, real beta, real *c, int64_t ldc) {
    for (int64_t i = 0; i < m; i++) {
        scale_row(n, beta, c + i * ldc);
        for (int64_t l = 0; l < k; l++) {
            real value = transpose_a ? a[l * lda + i] : a[i * lda + l];
            const real *row = transpose_b ? b + l : b + l * ldb;
            int64_t step = transpose_b ? ldb : 1;
            for (int64_t j = 0; j < n; j++) c[i * ldc + j] += value * row[j * step];
        }
    }
}
