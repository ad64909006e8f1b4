/*
 * The layer CONV_JOIN over some rows, on the calling thread. oneDNN has no bilinear interpolation with aligned corners,
 * which the published UNet has.
 */
#ifndef ENOT_NET_CONV_JOIN_H
#define ENOT_NET_CONV_JOIN_H

#include "net/conv/net.h"

/*
 * y = the channels of skip, then those of deep at twice its height and width, bilinear with aligned corners: output r
 * lies at r (h - 1) / (2 h - 1) of the input's h rows. skip_shape: of skip. group: of the channels of all three, or 0.
 */
void join_forward(image_shape skip_shape, image_shape deep_shape, int64_t group, int64_t rows, const real *skip,
                  const real *deep, real *y);
/* The gradient of skip is added, if add, or set, that of deep set. */
void join_backward(image_shape skip_shape, image_shape deep_shape, int64_t group, int64_t rows, const real *dy,
                   int add, real *dskip, real *ddeep);

#endif
