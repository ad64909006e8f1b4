/* What layers do number by number, on the calling thread; pixels are [pixels, channels]. */
#ifndef ENOT_NET_CONV_ELEMENTS_H
#define ENOT_NET_CONV_ELEMENTS_H

#include <stdint.h>

#include "core/real.h"

/* to = factor * from, or to += it. */
void elements_scale(int64_t count, real factor, const real *from, int add, real *to);
/* y = x + factor * branch */
void elements_add_scaled(int64_t count, real factor, const real *x, const real *branch, real *y);
/* y = x where x > 0, slope * x elsewhere */
void elements_leaky(int64_t count, real slope, const real *x, real *y);
/* dx = dy where x > 0, slope * dy elsewhere, or dx += it */
void elements_leaky_backward(int64_t count, real slope, const real *x, const real *dy, int add, real *dx);

/* mean[channels] and deviation[channels], the sum of (x - mean)^2, over pixels; in double. */
void elements_moments(int64_t pixels, int64_t channels, const real *x, double *mean, double *deviation);
/* y = max(0, scale (x - mean) + shift), all three [channels] */
void elements_normalise(int64_t pixels, int64_t channels, const real *mean, const real *scale, const real *shift,
                        const real *x, real *y);
/* Over pixels where y > 0: sum[channels] of dy, product[channels] of dy (x - mean). */
void elements_normalise_sums(int64_t pixels, int64_t channels, const real *mean, const real *x, const real *y,
                             const real *dy, double *sum, double *product);
/* dx = scale dy, where y > 0, + slope (x - mean) + offset; dx may be dy. */
void elements_normalise_backward(int64_t pixels, int64_t channels, const real *mean, const real *scale,
                                 const real *slope, const real *offset, const real *x, const real *y, const real *dy,
                                 real *dx);

#endif
