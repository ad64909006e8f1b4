#include <string.h>

#include "core/parallel.h"
#include "net/conv/elements.h"
#include "net/conv/join.h"
#include "net/conv/pass_memory.h"

/* Layers first .. end - 1, of which none is a norm; a norm that stands before them is applied, one behind them
 * measured. */
typedef struct segment {
    conv_pass *pass;
    int64_t first, end;
    int training;
} segment;

/* Layers that this library computes itself, of one part. */
static void run_rowwise(const conv_pass *pass, const conv_layer *layer, conv_part part) {
    image_shape shape = pass->net->values[layer->input];
    const real *x = conv_pass_value(pass, layer->input, part.first);
    const real *other = layer->other < 0 ? NULL : conv_pass_value(pass, layer->other, part.first);
    real *y = conv_pass_value(pass, layer->output, part.first);
    int64_t count = part.rows * image_shape_size(shape);
    switch (layer->kind) {
    case CONV_LEAKY: elements_leaky(count, CONV_LEAKY_SLOPE, x, y); break;
    case CONV_JOIN: join_forward(shape, pass->net->values[layer->other], pass->group, part.rows, x, other, y); break;
    case CONV_RESIDUAL: elements_add_scaled(count, CONV_RESIDUAL_FACTOR, x, other, y); break;
    case CONV_CONVOLUTION:
    case CONV_MAX_POOL:
    case CONV_AVERAGE_POOL:
    case CONV_NORM: break;
    }
}

static void run_layer(conv_pass *pass, int64_t l, conv_part part, int worker) {
    const conv_layer *layer = &pass->net->layers[l];
    const conv_backend *backend = pass->backend;
    conv_worker caller = conv_pass_worker(pass, worker);
    const real *x = conv_pass_value(pass, layer->input, part.first);
    real *y = conv_pass_value(pass, layer->output, part.first);
    int failed = 0;
    if (layer->kind == CONV_CONVOLUTION)
        failed = backend->convolution->forward(pass->layers[l], caller, part.rows, x, y);
    else if (conv_layer_is_pool(layer))
        failed = backend->pool->forward(pass->layers[l], caller, part, x, y);
    else
        run_rowwise(pass, layer, part);
    if (failed) atomic_store(&pass->failed, 1);
}

static void run_segment(void *user, int64_t index, int worker) {
    const segment *s = user;
    const conv_layer *layers = s->pass->net->layers;
    if (s->first > 0) conv_norm_apply(s->pass, &layers[s->first - 1], index);
    for (int64_t l = s->first; l < s->end; l++) run_layer(s->pass, l, conv_pass_part(s->pass, index), worker);
    if (s->end < s->pass->net->layer_count && s->training) conv_norm_measure(s->pass, &layers[s->end], index);
}

static int64_t next_norm(const conv_net *net, int64_t first) {
    while (first < net->layer_count && net->layers[first].kind != CONV_NORM) first++;
    return first;
}

enot_status conv_pass_forward(conv_pass *pass, real *statistics, int training, const real *x, real *y) {
    const conv_net *net = pass->net;
    if (!training && !statistics && net->statistic_count > 0)
        return context_fail(pass->context, ENOT_ERR_ARGUMENT,
                            "a network with batch normalisation needs its running statistics in use");
    memcpy(conv_pass_value(pass, 0, 0), x, (size_t)(pass->rows * image_shape_size(net->values[0])) * sizeof *x);
    for (int64_t first = 0, end; first <= net->layer_count; first = end + 1) {
        end = next_norm(net, first);
        parallel_for(pass->context, pass->parts, run_segment, &(segment){pass, first, end, training});
        if (end < net->layer_count) conv_norm_settle(pass, &net->layers[end], statistics, training);
    }
    pass->trained = training;
    memcpy(y, conv_pass_value(pass, net->value_count - 1, 0), (size_t)(pass->rows * conv_net_outputs(net)) * sizeof *y);
    return conv_pass_check(pass);
}
