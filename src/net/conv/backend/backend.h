/*
 * What computes convolutions and pools, behind one table. conv_reference is the specification, and all there is in
 * double; conv_onednn gives the same within rounding. Every call runs on the calling thread alone and its result does
 * not depend on what other threads do. Images are [rows][height][width][channels], or grouped:
 * [rows][channels / group][height][width][group]. Functions that return int return 0, or nonzero if the backend
 * refused.
 */
#ifndef ENOT_NET_CONV_BACKEND_H
#define ENOT_NET_CONV_BACKEND_H

#include "core/context.h"
#include "core/image_shape.h"
#include "core/real.h"

/* What one layer will be asked to do. */
typedef struct conv_uses {
    int64_t batch;   /* rows */
    int64_t rows[2]; /* of the batch, that calls come with; the second may be 0: none */
    int with_gradients;
    int workers;
} conv_uses;

/* The thread that calls: its number below workers, and memory of scratch_size bytes that it alone uses. */
typedef struct conv_worker {
    int index;
    void *scratch;
} conv_worker;

typedef struct convolution_shape {
    int64_t height, width, inputs, outputs; /* of the input image; channels */
    int64_t kernel_height, kernel_width, padding;
    int with_bias;
    int64_t input_group, output_group; /* channels of a group, which divides the channels; 0: channels last */
} convolution_shape;

static inline int64_t convolution_out_height(const convolution_shape *s) {
    return s->height + 2 * s->padding - s->kernel_height + 1;
}
static inline int64_t convolution_out_width(const convolution_shape *s) {
    return s->width + 2 * s->padding - s->kernel_width + 1;
}
static inline int64_t convolution_weights(const convolution_shape *s) {
    return s->outputs * s->inputs * s->kernel_height * s->kernel_width;
}

typedef struct convolution_ops {
    enot_status (*create)(enot_context *context, const convolution_shape *shape, const conv_uses *uses, void **state);
    /* Accepts NULL. */
    void (*destroy)(void *state);
    int64_t (*scratch_size)(const void *state);
    /* Reals of a gradient of the weights in the backend's own order; of the biases there are outputs more after them.
     */
    int64_t (*gradient_count)(const void *state);
    /* Takes over weight[outputs, inputs, kernel_height, kernel_width] and bias[outputs], if there is one. */
    int (*load)(void *state, const real *weight, const real *bias);
    int (*forward)(void *state, conv_worker worker, int64_t rows, const real *x, real *y);
    int (*backward_input)(void *state, conv_worker worker, int64_t rows, const real *dy, real *dx);
    /* gradient[gradient_count] = that of these rows, bias_gradient[outputs] too if there is a bias. */
    int (*backward_weights)(void *state, conv_worker worker, int64_t rows, const real *x, const real *dy,
                            real *gradient, real *bias_gradient);
    /* weight_gradient[outputs, inputs, kernel_height, kernel_width] = gradient. */
    int (*unpack)(void *state, const real *gradient, real *weight_gradient);
} convolution_ops;

typedef struct pool_shape {
    image_shape image; /* that goes in; out comes one of half the height and width */
    int64_t group;     /* as in convolution_shape, of both */
    int largest;       /* each pixel is the largest of 2 x 2, or their mean */
} pool_shape;

/* Rows of a batch that one call takes. */
typedef struct conv_part {
    int64_t first, rows;
} conv_part;

typedef struct pool_ops {
    enot_status (*create)(enot_context *context, const pool_shape *shape, const conv_uses *uses, void **state);
    /* Accepts NULL. */
    void (*destroy)(void *state);
    int64_t (*scratch_size)(const void *state);
    /* x and y: of the part's first row. */
    int (*forward)(void *state, conv_worker worker, conv_part part, const real *x, real *y);
    /*
     * After forward of the same part; dx = the gradient, or += it if add. Of equal pixels the first in reading order
     * is the largest.
     */
    int (*backward)(void *state, conv_worker worker, conv_part part, const real *x, const real *dy, int add, real *dx);
} pool_ops;

typedef struct conv_backend {
    const convolution_ops *convolution;
    const pool_ops *pool;
    /* Channels of a group of images, where those are faster than channels last; 0 where they are not. */
    int64_t (*group)(void);
} conv_backend;

extern const conv_backend conv_reference;
#ifndef ENOT_REAL_DOUBLE
extern const conv_backend conv_onednn;
#endif

/* What passes use: oneDNN for float. */
static inline const conv_backend *conv_backend_select(void) {
#ifdef ENOT_REAL_DOUBLE
    return &conv_reference;
#else
    return &conv_onednn;
#endif
}

#endif
