/* How the networks are put together: each function appends a layer and returns the value that it makes. */
#ifndef ENOT_NET_CONV_BUILDER_H
#define ENOT_NET_CONV_BUILDER_H

#include "net/conv/net.h"

#define CONV_HALVINGS_MOST 12

/* Refuses shapes that cannot be halved so often, and sizes beyond reason; what: "the UNet". */
enot_status conv_builder_check(enot_context *context, const char *what, image_shape shape, int64_t width,
                               int64_t halvings);

/* An empty network whose value 0 is the input, with room for so many layers. */
enot_status conv_builder_start(enot_context *context, image_shape shape, int64_t layers_most, conv_net *net);

/* Names begin with prefix: prefix.weight, prefix.bias. padding keeps the size of the image for kernels of size x size
 * pixels. */
int64_t conv_builder_convolution(conv_net *net, const char *prefix, int64_t input, int64_t outputs, int64_t size,
                                 int with_bias);
/* To 1 x 1 pixels. */
int64_t conv_builder_fully_connected(conv_net *net, const char *prefix, int64_t input, int64_t outputs);
int64_t conv_builder_norm(conv_net *net, const char *prefix, int64_t input);
int64_t conv_builder_leaky(conv_net *net, int64_t input);
int64_t conv_builder_pool(conv_net *net, conv_layer_kind kind, int64_t input);
int64_t conv_builder_join(conv_net *net, int64_t input, int64_t other);
int64_t conv_builder_residual(conv_net *net, int64_t input, int64_t other);

/*
 * Settles in which order gradients of values with several uses are summed. A convolution never adds: among the uses of
 * a value it must be the last one appended.
 */
void conv_builder_finish(conv_net *net);

#endif
