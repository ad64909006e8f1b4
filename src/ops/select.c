#include <stdlib.h>
#include <string.h>

#include "core/context.h"
#include "ops/ops.h"

#if defined(ENOT_HAVE_DNNL) && !defined(ENOT_REAL_DOUBLE)
#define BEST_GEMM gemm_dnnl
#define BEST_GEMM_NAME "matrix products: oneDNN"
#else
#define BEST_GEMM gemm_reference
#define BEST_GEMM_NAME "matrix products: plain C (built without oneDNN)"
#endif

typedef enum isa { ISA_PORTABLE, ISA_AVX2, ISA_AVX512, ISA_COUNT } isa;

static const char *const ISA_NAMES[ISA_COUNT] = {"portable", "avx2", "avx512"};

#ifdef __x86_64__
#define KERNELS_AVX2 &ops_kernels_avx2
#define KERNELS_AVX512 &ops_kernels_avx512
#else
#define KERNELS_AVX2 &ops_kernels_portable
#define KERNELS_AVX512 &ops_kernels_portable
#endif

/* [chosen by the environment][isa] */
static const ops TABLE[2][ISA_COUNT] = {
    {{BEST_GEMM_NAME "; elementwise: portable, this processor has no AVX2", BEST_GEMM, &ops_kernels_portable},
     {BEST_GEMM_NAME "; elementwise: avx2, the best this processor has", BEST_GEMM, KERNELS_AVX2},
     {BEST_GEMM_NAME "; elementwise: avx512, the best this processor has", BEST_GEMM, KERNELS_AVX512}},
    {{BEST_GEMM_NAME "; elementwise: portable, as ENOT_ISA asks", BEST_GEMM, &ops_kernels_portable},
     {BEST_GEMM_NAME "; elementwise: avx2, as ENOT_ISA asks", BEST_GEMM, KERNELS_AVX2},
     {BEST_GEMM_NAME "; elementwise: avx512, as ENOT_ISA asks", BEST_GEMM, KERNELS_AVX512}},
};

static isa best_isa(void) {
#ifdef __x86_64__
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl"))
        return ISA_AVX512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return ISA_AVX2;
#endif
    return ISA_PORTABLE;
}

const ops *ops_select(void) {
    isa best = best_isa();
    const char *asked = getenv("ENOT_ISA");
    for (int i = 0; asked && i <= (int)best; i++)
        if (strcmp(asked, ISA_NAMES[i]) == 0) return &TABLE[1][i];
    return &TABLE[0][best];
}

const ops *ops_reference(void) {
    static const ops reference = {"matrix products and elementwise: plain C, the specification", gemm_reference,
                                  &ops_kernels_portable};
    return &reference;
}

const char *enot_context_kernels(const enot_context *context) { return ops_select()->description; }
