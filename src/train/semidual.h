/*
 * How much transport cost a potential certifies: its semi-dual S(g) = mean over x of min_y (c(x, y) - g(y)), plus mean g(y), in inner units. It is at
 * most the transport cost, which the optimal g alone reaches (Villani 2009, theorem 5.10), whatever T is; on rows that no
 * training has seen it falls when g begins to remember those that it has.
 */
#ifndef ENOT_TRAIN_SEMIDUAL_H
#define ENOT_TRAIN_SEMIDUAL_H

#include "net/architecture.h"
#include "net/transport.h"

/* Most rows of x whose minimum is looked for. */
#define SEMIDUAL_ROWS 512

typedef struct semidual_rows {
    const real *x, *moved, *y; /* [n, dim], T(x), [m, dim], inner coordinates; n is at most SEMIDUAL_ROWS */
    int64_t n, m;
} semidual_rows;

/*
 * g: fully connected. *value = S(g); terms[n + m]: the minima, then g(y). A minimum is looked for from T(x) on, in a few steps of L-BFGS: one that is not reached counts as higher
 * than it is.
 */
enot_status semidual_find(enot_context *context, const transport *t, const architecture *g, const real *weights,
                          const semidual_rows *rows, double *value, double *terms);

#endif
