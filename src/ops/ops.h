/*
 * Numeric kernels behind one table. ops/gemm_reference.c and the portable build of ops/kernels.inc are the specification; the
 * others give the same results within rounding. Matrices are row-major. A kernel runs on the calling thread alone.
 */
#ifndef ENOT_OPS_OPS_H
#define ENOT_OPS_OPS_H

#include <stdint.h>

#include "core/real.h"
#include "ops/activation.h"

/* Constants of one Adam(W) update; correction1, correction2: 1 / (1 - beta^t). */
typedef struct ops_adam {
    real learning_rate, beta1, beta2, epsilon, weight_decay, correction1, correction2;
} ops_adam;

/* c[m,n] = op(a) op(b) + beta c, op(a) [m,k], op(b) [k,n]; ld*: distance between rows of the stored matrices. */
typedef void (*ops_gemm)(int transpose_a, int transpose_b, int64_t m, int64_t n, int64_t k, const real *a, int64_t lda,
                         const real *b, int64_t ldb, real beta, real *c, int64_t ldc);

typedef struct ops_kernels {
    /* z[rows,width] += bias, then z = s(z) in place; slope = s', curvature = s''. */
    void (*activate)(activation kind, int64_t rows, int64_t width, const real *bias, real *z, real *slope, real *curvature);
    /* out = a * b elementwise; out may be a or b. */
    void (*multiply)(int64_t count, const real *a, const real *b, real *out);
    /* Tangent through an activation: curvature *= z_tangent * back; z_tangent *= slope. */
    void (*tangent)(int64_t count, const real *slope, const real *back, real *z_tangent, real *curvature);
    /* e = slope * e + bend. */
    void (*adjoint)(int64_t count, const real *slope, const real *bend, real *e);
    /* rows of m[rows,width] *= scale[row]. */
    void (*scale_rows)(int64_t rows, int64_t width, const real *scale, real *m);
    /* out[rows,width] = m * scale[column]. */
    void (*scale_columns)(int64_t rows, int64_t width, const real *scale, const real *m, real *out);
    /* out[width] = sum of the rows of m and of other (NULL: none), both with rows stride apart. */
    void (*sum_rows)(int64_t rows, int64_t width, const real *m, const real *other, int64_t stride, real *out);
    /* Adam with bias correction (Kingma and Ba 2015), decoupled weight decay (Loshchilov and Hutter 2019). */
    void (*adam)(int64_t count, const ops_adam *constants, const real *gradient, real *moment1, real *moment2, real *weight);
    /* average = decay average + (1 - decay) weight. */
    void (*average)(int64_t count, real decay, const real *weight, real *average);
    /* Standard normals of (seed, stream, row): out[count] = draws number 0 .. count - 1. */
    void (*normals)(uint64_t seed, uint32_t stream, uint64_t row, int64_t count, real *out);
} ops_kernels;

typedef struct ops {
    const char *description; /* names the kernels and why they were chosen, one line */
    ops_gemm gemm;
    const ops_kernels *kernels;
} ops;

/* The best for this processor, or what the environment variable ENOT_ISA (portable, avx2, avx512) asks for if it can run. */
const ops *ops_select(void);

/* The specification: plain loops. */
const ops *ops_reference(void);

extern const ops_kernels ops_kernels_portable;
#ifdef __x86_64__
extern const ops_kernels ops_kernels_avx2;
extern const ops_kernels ops_kernels_avx512;
#endif

void gemm_reference(int transpose_a, int transpose_b, int64_t m, int64_t n, int64_t k, const real *a, int64_t lda,
                    const real *b, int64_t ldb, real beta, real *c, int64_t ldc);
#if defined(ENOT_HAVE_DNNL) && !defined(ENOT_REAL_DOUBLE)
void gemm_dnnl(int transpose_a, int transpose_b, int64_t m, int64_t n, int64_t k, const real *a, int64_t lda, const real *b,
               int64_t ldb, real beta, real *c, int64_t ldc);
#endif

#endif
