/*
 * coordinates_enter for rows that are drawn all the time: the centring in double, where digits cancel, the matrix in real through
 * the product kernels.
 */
#ifndef ENOT_SPACE_ENTRY_H
#define ENOT_SPACE_ENTRY_H

#include "ops/ops.h"
#include "space/coordinates.h"

/* Numbers, rows filled up to whole panels, that enter at once. */
#define ENTRY_NUMBERS 8192

typedef struct entry {
    const ops *ops;
    int64_t dim;
    double *factor, *mean; /* [dim]: 1 / column; in column units */
    panels forward;        /* [dim, dim], transposed */
} entry;

/* Release *e also on failure. */
enot_status entry_create(enot_context *context, const coordinates *c, coordinates_side side, entry *e);
void entry_destroy(entry *e);

/* Most rows that enter at once, at least 1 up to ENTRY_NUMBERS columns. */
int64_t entry_rows(const entry *e);

/* points [count, dim] in the user's units, inner [count, dim], count <= entry_rows. A row's result depends on that row only. */
void entry_enter(const entry *e, const double *points, int64_t count, real *inner);

#endif
