/*
 * Batches that grow: where a training begins, its error falls by the number of steps, and only later by the number of rows. A
 * growing training's first steps take small batches (docs/benchmark.md, "The recipe").
 */
#ifndef ENOT_TRAIN_BATCHES_GROWTH_H
#define ENOT_TRAIN_BATCHES_GROWTH_H

#include "train/settings.h"

/* Steps with small batches. */
int64_t growth_steps(const settings *s);

/* Rows of each side in a step, and in all steps before it. */
int64_t growth_rows(const settings *s, int64_t step);
int64_t growth_rows_before(const settings *s, int64_t step);

/* The steps of a training that draws at most so many rows of each side in all. */
int64_t growth_steps_of(const settings *s, int64_t rows);

#endif
