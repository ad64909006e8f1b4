#include "net/conv/builder.h"

#include <stdio.h>
#include <string.h>

#include "core/memory.h"

#define IMAGE_SIDE_MOST 8192
#define CHANNELS_MOST 65536

static int within(int64_t number, int64_t most) { return number >= 1 && number <= most; }

enot_status conv_builder_check(enot_context *context, const char *what, image_shape shape, int64_t width,
                               int64_t halvings) {
    if (!within(shape.height, IMAGE_SIDE_MOST) || !within(shape.width, IMAGE_SIDE_MOST) ||
        !within(shape.channels, CHANNELS_MOST))
        return context_fail(
            context, ENOT_ERR_ARGUMENT,
            "%s: images of %lld x %lld pixels with %lld channels; give 1 to %d pixels a side, 1 to %d channels", what,
            (long long)shape.height, (long long)shape.width, (long long)shape.channels, IMAGE_SIDE_MOST, CHANNELS_MOST);
    if (halvings < 1 || halvings > CONV_HALVINGS_MOST)
        return context_fail(context, ENOT_ERR_ARGUMENT, "%s: %lld halvings; give 1 to %d", what, (long long)halvings,
                            CONV_HALVINGS_MOST);
    if (!within(width, CHANNELS_MOST >> halvings))
        return context_fail(context, ENOT_ERR_ARGUMENT, "%s: width %lld; give 1 to %d for %lld halvings", what,
                            (long long)width, CHANNELS_MOST >> halvings, (long long)halvings);
    int64_t unit = (int64_t)1 << halvings;
    if (shape.height % unit || shape.width % unit)
        return context_fail(
            context, ENOT_ERR_ARGUMENT,
            "%s: %lld x %lld pixels cannot be halved %lld times; height and width must be multiples of %lld", what,
            (long long)shape.height, (long long)shape.width, (long long)halvings, (long long)unit);
    return ENOT_OK;
}

enot_status conv_builder_start(enot_context *context, image_shape shape, int64_t layers_most, conv_net *net) {
    *net = (conv_net){0};
    enot_status status = MEMORY_NEW(context, layers_most + 1, "a network's values", &net->values);
    if (status == ENOT_OK) status = MEMORY_NEW(context, layers_most, "a network's layers", &net->layers);
    if (status == ENOT_OK) status = MEMORY_NEW(context, 2 * layers_most, "a network's tensors", &net->tensors);
    if (status == ENOT_OK) status = MEMORY_NEW(context, 2 * layers_most, "a network's statistics", &net->statistics);
    if (status != ENOT_OK) {
        conv_net_destroy(net);
        return status;
    }
    net->values[net->value_count++] = shape;
    return ENOT_OK;
}

static conv_layer *append(conv_net *net, conv_layer_kind kind, int64_t input, int64_t other, image_shape shape) {
    conv_layer *layer = &net->layers[net->layer_count++];
    *layer = (conv_layer){.kind = kind,
                          .input = input,
                          .other = other,
                          .output = net->value_count,
                          .weight_at = -1,
                          .bias_at = -1,
                          .statistic_at = -1};
    net->values[net->value_count++] = shape;
    return layer;
}

/* Returns the tensor's offset in its vector, of *total elements so far. */
static int64_t name_tensor(conv_tensor *tensors, int64_t *tensor_count, int64_t *total, const char *prefix,
                           const char *name, conv_tensor tensor) {
    snprintf(tensor.name, sizeof tensor.name, "%s.%s", prefix, name);
    tensor.count = 1;
    for (int i = 0; i < tensor.rank; i++) tensor.count *= tensor.shape[i];
    tensor.offset = *total;
    *total += tensor.count;
    tensors[(*tensor_count)++] = tensor;
    return tensor.offset;
}

static int64_t parameter(conv_net *net, const char *prefix, const char *name, conv_tensor tensor) {
    return name_tensor(net->tensors, &net->tensor_count, &net->parameter_count, prefix, name, tensor);
}

static int64_t statistic(conv_net *net, const char *prefix, const char *name, conv_tensor tensor) {
    return name_tensor(net->statistics, &net->statistic_tensor_count, &net->statistic_count, prefix, name, tensor);
}

static int64_t convolution(conv_net *net, const char *prefix, int64_t input, image_shape out, int64_t kernel_height,
                           int64_t kernel_width, int64_t padding, int with_bias) {
    int64_t inputs = net->values[input].channels;
    conv_layer *layer = append(net, CONV_CONVOLUTION, input, -1, out);
    layer->kernel_height = kernel_height;
    layer->kernel_width = kernel_width;
    layer->padding = padding;
    conv_tensor weight = {.rank = 4, .shape = {out.channels, inputs, kernel_height, kernel_width}};
    weight.fan_in = inputs * kernel_height * kernel_width;
    layer->weight_at = parameter(net, prefix, "weight", weight);
    if (with_bias) layer->bias_at = parameter(net, prefix, "bias", (conv_tensor){.rank = 1, .shape = {out.channels}});
    return layer->output;
}

int64_t conv_builder_convolution(conv_net *net, const char *prefix, int64_t input, int64_t outputs, int64_t size,
                                 int with_bias) {
    image_shape out = net->values[input];
    out.channels = outputs;
    return convolution(net, prefix, input, out, size, size, size / 2, with_bias);
}

int64_t conv_builder_fully_connected(conv_net *net, const char *prefix, int64_t input, int64_t outputs) {
    image_shape in = net->values[input];
    return convolution(net, prefix, input, (image_shape){1, 1, outputs}, in.height, in.width, 0, 1);
}

int64_t conv_builder_norm(conv_net *net, const char *prefix, int64_t input) {
    image_shape shape = net->values[input];
    conv_layer *layer = append(net, CONV_NORM, input, -1, shape);
    conv_tensor zeros = {.rank = 1, .shape = {shape.channels}}, ones = zeros;
    ones.constant = 1;
    layer->weight_at = parameter(net, prefix, "weight", ones);
    layer->bias_at = parameter(net, prefix, "bias", zeros);
    layer->statistic_at = statistic(net, prefix, "running_mean", zeros);
    statistic(net, prefix, "running_var", ones);
    return layer->output;
}

int64_t conv_builder_leaky(conv_net *net, int64_t input) {
    return append(net, CONV_LEAKY, input, -1, net->values[input])->output;
}

int64_t conv_builder_pool(conv_net *net, conv_layer_kind kind, int64_t input) {
    image_shape in = net->values[input];
    return append(net, kind, input, -1, (image_shape){in.height / 2, in.width / 2, in.channels})->output;
}

int64_t conv_builder_join(conv_net *net, int64_t input, int64_t other) {
    image_shape shape = net->values[input];
    shape.channels += net->values[other].channels;
    return append(net, CONV_JOIN, input, other, shape)->output;
}

int64_t conv_builder_residual(conv_net *net, int64_t input, int64_t other) {
    return append(net, CONV_RESIDUAL, input, other, net->values[input])->output;
}

/* Whether one of layers first .. layer_count - 1 uses the value. */
static int used_from(const conv_net *net, int64_t first, int64_t value) {
    for (int64_t l = first; l < net->layer_count; l++)
        if (net->layers[l].input == value || net->layers[l].other == value) return 1;
    return 0;
}

void conv_builder_finish(conv_net *net) {
    for (int64_t l = 0; l < net->layer_count; l++) {
        conv_layer *layer = &net->layers[l];
        layer->adds_to_input = used_from(net, l + 1, layer->input);
        layer->adds_to_other = layer->other >= 0 && used_from(net, l + 1, layer->other);
    }
}
