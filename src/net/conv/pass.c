#include <string.h>

#include "core/memory.h"
#include "core/parallel.h"
#include "net/conv/pass_memory.h"

static int64_t larger(int64_t a, int64_t b) { return a > b ? a : b; }

/* Whether all values but the first and the last can be grouped; those two are not and only meet convolutions. */
static int can_group(const conv_net *net, int64_t group) {
    for (int64_t v = 1; v < net->value_count - 1; v++)
        if (net->values[v].channels % group) return 0;
    for (int64_t l = 0; l < net->layer_count; l++) {
        const conv_layer *layer = &net->layers[l];
        int meets = layer->input == 0 || layer->other == 0 || layer->output == net->value_count - 1;
        if (meets && layer->kind != CONV_CONVOLUTION) return 0;
    }
    return 1;
}

static int64_t group_of(const conv_backend *backend, const conv_net *net) {
    int64_t group = backend->group();
    return group > 0 && can_group(net, group) ? group : 0;
}

static void destroy_layer(conv_pass *pass, int64_t l) {
    if (conv_layer_is_pool(&pass->net->layers[l]))
        pass->backend->pool->destroy(pass->layers[l]);
    else
        pass->backend->convolution->destroy(pass->layers[l]);
}

void conv_pass_destroy(conv_pass *pass) {
    if (!pass) return;
    for (int64_t l = 0; pass->layers && l < pass->net->layer_count; l++) destroy_layer(pass, l);
    memory_destroy(pass->memory);
    memory_destroy(pass->value_at);
    memory_destroy(pass->gradient_at);
    memory_destroy(pass->layers);
    memory_destroy(pass->packed_at);
    memory_destroy(pass->packed);
    memory_destroy(pass->part_gradients);
    memory_destroy(pass->flat);
    memory_destroy(pass->parameters);
    memory_destroy(pass->moments);
    memory_destroy(pass->image_sums);
    memory_destroy(pass->coefficients);
    memory_destroy(pass->scratch);
    memory_destroy(pass->scaled);
    memory_destroy(pass);
}

static enot_status create_values(enot_context *context, conv_pass *pass) {
    const conv_net *net = pass->net;
    TRY(MEMORY_NEW(context, net->value_count, "a pass", &pass->value_at));
    TRY(MEMORY_NEW(context, net->value_count, "a pass", &pass->gradient_at));
    int64_t reals = conv_pass_place(net, pass->rows, pass->with_gradients, pass->value_at, pass->gradient_at);
    TRY(MEMORY_NEW(context, reals, "the values of a pass over images", &pass->memory));
    TRY(MEMORY_NEW(context, net->parameter_count, "a network's weights", &pass->parameters));
    TRY(MEMORY_NEW(context, net->statistic_count, "batch normalisation", &pass->moments));
    TRY(MEMORY_NEW(context, pass->rows * 2 * conv_pass_widest(net), "batch normalisation", &pass->image_sums));
    return MEMORY_NEW(context, 3 * conv_pass_widest(net), "batch normalisation", &pass->coefficients);
}

static conv_uses uses_of(const conv_pass *pass) {
    return (conv_uses){pass->rows, {pass->part_rows, pass->rows % pass->part_rows}, pass->with_gradients, pass->workers};
}

static enot_status create_pool(enot_context *context, conv_pass *pass, int64_t l) {
    const conv_layer *layer = &pass->net->layers[l];
    const pool_ops *ops = pass->backend->pool;
    conv_uses uses = uses_of(pass);
    pool_shape shape = {pass->net->values[layer->input], pass->group, layer->kind == CONV_MAX_POOL};
    TRY(ops->create(context, &shape, &uses, &pass->layers[l]));
    pass->scratch_size = larger(pass->scratch_size, ops->scratch_size(pass->layers[l]));
    return ENOT_OK;
}

/* One convolution; sizes of what convolutions share grow with it, *packed by what it needs of that. */
static enot_status create_convolution(enot_context *context, conv_pass *pass, int64_t l, int64_t *packed) {
    const conv_layer *layer = &pass->net->layers[l];
    const convolution_ops *ops = pass->backend->convolution;
    convolution_shape shape = conv_pass_convolution_shape(pass->net, layer);
    if (pass->group > 0 && layer->input > 0) shape.input_group = pass->group;
    if (pass->group > 0 && layer->output < pass->net->value_count - 1) shape.output_group = pass->group;
    conv_uses uses = uses_of(pass);
    TRY(ops->create(context, &shape, &uses, &pass->layers[l]));
    pass->scratch_size = larger(pass->scratch_size, ops->scratch_size(pass->layers[l]));
    pass->scaled_count =
        larger(pass->scaled_count, pass->part_rows * image_shape_size(pass->net->values[layer->output]));
    if (!pass->with_gradients) return ENOT_OK;
    int64_t count = conv_pass_whole(ops->gradient_count(pass->layers[l]) + shape.outputs);
    pass->packed_at[l] = *packed;
    *packed += count;
    pass->part_gradient_count = larger(pass->part_gradient_count, count);
    return ENOT_OK;
}

static enot_status create_layers(enot_context *context, conv_pass *pass) {
    int64_t packed = 0;
    TRY(MEMORY_NEW(context, pass->net->layer_count, "a pass", &pass->layers));
    TRY(MEMORY_NEW(context, pass->net->layer_count, "a pass", &pass->packed_at));
    for (int64_t l = 0; l < pass->net->layer_count; l++) {
        if (pass->net->layers[l].kind == CONV_CONVOLUTION) TRY(create_convolution(context, pass, l, &packed));
        if (conv_layer_is_pool(&pass->net->layers[l])) TRY(create_pool(context, pass, l));
    }
    pass->scratch_size = (pass->scratch_size + MEMORY_ALIGNMENT - 1) / MEMORY_ALIGNMENT * MEMORY_ALIGNMENT;
    TRY(MEMORY_NEW(context, pass->workers * pass->scratch_size, "a pass", &pass->scratch));
    if (!pass->with_gradients) return ENOT_OK;
    TRY(MEMORY_NEW(context, packed, "gradients of convolutions", &pass->packed));
    TRY(MEMORY_NEW(context, pass->parts * pass->part_gradient_count, "gradients of convolutions",
                   &pass->part_gradients));
    TRY(MEMORY_NEW(context, pass->workers * pass->part_gradient_count, "gradients of convolutions", &pass->flat));
    return MEMORY_NEW(context, pass->workers * pass->scaled_count, "gradients of convolutions", &pass->scaled);
}

static enot_status fill(enot_context *context, conv_pass *pass) {
    TRY(create_values(context, pass));
    return create_layers(context, pass);
}

enot_status conv_pass_create_with(enot_context *context, const conv_backend *backend, const conv_net *net,
                                  int64_t rows, int with_gradients, conv_pass **out) {
    conv_pass *pass;
    if (rows < 1)
        return context_fail(context, ENOT_ERR_ARGUMENT, "a pass over %lld images; give at least 1", (long long)rows);
    if (conv_pass_bytes(context, net, rows, with_gradients) > 0x1p60)
        return context_fail_memory(context, SIZE_MAX, "a pass over images");
    TRY(MEMORY_NEW(context, 1, "a pass over images", &pass));
    *pass = (conv_pass){.context = context, .net = net, .backend = backend, .rows = rows};
    pass->part_rows = conv_pass_part_rows(rows);
    pass->parts = conv_pass_parts(rows);
    pass->group = group_of(backend, net);
    pass->with_gradients = with_gradients;
    pass->workers = context->threads;
    enot_status status = fill(context, pass);
    if (status != ENOT_OK) {
        conv_pass_destroy(pass);
        return status;
    }
    *out = pass;
    return ENOT_OK;
}

enot_status conv_pass_create(enot_context *context, const conv_net *net, int64_t rows, int with_gradients,
                             conv_pass **out) {
    return conv_pass_create_with(context, conv_backend_select(), net, rows, with_gradients, out);
}

enot_status conv_pass_check(conv_pass *pass) {
    if (!atomic_exchange(&pass->failed, 0)) return ENOT_OK;
    return context_fail(pass->context, ENOT_ERR_MEMORY,
                        "oneDNN could not compute a layer; try fewer rows a batch");
}

static void load_layer(void *user, int64_t l, int worker) {
    conv_pass *pass = user;
    const conv_layer *layer = &pass->net->layers[l];
    if (layer->kind != CONV_CONVOLUTION) return;
    const real *weight = pass->parameters + layer->weight_at,
               *bias = layer->bias_at < 0 ? NULL : pass->parameters + layer->bias_at;
    if (pass->backend->convolution->load(pass->layers[l], weight, bias)) atomic_store(&pass->failed, 1);
}

enot_status conv_pass_load(conv_pass *pass, const real *parameters) {
    memcpy(pass->parameters, parameters, (size_t)pass->net->parameter_count * sizeof *parameters);
    parallel_for(pass->context, pass->net->layer_count, load_layer, pass);
    return conv_pass_check(pass);
}
