/*
 * A block: input (its channels brought to the outputs by a 1 x 1 convolution where they differ) + .1 branch, the branch
 * being twice leaky ReLU and a 3 x 3 convolution. Levels are two blocks, the second of which widens, with means of 2 x
 * 2 pixels between them.
 */
#include <math.h>
#include <stdio.h>

#include "core/least.h"
#include "net/conv/builder.h"

#define FILTERS_MOST 512

static int64_t block_convolution(conv_net *net, const char *block, const char *name, int64_t input, int64_t outputs,
                                 int64_t size, int with_bias) {
    char full[CONV_TENSOR_NAME];
    snprintf(full, sizeof full, "%.30s.%s", block, name);
    return conv_builder_convolution(net, full, input, outputs, size, with_bias);
}

static int64_t block(conv_net *net, int64_t level, int number, int64_t input, int64_t outputs) {
    char name[CONV_TENSOR_NAME];
    snprintf(name, sizeof name, "resnet_%d_%d", (int)level, number);
    int64_t inputs = net->values[input].channels, shortcut = input;
    int64_t branch =
        block_convolution(net, name, "conv_0", conv_builder_leaky(net, input), least(inputs, outputs), 3, 1);
    branch = block_convolution(net, name, "conv_1", conv_builder_leaky(net, branch), outputs, 3, 1);
    if (inputs != outputs) shortcut = block_convolution(net, name, "conv_s", input, outputs, 1, 0);
    return conv_builder_residual(net, shortcut, branch);
}

static void append_levels(conv_net *net, int64_t filters, int64_t halvings) {
    int64_t width = least(filters, FILTERS_MOST), value = conv_builder_convolution(net, "conv_img", 0, width, 3, 1);
    for (int64_t level = 0; level <= halvings; level++) {
        int64_t next = level < halvings ? least(2 * width, FILTERS_MOST) : width;
        if (level > 0) value = conv_builder_pool(net, CONV_AVERAGE_POOL, value);
        value = block(net, level, 1, block(net, level, 0, value, width), next);
        width = next;
    }
    conv_builder_fully_connected(net, "fc", conv_builder_leaky(net, value), 1);
}

enot_status conv_net_create_critic(enot_context *context, image_shape shape, int64_t filters, int64_t halvings,
                                   conv_net *net) {
    TRY(conv_builder_check(context, "the ResNet critic", shape, filters, halvings));
    TRY(conv_builder_start(context, shape, 13 * (halvings + 1) + 3, net));
    net->initial_gain = sqrt(2 / (1 + (double)CONV_LEAKY_SLOPE * (double)CONV_LEAKY_SLOPE));
    append_levels(net, filters, halvings);
    conv_builder_finish(net);
    return ENOT_OK;
}
