/* The convolutions of a training step of images, alone: each product by the fastest of some ways that oneDNN offers. */
#ifndef ENOT_BENCH_CONVOLUTION_SPEED_H
#define ENOT_BENCH_CONVOLUTION_SPEED_H

#include "net/conv/net.h"

typedef struct convolution_speed convolution_speed;

/* Of a network in the step: images of a batch, and whether it is asked for the gradient of its input. */
typedef struct convolution_pass {
    const conv_net *net;
    int64_t rows;
    int with_input_gradient;
} convolution_pass;

/* Forward, gradient in the images and in the weights of every convolution. Tries each product every way for a moment.
 */
enot_status convolution_speed_create(enot_context *context, const convolution_pass *passes, int pass_count,
                                     convolution_speed **out);
/* Accepts NULL. */
void convolution_speed_destroy(convolution_speed *s);

/* Seconds of all of them, once each. */
double convolution_speed_seconds(convolution_speed *s);

/* Additions and multiplications of all of them by the definition of a convolution, whatever the algorithm. */
double convolution_speed_operations(const convolution_speed *s);

/* Shares of the operations whose fastest way is in parts of the batch, has channels last, is Winograd's. */
typedef struct convolution_shares {
    double in_parts, plain, winograd;
} convolution_shares;
convolution_shares convolution_speed_shares(const convolution_speed *s);

#endif
