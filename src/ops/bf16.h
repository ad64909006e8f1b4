/*
 * Products of matrices rounded to bf16 (the upper half of a float: its range, eight significant bits) and summed in float. The
 * operands lie as both the tiles of Intel's AMX (PANEL numbers are the 64 bytes of a tile's row) and the dot products of AVX-512
 * read them. Rows and k are filled up to whole panels, k with zeros.
 *   left   a[rows, k] in panels of k, each [rows, PANEL]
 *   right  one panel b[k, PANEL] as [k / 2, PANEL, 2]: two rows side by side
 * As in ops/ops.h a kernel runs on the calling thread alone. The build in double has none.
 */
#ifndef ENOT_OPS_BF16_H
#define ENOT_OPS_BF16_H

#include "core/context.h"
#include "ops/ops.h"

typedef uint16_t bf16;

/* right operands one after the other; rows: of each, whole panels */
typedef struct bf16_panels {
    bf16 *at;
    int64_t rows;
} bf16_panels;

/* Rows filled up. */
static inline int64_t bf16_rows(int64_t rows) { return panels_count(rows) * PANEL; }

static inline bf16 *bf16_panels_at(bf16_panels m, int64_t index) { return m.at + index * m.rows * PANEL; }

typedef struct bf16_ops {
    const char *name;
    /* One panel of a left operand: the first columns of the panel m[rows, PANEL] rounded to nearest even, zero beyond. */
    void (*round_left)(int64_t rows, int64_t columns, const real *m, bf16 *out);
    /* A right operand of bf16_rows(rows) rows: the panel m[rows, PANEL] rounded, zero beyond. */
    void (*round_right)(int64_t rows, const real *m, bf16 *out);
    /*
     * The left operand of product_transposed, from a panel m[rows, PANEL] whose columns are its rows: bf16_rows(rows) * PANEL
     * numbers, laid out as the kernel likes; several one after the other are one of as many more k.
     */
    void (*round_transposed)(const ops *ops, int64_t rows, const real *m, bf16 *out);
    /* Before products and after them, on the same thread. */
    void (*enter)(void);
    void (*leave)(void);
    /* c[rows, columns] = a b, or += it if accumulate; columns <= PANEL, c row-major with rows ldc apart, a's panels a_stride. */
    void (*product)(int64_t rows, int64_t columns, int64_t k, const bf16 *a, int64_t a_stride, const bf16 *b, int accumulate,
                    real *c, int64_t ldc);
    /* The same with a left operand of round_transposed, rows <= PANEL. */
    void (*product_transposed)(int64_t rows, int64_t columns, int64_t k, const bf16 *a, const bf16 *b, int accumulate, real *c,
                               int64_t ldc);
} bf16_ops;

/* The processor's matrix units, or its dot products, if it has them and the system lets this process use them; else NULL. */
const bf16_ops *bf16_fast(void);

/* The same, or else the arithmetic of the matrix units emulated, with a warning that it is slow. */
const bf16_ops *bf16_select(enot_context *context);

extern const bf16_ops bf16_emulated;
#ifdef __x86_64__
extern const bf16_ops bf16_amx;
extern const bf16_ops bf16_dot;
#endif

#endif
