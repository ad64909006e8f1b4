/*
 * Weights of a batch's rows that take noise out of the dual's gradient: the weighted means of some functions of the rows, the
 * features, equal their means over all rows drawn so far (docs/mathematics.md, "Calibrated batches"). For measures that are
 * drawn afresh: the means belong to the rows' distribution, which must not change.
 */
#ifndef ENOT_TRAIN_CALIBRATION_H
#define ENOT_TRAIN_CALIBRATION_H

#include "core/context.h"
#include "ops/ops.h"

typedef struct calibration calibration;

/* scale [dim]: what makes inner coordinates vary by about 1; kept by reference. */
enot_status calibration_create(enot_context *context, int64_t dim, const real *scale, int64_t batch, calibration **out);
void calibration_destroy(calibration *c);

/* weights[side][batch] for points[side][batch, dim], of source and target, which are batch number index, from 0. */
void calibration_weigh(enot_context *context, calibration *c, int64_t index, const real *const points[2],
                       real *const weights[2]);

/* The state between two batches: means [count] of the features. */
real *calibration_means(calibration *c, int64_t *count);

#endif
