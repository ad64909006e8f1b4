#include "ops/ops.h"

#if defined(ENOT_HAVE_DNNL) && !defined(ENOT_REAL_DOUBLE)
#include <oneapi/dnnl/dnnl.h>

/* dnnl_sgemm fails only on arguments that no caller here can pass; the plain product then stands in for it. */
void gemm_dnnl(int transpose_a, int transpose_b, int64_t m, int64_t n, int64_t k, const real *a, int64_t lda, const real *b,
               int64_t ldb, real beta, real *c, int64_t ldc) {
    if (dnnl_sgemm(transpose_a ? 'T' : 'N', transpose_b ? 'T' : 'N', m, n, k, 1.0f, a, lda, b, ldb, beta, c, ldc) !=
        dnnl_success)
        gemm_reference(transpose_a, transpose_b, m, n, k, a, lda, b, ldb, beta, c, ldc);
}
#endif
