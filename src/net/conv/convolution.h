/*
 * Convolutions behind one table. convolution_reference is the specification, and all there is in double;
 * convolution_onednn gives the same within rounding. Every call runs on the calling thread alone and its result does
 * not depend on what other threads do. Images are [rows][height][width][channels], or grouped:
 * [rows][channels / group][height][width][group]. Functions that return int return 0, or nonzero if the backend
 * refused.
 */
#ifndef ENOT_NET_CONV_CONVOLUTION_H
#define ENOT_NET_CONV_CONVOLUTION_H

#include "core/context.h"
#include "core/real.h"

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

/* What one convolution will be asked to do. */
typedef struct convolution_uses {
    int64_t rows[2]; /* counts of rows that calls come with; the second may be 0: none */
    int with_gradients, with_input_gradient;
    int workers;
} convolution_uses;

/* The thread that calls: its number below workers, and memory of scratch_size bytes that it alone uses. */
typedef struct convolution_worker {
    int index;
    void *scratch;
} convolution_worker;

typedef struct convolution_ops {
    /* Channels of a group of images, where those are faster than channels last; 0 where they are not. */
    int64_t (*group)(void);
    enot_status (*create)(enot_context *context, const convolution_shape *shape, const convolution_uses *uses,
                          void **state);
    void (*destroy)(void *state);
    int64_t (*scratch_size)(const void *state);
    /* Reals of a gradient of the weights in the backend's own order; of the biases there are outputs more after them.
     */
    int64_t (*gradient_count)(const void *state);
    /* Takes over weight[outputs, inputs, kernel_height, kernel_width] and bias[outputs], if there is one. */
    int (*load)(void *state, const real *weight, const real *bias);
    int (*forward)(void *state, convolution_worker worker, int64_t rows, const real *x, real *y);
    int (*backward_input)(void *state, convolution_worker worker, int64_t rows, const real *dy, real *dx);
    /* gradient[gradient_count] = that of these rows, bias_gradient[outputs] too if there is a bias. */
    int (*backward_weights)(void *state, convolution_worker worker, int64_t rows, const real *x, const real *dy,
                            real *gradient, real *bias_gradient);
    /* weight_gradient[outputs, inputs, kernel_height, kernel_width] = gradient. */
    int (*unpack)(void *state, const real *gradient, real *weight_gradient);
} convolution_ops;

extern const convolution_ops convolution_reference;
#ifndef ENOT_REAL_DOUBLE
extern const convolution_ops convolution_onednn;
#endif

/* What passes use: oneDNN for float. */
static inline const convolution_ops *convolution_select(void) {
#ifdef ENOT_REAL_DOUBLE
    return &convolution_reference;
#else
    return &convolution_onednn;
#endif
}

#endif
