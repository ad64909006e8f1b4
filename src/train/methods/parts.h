/* What the files of the methods share: drawing batches, and updates at a pace of their own. */
#ifndef ENOT_TRAIN_METHODS_PARTS_H
#define ENOT_TRAIN_METHODS_PARTS_H

#include "train/methods/method.h"
#include "train/methods/passes.h"

/* out[batch, dim] = the rows of a side in step number `step`. */
void draw_batch(enot_context *context, const method_problem *problem, const feed *from, int64_t step, real *out);

/* The settings' optimiser for a network that is updated every so many steps: its schedule ends with the training. */
optimizer optimizer_every(const settings *s, int64_t steps);

#endif
