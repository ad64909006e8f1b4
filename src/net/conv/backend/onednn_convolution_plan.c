/* What a convolution by oneDNN needs before it runs: descriptions, primitives, memory objects of every thread. */
#ifndef ENOT_REAL_DOUBLE

#include "net/conv/backend/onednn_convolution.h"

static void destroy_operands(operands *o) {
    for (int size = 0; size < 2; size++) {
        for (int side = 0; side < SIDES; side++) onednn_destroy_memory(o->given[size][side]);
        for (int p = 0; p < PRODUCTS; p++) {
            for (int side = 0; side < SIDES; side++) onednn_destroy_memory(o->product[size][p].images[side]);
            onednn_destroy_memory(o->product[size][p].scratch);
        }
    }
    onednn_destroy_memory(o->gradient);
    onednn_destroy_memory(o->bias_gradient);
    if (o->stream) dnnl_stream_destroy(o->stream);
}

static void destroy_product(product *p) {
    for (int side = 0; side < SIDES; side++) onednn_destroy_primitive(p->reorder[side]);
    onednn_destroy_primitive(p->primitive);
    onednn_destroy_plan(p->plan);
}

static void destroy_products(planned_convolution *s) {
    for (int size = 0; size < 2; size++)
        for (int p = 0; p < PRODUCTS; p++) destroy_product(&s->product[size][p]);
    for (int p = 0; p < 2; p++) onednn_destroy_primitive(s->pack[p]);
    onednn_destroy_primitive(s->unpack);
}

void onednn_convolution_destroy(void *state) {
    planned_convolution *s = state;
    if (!s) return;
    if (s->operands)
        for (int w = 0; w < s->workers; w++) destroy_operands(&s->operands[w]);
    memory_destroy(s->operands);
    destroy_products(s);
    for (int p = 0; p < 2; p++) {
        onednn_destroy_memory(s->packed_weights[p]);
        memory_destroy(s->packed[p]);
    }
    onednn_destroy_memory(s->packed_bias);
    onednn_destroy_memory(s->plain_weights);
    onednn_destroy_memory(s->packed_gradient);
    memory_destroy(s->loaded_bias);
    if (s->engine) dnnl_engine_destroy(s->engine);
    memory_destroy(s);
}

static dnnl_status_t describe(planned_convolution *s) {
    const convolution_shape *c = &s->shape;
    dnnl_dims_t weights = {c->outputs, c->inputs, c->kernel_height, c->kernel_width};
    for (int size = 0; size < 2 && s->rows[size] > 0; size++) {
        TRY_DNNL(onednn_describe_images(&s->given[size][INPUT], s->rows[size], c->inputs, c->height, c->width,
                                 c->input_group));
        TRY_DNNL(onednn_describe_images(&s->given[size][OUTPUT], s->rows[size], c->outputs, convolution_out_height(c),
                                 convolution_out_width(c), c->output_group));
    }
    for (int p = 0; p < PRODUCTS; p++)
        TRY_DNNL(dnnl_memory_desc_init_by_tag(&s->weights[p], 4, weights, dnnl_f32, dnnl_format_tag_any));
    TRY_DNNL(dnnl_memory_desc_init_by_tag(&s->plain, 4, weights, dnnl_f32, dnnl_oihw));
    return dnnl_memory_desc_init_by_tag(&s->bias, 1, (dnnl_dims_t){c->outputs}, dnnl_f32, dnnl_a);
}

/* Where only one side's images are grouped, oneDNN chooses the order of the other. */
static dnnl_status_t describe_side(const planned_convolution *s, int size, int side, dnnl_memory_desc_t *out) {
    int64_t own = side == INPUT ? s->shape.input_group : s->shape.output_group;
    int mixed = (s->shape.input_group > 0) != (s->shape.output_group > 0);
    *out = s->given[size][side];
    if (!mixed || own > 0) return dnnl_success;
    return dnnl_memory_desc_init_by_tag(out, 4, s->given[size][side].dims, dnnl_f32, dnnl_format_tag_any);
}

static dnnl_status_t describe_product(const convolution_shape *c, int product, dnnl_alg_kind_t algorithm,
                                      const product_description *d, dnnl_convolution_desc_t *out) {
    const dnnl_dims_t strides = {1, 1}, padding = {c->padding, c->padding};
    if (product == FORWARD)
        return dnnl_convolution_forward_desc_init(out, dnnl_forward_training, algorithm, &d->input, &d->weights,
                                                  d->bias, &d->output, strides, padding, padding);
    if (product == BACKWARD_INPUT)
        return dnnl_convolution_backward_data_desc_init(out, algorithm, &d->input, &d->weights, &d->output, strides,
                                                        padding, padding);
    return dnnl_convolution_backward_weights_desc_init(out, algorithm, &d->input, &d->weights, d->bias, &d->output,
                                                       strides, padding, padding);
}

dnnl_status_t onednn_plan_product(dnnl_engine_t engine, const convolution_shape *shape, int product,
                                  dnnl_alg_kind_t algorithm, const product_description *description,
                                  const_dnnl_primitive_desc_t forward, dnnl_primitive_desc_t *plan) {
    dnnl_convolution_desc_t wanted;
    TRY_DNNL(describe_product(shape, product, algorithm, description, &wanted));
    return onednn_plan(engine, &wanted, forward, plan);
}

static dnnl_status_t create_plan(planned_convolution *s, int size, int p) {
    product_description d = {.weights = s->weights[p], .bias = s->shape.with_bias ? &s->bias : NULL};
    TRY_DNNL(describe_side(s, size, INPUT, &d.input));
    TRY_DNNL(describe_side(s, size, OUTPUT, &d.output));
    return onednn_plan_product(s->engine, &s->shape, p, s->algorithm[p], &d,
                               p == FORWARD ? NULL : s->product[size][FORWARD].plan, &s->product[size][p].plan);
}

static dnnl_status_t plan_reorder(planned_convolution *s, const dnnl_memory_desc_t *from, const dnnl_memory_desc_t *to,
                                  dnnl_primitive_t *out) {
    dnnl_primitive_desc_t plan;
    TRY_DNNL(dnnl_reorder_primitive_desc_create(&plan, from, s->engine, to, s->engine, NULL));
    dnnl_status_t status = dnnl_primitive_create(out, plan);
    dnnl_primitive_desc_destroy(plan);
    return status;
}

/* Images in the order that the plan wants. */
static dnnl_status_t plan_images(planned_convolution *s, int size, int p) {
    static const dnnl_query_t SIDE[PRODUCTS][SIDES] = {{dnnl_query_src_md, dnnl_query_dst_md},
                                                       {dnnl_query_diff_src_md, dnnl_query_diff_dst_md},
                                                       {dnnl_query_src_md, dnnl_query_diff_dst_md}};
    product *product = &s->product[size][p];
    product->scratch = onednn_bytes(dnnl_primitive_desc_query_md(product->plan, dnnl_query_scratchpad_md, 0));
    for (int side = 0; side < SIDES; side++) {
        const dnnl_memory_desc_t *given = &s->given[size][side], *own = &product->images[side];
        product->images[side] = *dnnl_primitive_desc_query_md(product->plan, SIDE[p][side], 0);
        if (dnnl_memory_desc_equal(given, own)) continue;
        int writes = side == written_side(p);
        TRY_DNNL(plan_reorder(s, writes ? own : given, writes ? given : own, &product->reorder[side]));
        product->copy_at[side] = product->scratch;
        product->scratch += onednn_bytes(own);
    }
    return dnnl_success;
}

/* The first count of rows settles how weights are packed, the second keeps to it. */
static dnnl_status_t plan(planned_convolution *s, int size, int p) {
    dnnl_status_t status = create_plan(s, size, p);
    if (status == dnnl_unimplemented && s->algorithm[p] != dnnl_convolution_direct) {
        s->algorithm[p] = dnnl_convolution_direct;
        status = create_plan(s, size, p);
    }
    TRY_DNNL(status);
    product *product = &s->product[size][p];
    dnnl_query_t which = p == BACKWARD_WEIGHTS ? dnnl_query_diff_weights_md : dnnl_query_weights_md;
    s->weights[p] = *dnnl_primitive_desc_query_md(product->plan, which, 0);
    TRY_DNNL(plan_images(s, size, p));
    return dnnl_primitive_create(&product->primitive, product->plan);
}

/*
 * Winograd's algorithm for kernels of 3 x 3 multiplies four times less (Lavin and Gray 2016), on tiles of 4 x 4 pixels;
 * with few of them a call spends its time on transforming the weights.
 */
#define TILES_LEAST 16

static dnnl_alg_kind_t choose_algorithm(const convolution_shape *c, int64_t rows) {
    int64_t tiles = rows * ((convolution_out_height(c) + 3) / 4) * ((convolution_out_width(c) + 3) / 4);
    int grouped = c->input_group > 0 && c->output_group > 0, square = c->kernel_height == 3 && c->kernel_width == 3;
    return grouped && square && tiles >= TILES_LEAST ? dnnl_convolution_winograd : dnnl_convolution_direct;
}

static int uses_product(const conv_uses *uses, int product) {
    return product == FORWARD || uses->with_gradients;
}

static dnnl_status_t plan_products(planned_convolution *s, const conv_uses *uses) {
    TRY_DNNL(dnnl_engine_create(&s->engine, dnnl_cpu, 0));
    TRY_DNNL(describe(s));
    for (int p = 0; p < PRODUCTS; p++) s->algorithm[p] = choose_algorithm(&s->shape, s->rows[0]);
    for (int p = 0; p < PRODUCTS; p++)
        for (int size = 0; size < 2 && s->rows[size] > 0 && uses_product(uses, p); size++) TRY_DNNL(plan(s, size, p));
    for (int p = FORWARD; p <= BACKWARD_INPUT; p++)
        if (uses_product(uses, p)) TRY_DNNL(plan_reorder(s, &s->plain, &s->weights[p], &s->pack[p]));
    return uses->with_gradients ? plan_reorder(s, &s->weights[BACKWARD_WEIGHTS], &s->plain, &s->unpack) : dnnl_success;
}

static dnnl_status_t new_memory(const planned_convolution *s, const dnnl_memory_desc_t *description, void *bytes,
                                dnnl_memory_t *out) {
    return dnnl_memory_create(out, description, s->engine, bytes);
}

static dnnl_status_t create_product_operands(const planned_convolution *s, const product *p, product_operands *o) {
    for (int side = 0; side < SIDES; side++)
        if (p->reorder[side]) TRY_DNNL(new_memory(s, &p->images[side], DNNL_MEMORY_NONE, &o->images[side]));
    const dnnl_memory_desc_t *scratch = dnnl_primitive_desc_query_md(p->plan, dnnl_query_scratchpad_md, 0);
    return new_memory(s, scratch, DNNL_MEMORY_NONE, &o->scratch);
}

static dnnl_status_t create_operands(const planned_convolution *s, const conv_uses *uses, operands *o) {
    TRY_DNNL(dnnl_stream_create(&o->stream, s->engine, dnnl_stream_default_flags));
    for (int size = 0; size < 2 && s->rows[size] > 0; size++) {
        for (int side = 0; side < SIDES; side++)
            TRY_DNNL(new_memory(s, &s->given[size][side], DNNL_MEMORY_NONE, &o->given[size][side]));
        for (int p = 0; p < PRODUCTS; p++)
            if (uses_product(uses, p))
                TRY_DNNL(create_product_operands(s, &s->product[size][p], &o->product[size][p]));
    }
    if (!uses->with_gradients) return dnnl_success;
    TRY_DNNL(new_memory(s, &s->bias, DNNL_MEMORY_NONE, &o->bias_gradient));
    return new_memory(s, &s->weights[BACKWARD_WEIGHTS], DNNL_MEMORY_NONE, &o->gradient);
}

static dnnl_status_t create_memories(planned_convolution *s, const conv_uses *uses) {
    for (int p = 0; p < 2; p++)
        if (s->packed[p]) TRY_DNNL(new_memory(s, &s->weights[p], s->packed[p], &s->packed_weights[p]));
    TRY_DNNL(new_memory(s, &s->bias, s->loaded_bias, &s->packed_bias));
    TRY_DNNL(new_memory(s, &s->plain, DNNL_MEMORY_NONE, &s->plain_weights));
    if (uses->with_gradients)
        TRY_DNNL(new_memory(s, &s->weights[BACKWARD_WEIGHTS], DNNL_MEMORY_NONE, &s->packed_gradient));
    for (int w = 0; w < s->workers; w++) TRY_DNNL(create_operands(s, uses, &s->operands[w]));
    return dnnl_success;
}

static enot_status reserve(enot_context *context, planned_convolution *s, const conv_uses *uses) {
    TRY(MEMORY_NEW(context, s->workers, "a convolution's operands", &s->operands));
    TRY(MEMORY_NEW(context, s->shape.outputs, "a convolution's biases", &s->loaded_bias));
    for (int p = 0; p < 2; p++)
        if (uses_product(uses, p))
            TRY(MEMORY_NEW(context, onednn_reals(&s->weights[p]), "a convolution's weights", &s->packed[p]));
    return ENOT_OK;
}

static enot_status fail(enot_context *context, const convolution_shape *c, dnnl_status_t status) {
    if (status == dnnl_out_of_memory) return context_fail_memory(context, 0, "a convolution");
    return context_fail(context, ENOT_ERR_ARGUMENT,
                        "oneDNN cannot convolve %lld x %lld pixels from %lld to %lld channels (its status %d)",
                        (long long)c->height, (long long)c->width, (long long)c->inputs, (long long)c->outputs,
                        (int)status);
}

static enot_status fill(enot_context *context, planned_convolution *s, const conv_uses *uses) {
    dnnl_status_t status = plan_products(s, uses);
    if (status != dnnl_success) return fail(context, &s->shape, status);
    TRY(reserve(context, s, uses));
    status = create_memories(s, uses);
    return status == dnnl_success ? ENOT_OK : fail(context, &s->shape, status);
}

enot_status onednn_convolution_create(enot_context *context, const convolution_shape *shape, const conv_uses *uses,
                          void **state) {
    planned_convolution *s;
    TRY(MEMORY_NEW(context, 1, "a convolution", &s));
    s->shape = *shape;
    s->rows[0] = uses->rows[0];
    s->rows[1] = uses->rows[1];
    s->workers = uses->workers;
    int before = onednn_run_alone();
    enot_status status = fill(context, s, uses);
    omp_set_num_threads(before);
    if (status != ENOT_OK) {
        onednn_convolution_destroy(s);
        return status;
    }
    *state = s;
    return ENOT_OK;
}

#endif
