#include "net/conv/net.h"

#include <math.h>

#include "core/memory.h"
#include "core/parallel.h"
#include "core/random.h"

void conv_net_destroy(conv_net *net) {
    memory_destroy(net->values);
    memory_destroy(net->layers);
    memory_destroy(net->tensors);
    memory_destroy(net->statistics);
    *net = (conv_net){0};
}

double conv_net_pass_operations(const conv_net *net, int64_t rows) {
    double sum = 0;
    for (int64_t l = 0; l < net->layer_count; l++) {
        const conv_layer *layer = &net->layers[l];
        if (layer->kind != CONV_CONVOLUTION) continue;
        double kernel = (double)(layer->kernel_height * layer->kernel_width * net->values[layer->input].channels);
        sum += kernel * (double)image_shape_size(net->values[layer->output]);
    }
    return 2 * (double)rows * sum;
}

/* Normals that are drawn at once. */
#define NORMALS 64

static void draw_normals(random_row *row, double deviation, int64_t count, real *out) {
    double drawn[NORMALS];
    for (int64_t first = 0; first < count; first += NORMALS) {
        int64_t some = count - first < NORMALS ? count - first : NORMALS;
        random_normals(row, NORMALS, drawn);
        for (int64_t i = 0; i < some; i++) out[first + i] = (real)(deviation * drawn[i]);
    }
}

typedef struct beginning {
    const conv_net *net;
    uint64_t seed;
    uint32_t network;
    real *parameters;
} beginning;

/* Every output of a convolution draws from a row of its own. */
static void begin_tensor(void *user, int64_t index, int worker) {
    const beginning *b = user;
    const conv_tensor *tensor = &b->net->tensors[index];
    real *out = b->parameters + tensor->offset;
    for (int64_t i = 0; i < tensor->count; i++) out[i] = tensor->constant;
    if (!tensor->fan_in) return;
    double deviation = b->net->initial_gain / sqrt((double)tensor->fan_in);
    for (int64_t unit = 0; unit < tensor->shape[0]; unit++) {
        uint64_t key = (uint64_t)b->network << 32 | (uint64_t)index << 17 | (uint64_t)unit;
        random_row row = random_row_start(b->seed, RANDOM_STREAM_INIT, key);
        draw_normals(&row, deviation, tensor->fan_in, out + unit * tensor->fan_in);
    }
}

void conv_net_initialise(enot_context *context, const conv_net *net, uint64_t seed, uint32_t network, int zero_last,
                         real *parameters) {
    parallel_for(context, net->tensor_count, begin_tensor, &(beginning){net, seed, network, parameters});
    if (!zero_last) return;
    for (int64_t i = net->layers[net->layer_count - 1].weight_at; i < net->parameter_count; i++) parameters[i] = 0;
}

void conv_net_initialise_statistics(const conv_net *net, real *statistics) {
    for (int64_t t = 0; t < net->statistic_tensor_count; t++) {
        const conv_tensor *tensor = &net->statistics[t];
        for (int64_t i = 0; i < tensor->count; i++) statistics[tensor->offset + i] = tensor->constant;
    }
}
