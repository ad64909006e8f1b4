/*
 * Numeric kernels behind one table. ops_reference is the specification; the others give the same results within rounding. A
 * kernel runs on the calling thread alone. Matrices are in panels (ops/panels.h) where nothing else is said.
 */
#ifndef ENOT_OPS_OPS_H
#define ENOT_OPS_OPS_H

#include "ops/activation.h"
#include "ops/panels.h"

/* Constants of one Adam(W) update; correction1, correction2: 1 / (1 - beta^t); averaging: decay of the weights' average. */
typedef struct ops_adam {
    real learning_rate, beta1, beta2, epsilon, weight_decay, correction1, correction2, averaging;
} ops_adam;

/* The vectors of an Adam update. */
typedef struct ops_adam_state {
    const real *gradient;
    real *moment1, *moment2, *weight, *average;
} ops_adam_state;

/* One panel each: left[rows, units], right[rows, columns]; next as in product. */
#define OPS_PAIRS_MOST 3
typedef struct ops_pair {
    const real *left, *right, *next;
    int64_t next_count;
} ops_pair;

typedef struct ops {
    /*
     * One panel of a product: c[rows, PANEL] = a[rows, k] b[k, columns], a in panels a_stride apart, b one panel that is zero
     * beyond columns; so is c. Meanwhile next[next_count], what will be read soon, is brought nearer.
     */
    void (*product)(int64_t rows, int64_t columns, int64_t k, const real *a, int64_t a_stride, const real *b, real *c,
                    const real *next, int64_t next_count);
    /* c[units, columns] = the sum of the pairs' left^T right, or += it if accumulate; c row-major with rows ldc apart. */
    void (*product_transposed)(int64_t units, int64_t columns, int64_t rows, const ops_pair *pairs, int pair_count,
                               int accumulate, real *c, int64_t ldc);
    /* One panel out[columns, rows] = m^T, m[rows, columns] row-major with rows ldm apart, rows <= PANEL. */
    void (*transpose)(int64_t rows, int64_t columns, const real *m, int64_t ldm, real *out);
    /* One panel z[rows, PANEL] += bias[PANEL], then z = s(z) in place; slope = s', curvature = s'' unless NULL. */
    void (*activate)(activation kind, int64_t rows, const real *bias, real *z, real *slope, real *curvature);
    /* Back through an activation: curvature *= e unless NULL; e *= slope. */
    void (*backward)(int64_t count, const real *slope, real *curvature, real *e);
    /* Tangent through an activation: bend = curvature * z_tangent, which may be in place; z_tangent *= slope. */
    void (*tangent)(int64_t count, const real *slope, const real *curvature, real *z_tangent, real *bend);
    /* e = slope * e + bend. */
    void (*adjoint)(int64_t count, const real *slope, const real *bend, real *e);
    /* Rows of one panel m[rows, PANEL] *= scale[row]. */
    void (*scale_rows)(int64_t rows, const real *scale, real *m);
    /* Of one panel: sum[rows, PANEL] += m, rows times scale[row]. */
    void (*add_rows)(int64_t rows, const real *scale, const real *m, real *sum);
    /* out[PANEL] += the rows of panel m and of panel other (NULL: none). */
    void (*sum_rows)(int64_t rows, const real *m, const real *other, real *out);
    /* sum += term. */
    void (*add)(int64_t count, const real *term, real *sum);
    /* Adam with bias correction (Kingma and Ba 2015), decoupled weight decay (Loshchilov and Hutter 2019), then the average. */
    void (*adam)(int64_t count, const ops_adam *constants, const ops_adam_state *state);
    /* One panel z[rows, PANEL] = cos(2 pi (z + phase[PANEL])), |z + phase| < 2^20. */
    void (*cosine)(int64_t rows, const real *phase, real *z);
    /* One panel g[rows, columns], a gradient, becomes Adam's direction; the moments are row-major with rows ld apart. */
    void (*adam_direction)(int64_t rows, int64_t columns, const ops_adam *constants, real *moment1, real *moment2, int64_t ld,
                           real *g);
    /* weight[rows, columns] -= rate * direction (one panel), then the average; both row-major with rows ld apart. */
    void (*descend)(int64_t rows, int64_t columns, real rate, real averaging, const real *direction, real *weight,
                    real *average, int64_t ld);
    /* mean += share * (term - mean). */
    void (*blend)(int64_t count, real share, const real *term, real *mean);
    /*
     * QR decomposition of one panel m[rows, columns], rows >= columns, by Householder reflections I - factors[j] v v^T: column j
     * becomes v, which is 0 above row j and 1 in it; what would be R is lost. A column that is left shorter than 1e-15 counts as
     * zeros and has the factor 0.
     */
    void (*reflect)(int64_t rows, int64_t columns, real *m, real *factors);
    /* Standard normals of (seed, stream, row): out[count] = draws number 0 .. count - 1. */
    void (*normals)(uint64_t seed, uint32_t stream, uint64_t row, int64_t count, real *out);
} ops;

/* The best for this processor, or what the environment variable ENOT_ISA (portable, avx2, avx512) asks for if it can run. */
const ops *ops_select(void);

/* The same in words: which kernels and why, one line. */
const char *ops_description(void);

extern const ops ops_reference;
extern const ops ops_portable;
#ifdef __x86_64__
extern const ops ops_avx2;
extern const ops ops_avx512;
#endif

#endif
