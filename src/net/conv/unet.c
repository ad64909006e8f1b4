/*
 * down: a level is two 3 x 3 convolutions, each with batch normalisation and ReLU; then the largest of 2 x 2 pixels.
 * up: bilinear to twice the size, beside what the level of that size made on the way down, two convolutions again. 1 x
 * 1 to the channels.
 */
#include <math.h>
#include <stdio.h>

#include "net/conv/builder.h"

static int64_t norm_convolution(conv_net *net, const char *level, int number, int64_t input, int64_t outputs) {
    char name[CONV_TENSOR_NAME];
    snprintf(name, sizeof name, "%.30s.conv_%d", level, number);
    int64_t value = conv_builder_convolution(net, name, input, outputs, 3, 0);
    snprintf(name, sizeof name, "%.30s.norm_%d", level, number);
    return conv_builder_norm(net, name, value);
}

static int64_t double_convolution(conv_net *net, const char *direction, int64_t level, int64_t input, int64_t middle,
                                  int64_t outputs) {
    char name[CONV_TENSOR_NAME];
    snprintf(name, sizeof name, "%s_%d", direction, (int)level);
    return norm_convolution(net, name, 1, norm_convolution(net, name, 0, input, middle), outputs);
}

static void append_levels(conv_net *net, int64_t channels, int64_t width, int64_t depth) {
    int64_t skip[CONV_HALVINGS_MOST + 1], value = 0;
    for (int64_t level = 0; level <= depth; level++) {
        int64_t outputs = width << (level < depth ? level : depth - 1);
        if (level > 0) value = conv_builder_pool(net, CONV_MAX_POOL, value);
        skip[level] = value = double_convolution(net, "down", level, value, outputs, outputs);
    }
    for (int64_t level = depth - 1; level >= 0; level--) {
        int64_t joined = conv_builder_join(net, skip[level], value);
        value = double_convolution(net, "up", level, joined, width << level, width << (level > 0 ? level - 1 : 0));
    }
    conv_builder_convolution(net, "out", value, channels, 1, 1);
}

enot_status conv_net_create_unet(enot_context *context, image_shape shape, int64_t width, int64_t depth,
                                 conv_net *net) {
    TRY(conv_builder_check(context, "the UNet", shape, width, depth));
    TRY(conv_builder_start(context, shape, 10 * (depth + 1), net));
    net->initial_gain = sqrt(2);
    append_levels(net, shape.channels, width, depth);
    conv_builder_finish(net);
    return ENOT_OK;
}
