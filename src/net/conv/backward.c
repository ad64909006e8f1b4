#include <string.h>

#include "core/parallel.h"
#include "net/conv/elements.h"
#include "net/conv/join.h"
#include "net/conv/pass_memory.h"

/*
 * One backward pass, at layers first, first - 1, ... end + 1, of which none is a norm; a norm above them is applied,
 * one at end is measured. At most one of them has gradients of the weights to be summed over parts, convolution; -1:
 * none.
 */
typedef struct run {
    conv_pass *pass;
    const real *row_scale;
    conv_gradients wanted;
    int64_t first, end, convolution;
} run;

/* Layers that this library computes itself, of one part. */
static void run_rowwise(const conv_pass *pass, const conv_layer *layer, conv_part part) {
    image_shape shape = pass->net->values[layer->input];
    const real *x = conv_pass_value(pass, layer->input, part.first);
    const real *dy = conv_pass_gradient(pass, layer->output, part.first);
    real *dx = conv_pass_gradient(pass, layer->input, part.first);
    real *dother = layer->other < 0 ? NULL : conv_pass_gradient(pass, layer->other, part.first);
    int64_t count = part.rows * image_shape_size(shape);
    switch (layer->kind) {
    case CONV_LEAKY: elements_leaky_backward(count, CONV_LEAKY_SLOPE, x, dy, layer->adds_to_input, dx); break;
    case CONV_JOIN:
        join_backward(shape, pass->net->values[layer->other], pass->group, part.rows, dy, layer->adds_to_input, dx,
                      dother);
        break;
    case CONV_RESIDUAL:
        elements_scale(count, 1, dy, layer->adds_to_input, dx);
        elements_scale(count, CONV_RESIDUAL_FACTOR, dy, layer->adds_to_other, dother);
        break;
    case CONV_CONVOLUTION:
    case CONV_MAX_POOL:
    case CONV_AVERAGE_POOL:
    case CONV_NORM: break;
    }
}

/* The deltas of a part, each row times its scale, in the worker's own memory. */
static const real *scale_rows(const run *r, int64_t value, conv_part part, int worker) {
    const conv_pass *pass = r->pass;
    const real *deltas = conv_pass_gradient(pass, value, part.first);
    if (!r->row_scale) return deltas;
    int64_t size = image_shape_size(pass->net->values[value]);
    real *scaled = pass->scaled + worker * pass->scaled_count;
    for (int64_t i = 0; i < part.rows; i++)
        elements_scale(size, r->row_scale[part.first + i], deltas + i * size, 0, scaled + i * size);
    return scaled;
}

/* Behind a layer's gradient of the weights in the backend's order are those of its biases. */
static real *part_gradient(const conv_pass *pass, int64_t part) {
    return pass->part_gradients + part * pass->part_gradient_count;
}

static int run_convolution(const run *r, int64_t l, int64_t index, int worker) {
    conv_pass *pass = r->pass;
    const conv_layer *layer = &pass->net->layers[l];
    const convolution_ops *ops = pass->backend->convolution;
    void *convolution = pass->layers[l];
    conv_worker caller = conv_pass_worker(pass, worker);
    conv_part part = conv_pass_part(pass, index);
    int failed = 0;
    if (r->wanted.parameters) {
        real *gradient = part_gradient(pass, index);
        failed |= ops->backward_weights(
            convolution, caller, part.rows, conv_pass_value(pass, layer->input, part.first),
            scale_rows(r, layer->output, part, worker), gradient, gradient + ops->gradient_count(convolution));
    }
    if (layer->input > 0 || r->wanted.input)
        failed |= ops->backward_input(convolution, caller, part.rows,
                                      conv_pass_gradient(pass, layer->output, part.first),
                                      conv_pass_gradient(pass, layer->input, part.first));
    return failed;
}

static int run_pool(const conv_pass *pass, int64_t l, conv_part part, int worker) {
    const conv_layer *layer = &pass->net->layers[l];
    return pass->backend->pool->backward(
        pass->layers[l], conv_pass_worker(pass, worker), part, conv_pass_value(pass, layer->input, part.first),
        conv_pass_gradient(pass, layer->output, part.first), layer->adds_to_input,
        conv_pass_gradient(pass, layer->input, part.first));
}

static void run_layer(const run *r, int64_t l, int64_t index, int worker) {
    const conv_layer *layer = &r->pass->net->layers[l];
    conv_part part = conv_pass_part(r->pass, index);
    int failed = 0;
    if (layer->kind == CONV_CONVOLUTION)
        failed = run_convolution(r, l, index, worker);
    else if (conv_layer_is_pool(layer))
        failed = run_pool(r->pass, l, part, worker);
    else
        run_rowwise(r->pass, layer, part);
    if (failed) atomic_store(&r->pass->failed, 1);
}

static int is_norm(const conv_net *net, int64_t l) {
    return l >= 0 && l < net->layer_count && net->layers[l].kind == CONV_NORM;
}

static void run_segment(void *user, int64_t index, int worker) {
    const run *r = user;
    const conv_net *net = r->pass->net;
    if (is_norm(net, r->first + 1)) conv_norm_apply_backward(r->pass, &net->layers[r->first + 1], index);
    for (int64_t l = r->first; l > r->end; l--) run_layer(r, l, index, worker);
    if (is_norm(net, r->end)) conv_norm_measure_backward(r->pass, &net->layers[r->end], index);
}

/* Sets end and convolution. */
static void find_end(run *r) {
    const conv_layer *layers = r->pass->net->layers;
    r->convolution = -1;
    for (r->end = r->first; r->end >= 0 && layers[r->end].kind != CONV_NORM; r->end--) {
        if (layers[r->end].kind != CONV_CONVOLUTION || !r->wanted.parameters) continue;
        if (r->convolution >= 0) break;
        r->convolution = r->end;
    }
}

#define SLICE 8192

static int64_t gradient_count(const run *r) {
    const conv_layer *layer = &r->pass->net->layers[r->convolution];
    return r->pass->backend->convolution->gradient_count(r->pass->layers[r->convolution]) +
           r->pass->net->values[layer->output].channels;
}

/* packed = the sum of the parts' gradients. */
static void sum_slice(void *user, int64_t index, int worker) {
    const run *r = user;
    int64_t first = index * SLICE, left = gradient_count(r) - first, count = left < SLICE ? left : SLICE;
    real *sum = r->pass->packed + r->pass->packed_at[r->convolution] + first;
    for (int64_t part = 0; part < r->pass->parts; part++)
        elements_scale(count, 1, part_gradient(r->pass, part) + first, part > 0, sum);
}

static void unpack_layer(void *user, int64_t l, int worker) {
    const run *r = user;
    conv_pass *pass = r->pass;
    const conv_layer *layer = &pass->net->layers[l];
    const convolution_ops *ops = pass->backend->convolution;
    void *convolution = pass->layers[l];
    if (layer->kind != CONV_CONVOLUTION) return;
    const real *packed = pass->packed + pass->packed_at[l], *biases = packed + ops->gradient_count(convolution);
    int64_t outputs = pass->net->values[layer->output].channels, inputs = pass->net->values[layer->input].channels;
    real *flat = pass->flat + worker * pass->part_gradient_count;
    if (ops->unpack(convolution, packed, flat)) atomic_store(&pass->failed, 1);
    elements_scale(outputs * inputs * layer->kernel_height * layer->kernel_width, 1, flat, r->wanted.accumulate,
                   r->wanted.parameters + layer->weight_at);
    if (layer->bias_at >= 0)
        elements_scale(outputs, 1, biases, r->wanted.accumulate, r->wanted.parameters + layer->bias_at);
}

static void run_down(run *r) {
    conv_pass *pass = r->pass;
    find_end(r);
    parallel_for(pass->context, pass->parts, run_segment, r);
    if (r->convolution >= 0) parallel_for(pass->context, (gradient_count(r) + SLICE - 1) / SLICE, sum_slice, r);
    if (is_norm(pass->net, r->end))
        conv_norm_settle_backward(pass, &pass->net->layers[r->end], r->wanted.parameters, r->wanted.accumulate);
}

static enot_status check(const conv_pass *pass, const real *row_scale) {
    if (!pass->with_gradients)
        return context_fail(pass->context, ENOT_ERR_ARGUMENT,
                            "a backward pass over memory that was made without gradients");
    if (row_scale && pass->net->statistic_count > 0)
        return context_fail(pass->context, ENOT_ERR_ARGUMENT,
                            "batch normalisation ties rows together; they cannot have scales each");
    return ENOT_OK;
}

enot_status conv_pass_backward(conv_pass *pass, const real *seed, const real *row_scale, conv_gradients wanted) {
    const conv_net *net = pass->net;
    run r = {pass, row_scale, wanted, net->layer_count - 1, 0, -1};
    TRY(check(pass, row_scale));
    memcpy(conv_pass_gradient(pass, net->value_count - 1, 0), seed,
           (size_t)(pass->rows * conv_net_outputs(net)) * sizeof *seed);
    for (int measured = 0; r.first >= 0 || measured; r.first = r.end - measured) {
        run_down(&r);
        measured = is_norm(net, r.end);
    }
    if (wanted.parameters) parallel_for(pass->context, net->layer_count, unpack_layer, &r);
    if (wanted.input)
        memcpy(wanted.input, conv_pass_gradient(pass, 0, 0),
               (size_t)(pass->rows * image_shape_size(net->values[0])) * sizeof *wanted.input);
    return conv_pass_check(pass);
}
