/*
 * Householder reflections, a panel of columns at a time: their product is I - V T V^T (Schreiber and Van Loan 1989), which other
 * panels meet as three matrix products. Unlike methods that work with the Gram matrix this needs no care where columns nearly
 * depend on one another.
 */
#include "train/optimizers/orthogonal.h"

#include <string.h>

enum { SQUARE = PANEL * PANEL };

/* The reflections of one panel. */
typedef struct reflections {
    panels v;              /* of a matrix; row first is the first that they change */
    int64_t index, first, rows, columns;
    real *minus, *flipped; /* -T [PANEL, PANEL], upper triangular, and its transpose */
} reflections;

int64_t orthogonal_scratch(int64_t n) { return panels_count(n) * 2 * SQUARE + n * PANEL; }

static reflections reflections_at(int64_t n, panels m, int64_t index, real *scratch) {
    real *minus = scratch + n * PANEL + index * 2 * SQUARE;
    return (reflections){m, index, index * PANEL, n - index * PANEL, panels_columns(n, index), minus, minus + SQUARE};
}

static real *own_panel(const reflections *r) { return panels_at(r->v, r->index) + r->first * PANEL; }

/* T from the factors: T = [T', -f T' V'^T v; 0, f] as columns v are added. */
static void accumulate_reflections(const ops *ops, const reflections *r, const real *factors) {
    real gram[SQUARE] __attribute__((aligned(64))), *t = r->minus, *v = own_panel(r);
    ops->product_transposed(r->columns, r->columns, r->rows, &(ops_pair){v, v, v, 0}, 1, 0, gram, PANEL);
    memset(t, 0, 2 * SQUARE * sizeof *t);
    for (int64_t j = 0; j < r->columns; j++) {
        for (int64_t i = 0; i < j; i++)
            for (int64_t k = i; k < j; k++) t[i * PANEL + j] -= factors[j] * t[i * PANEL + k] * gram[k * PANEL + j];
        t[j * PANEL + j] = factors[j];
    }
    for (int64_t i = 0; i < SQUARE; i++) t[i] = -t[i];
    ops->transpose(PANEL, PANEL, t, PANEL, r->flipped);
}

/* Panel c -= V T V^T c, or the transpose's if flip. moved [n, PANEL] is scratch. */
static void apply_reflections(const ops *ops, const reflections *r, int flip, real *c, int64_t columns, real *moved) {
    real inner[SQUARE] __attribute__((aligned(64))) = {0}, outer[SQUARE] __attribute__((aligned(64)));
    real *v = own_panel(r), *below = c + r->first * PANEL;
    ops->product_transposed(r->columns, columns, r->rows, &(ops_pair){v, below, below, 0}, 1, 0, inner, PANEL);
    ops->product(r->columns, columns, r->columns, flip ? r->flipped : r->minus, SQUARE, inner, outer, inner, 0);
    ops->product(r->rows, columns, r->columns, v, 0, outer, moved, outer, 0);
    ops->add(r->rows * PANEL, moved, below);
}

static void set_identity(int64_t n, panels q) {
    memset(q.at, 0, (size_t)panels_size(n, n) * sizeof *q.at);
    for (int64_t i = 0; i < n; i++) panels_at(q, i / PANEL)[i * PANEL + i % PANEL] = 1;
}

void orthogonal_factor(const ops *ops, int64_t n, panels m, panels q, real *scratch) {
    int64_t count = panels_count(n);
    for (int64_t p = 0; p < count; p++) {
        real factors[PANEL];
        reflections r = reflections_at(n, m, p, scratch);
        ops->reflect(r.rows, r.columns, own_panel(&r), factors);
        accumulate_reflections(ops, &r, factors);
        for (int64_t c = p + 1; c < count; c++) apply_reflections(ops, &r, 1, panels_at(m, c), panels_columns(n, c), scratch);
    }
    set_identity(n, q);
    for (int64_t p = count - 1; p >= 0; p--) {
        reflections r = reflections_at(n, m, p, scratch);
        for (int64_t c = p; c < count; c++) apply_reflections(ops, &r, 0, panels_at(q, c), panels_columns(n, c), scratch);
    }
}
