/* The specification of the kernels: products and transposition as plain loops. */
#include "ops/ops.h"

static void product(int64_t rows, int64_t columns, int64_t k, const real *a, int64_t a_stride, const real *b, real *c,
                    const real *next, int64_t next_count) {
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < PANEL; j++) {
            real sum = 0;
            for (int64_t p = 0; p < k && j < columns; p++) sum += a[p / PANEL * a_stride + i * PANEL + p % PANEL] * b[p * PANEL + j];
            c[i * PANEL + j] = sum;
        }
}

static void product_transposed(int64_t units, int64_t columns, int64_t rows, const ops_pair *pairs, int pair_count,
                               int accumulate, real *c, int64_t ldc) {
    for (int64_t i = 0; i < units; i++)
        for (int64_t j = 0; j < columns; j++) {
            real sum = 0;
            for (int64_t p = 0; p < pair_count * rows; p++)
                sum += pairs[p / rows].left[p % rows * PANEL + i] * pairs[p / rows].right[p % rows * PANEL + j];
            c[i * ldc + j] = accumulate ? c[i * ldc + j] + sum : sum;
        }
}

static void transpose(int64_t rows, int64_t columns, const real *m, int64_t ldm, real *out) {
    for (int64_t j = 0; j < rows; j++)
        for (int64_t i = 0; i < columns; i++) out[i * PANEL + j] = m[j * ldm + i];
}

#define KERNELS ops_reference
#include "ops/elementwise.inc"
