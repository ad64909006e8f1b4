/*
 * Which rows of one side are used for what. The rows of a table are parted at random, depending on the seed, the side and
 * their number only, so that a later evaluation finds the reported rows again. A built-in measure never runs out: each purpose
 * draws from a range of row numbers of its own.
 */
#ifndef ENOT_TRAIN_SPLIT_H
#define ENOT_TRAIN_SPLIT_H

#include "data/samples.h"
#include "space/coordinates.h"

typedef enum split_purpose {
    SPLIT_TRAIN,    /* of a measure: as many as the training asks for */
    SPLIT_MOMENTS,  /* of a table: the training rows */
    SPLIT_CHOOSE,   /* the snapshot that is kept */
    SPLIT_REPORT,   /* nothing but the report */
    SPLIT_EVALUATE, /* a later evaluation on other samples: all rows of a table */
    SPLIT_PURPOSES
} split_purpose;

typedef struct split {
    const enot_samples *samples;
    coordinates_side side;
    int64_t *order; /* a permutation of a table's rows, NULL for a measure */
    int64_t first[SPLIT_PURPOSES], count[SPLIT_PURPOSES]; /* ranges of order, or of the measure's rows */
    int held_out;   /* 0: too few rows to set any aside; every purpose has them all */
} split;

/* samples is kept by reference. */
enot_status split_create(enot_context *context, const enot_samples *samples, coordinates_side side, double validation,
                         uint64_t seed, split *out);
void split_destroy(split *s);

/* rows [count, dim]: rows first .. first + count - 1 for a purpose, which has so many. */
void split_rows(const split *s, split_purpose purpose, int64_t first, int64_t count, double *rows);

/* The first rows for a purpose, at most `most` of them, where they lie among the samples, which have them as doubles in a table. */
row_list split_list(const split *s, split_purpose purpose, int64_t most);

/* *rows = the first rows for a purpose, at most `most` of them: [*count, dim], to be freed with memory_destroy. */
enot_status split_read(enot_context *context, const split *s, split_purpose purpose, int64_t most, double **rows,
                       int64_t *count);

#endif
