/*
 * Where the training rows of one side come from: a table of inner-coordinate rows drawn at random with replacement, or a
 * built-in measure that is drawn afresh; Gaussian noise is added as the smoothing asks. Row i of step t depends on the seed,
 * t and i only.
 */
#ifndef ENOT_TRAIN_FEED_H
#define ENOT_TRAIN_FEED_H

#include "core/real.h"
#include "space/entry.h"
#include "train/batches/split.h"

typedef struct feed {
    const ops *ops;
    const split *split;
    const coordinates *coordinates;
    int64_t dim, count; /* count: rows of the table */
    real *rows;         /* [count, dim], NULL for a measure */
    entry entry;        /* of a measure */
    real *spread;       /* [dim]: deviation of each coordinate */
    int flip;           /* half of the rows drawn, images all of them, are mirrored left to right */
    uint64_t seed;
} feed;

/* The split and the coordinates are kept by reference. */
enot_status feed_create(enot_context *context, const split *s, const coordinates *c, uint64_t seed, feed *out);
void feed_destroy(feed *f);

/* out[count,dim] = rows first .. first + count - 1 of all that a training draws. */
void feed_draw(const feed *f, double smoothing, int64_t first, int64_t count, real *out);

#endif
