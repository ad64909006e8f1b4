/*
 * The layout of every matrix that products read or write: panels of PANEL columns, each panel [rows, PANEL] in one piece, the
 * last one filled up. A block of rows of a panel is contiguous, so kernels neither stride nor meet remainders of a vector.
 */
#ifndef ENOT_OPS_PANELS_H
#define ENOT_OPS_PANELS_H

#include <stdint.h>

#include "core/real.h"

#define PANEL 32

/* [rows, width]; at[panels_count(width) * rows * PANEL] */
typedef struct panels {
    real *at;
    int64_t rows;
} panels;

static inline int64_t panels_count(int64_t width) { return (width + PANEL - 1) / PANEL; }

static inline int64_t panels_size(int64_t rows, int64_t width) { return panels_count(width) * rows * PANEL; }

/* The matrix that begins at *at, which is moved past it. */
static inline panels panels_take(real **at, int64_t rows, int64_t width) {
    panels m = {*at, rows};
    *at += panels_size(rows, width);
    return m;
}

/* Elements from one panel to the next. */
static inline int64_t panels_stride(panels m) { return m.rows * PANEL; }

/* Panel number index. */
static inline real *panels_at(panels m, int64_t index) { return m.at + index * m.rows * PANEL; }

/* Columns in use of panel number index. */
static inline int64_t panels_columns(int64_t width, int64_t index) {
    int64_t left = width - index * PANEL;
    return left < PANEL ? left : PANEL;
}

/* The first rows of m = rows[count, width] row-major, column j times scale[j] unless scale is NULL; and back, unscaled. */
void panels_from_rows(const real *rows, int64_t count, int64_t width, const real *scale, panels m);
void panels_to_rows(panels m, int64_t count, int64_t width, real *rows);

#endif
