/*
 * Functions of a point z in R^dim of about unit variance: its coordinates; their products by two if all of them find room; and
 * cosines cos(w z + b) of random frequencies over a few octaves (Rahimi and Recht 2007). In a row the cosines come first.
 */
#ifndef ENOT_TRAIN_FEATURES_H
#define ENOT_TRAIN_FEATURES_H

#include "core/context.h"
#include "ops/ops.h"

typedef struct features {
    const ops *ops;
    int64_t dim, count;
    int64_t products, cosines; /* of count */
    const real *scale;         /* [dim]: z = x * scale */
    panels frequency;          /* [dim, cosines], in turns */
    real *phase;               /* [cosines] and up to a whole panel, in turns */
} features;

/*
 * How many features the rows of a batch can tell apart: the coordinates alone where there is no room for their products, since
 * cosines say little in many dimensions; 0 where there is no room for the coordinates.
 */
int64_t features_choose_count(int64_t dim, int64_t batch);

/* count: as features_choose_count says, not 0. scale is kept by reference. Release *f also on failure. */
enot_status features_create(enot_context *context, int64_t dim, const real *scale, int64_t count, features *f);
void features_destroy(features *f);

#define FEATURES_ROWS_MOST 64

/* Rows first .. first + count - 1 of values [.., f->count] = the features of x [count, dim], count <= FEATURES_ROWS_MOST. */
void features_of_rows(const features *f, const real *x, int64_t count, panels values, int64_t first);

#endif
