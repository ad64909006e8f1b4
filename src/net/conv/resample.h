/* Layers that halve or double images, over some rows, on the calling thread. Backward: add says to add to what dx
 * holds. */
#ifndef ENOT_NET_CONV_RESAMPLE_H
#define ENOT_NET_CONV_RESAMPLE_H

#include "net/conv/net.h"

/* shape: of x. y: half the height and width. */
void resample_max(image_shape shape, int64_t rows, const real *x, real *y);
/* Of equal ones the first in reading order receives the gradient. */
void resample_max_backward(image_shape shape, int64_t rows, const real *x, const real *y, const real *dy, int add,
                           real *dx);
void resample_mean(image_shape shape, int64_t rows, const real *x, real *y);
void resample_mean_backward(image_shape shape, int64_t rows, const real *dy, int add, real *dx);

/*
 * y = the channels of skip, then those of deep at twice its height and width, bilinear with aligned corners: output r
 * lies at r (h - 1) / (2 h - 1) of the input's h rows. skip_shape: of skip. group: of the channels of all three, or 0.
 */
void resample_join(image_shape skip_shape, image_shape deep_shape, int64_t group, int64_t rows, const real *skip,
                   const real *deep, real *y);
/* The gradient of skip is added or set, that of deep set. */
void resample_join_backward(image_shape skip_shape, image_shape deep_shape, int64_t group, int64_t rows, const real *dy,
                            int add, real *dskip, real *ddeep);

#endif
