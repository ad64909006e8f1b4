/*
 * Convolutions by oneDNN. A primitive's plan may depend on the number of threads that it was made for, and oneDNN asks
 * OpenMP, so primitives are made and run while OpenMP's number of threads, a setting of each thread, is 1.
 *
 * Images stay in the plain order, channels last: against blocks of 16 channels a forward and backward pass of 3 x 3
 * convolutions of 32 to 256 channels at 32 to 4 pixels takes .9 to 1.05 of the time, and every other layer is a loop
 * over channels.
 */
#include "net/conv/convolution.h"

#ifndef ENOT_REAL_DOUBLE

#include <dnnl.h>
#include <omp.h>

#include "core/memory.h"

enum { FORWARD, BACKWARD_INPUT, BACKWARD_WEIGHTS, PRODUCTS };

/* What one thread hands to primitives; one set for each count of rows. */
typedef struct operands {
    dnnl_stream_t stream;
    dnnl_memory_t input[2], output[2], scratch[2][PRODUCTS], gradient, bias_gradient;
} operands;

typedef struct onednn {
    convolution_shape shape;
    int64_t rows[2];
    int workers;
    dnnl_engine_t engine;
    dnnl_memory_desc_t input[2], output[2], bias, plain; /* plain: weights as in the parameters */
    dnnl_memory_desc_t weights[PRODUCTS];                /* as each product wants them */
    dnnl_primitive_desc_t plan[2][PRODUCTS];
    dnnl_primitive_t product[2][PRODUCTS], pack[2], unpack;
    real *packed[2], *loaded_bias;
    dnnl_memory_t packed_weights[2], packed_bias, plain_weights, packed_gradient;
    operands *operands; /* [workers] */
} onednn;

/* Returns the calling thread's setting, to be restored. */
static int run_alone(void) {
    int before = omp_get_max_threads();
    omp_set_num_threads(1);
    return before;
}

/* The first failure of a sequence of calls to oneDNN. */
#define TRY_DNNL(call)                                                                                                 \
    do {                                                                                                               \
        dnnl_status_t try_status = (call);                                                                             \
        if (try_status != dnnl_success) return try_status;                                                             \
    } while (0)

static void destroy_memory(dnnl_memory_t memory) {
    if (memory) dnnl_memory_destroy(memory);
}

static void destroy_primitive(dnnl_primitive_t primitive) {
    if (primitive) dnnl_primitive_destroy(primitive);
}

static void destroy_operands(operands *o) {
    for (int size = 0; size < 2; size++) {
        destroy_memory(o->input[size]);
        destroy_memory(o->output[size]);
        for (int p = 0; p < PRODUCTS; p++) destroy_memory(o->scratch[size][p]);
    }
    destroy_memory(o->gradient);
    destroy_memory(o->bias_gradient);
    if (o->stream) dnnl_stream_destroy(o->stream);
}

static void destroy_products(onednn *s) {
    for (int size = 0; size < 2; size++)
        for (int p = 0; p < PRODUCTS; p++) {
            destroy_primitive(s->product[size][p]);
            if (s->plan[size][p]) dnnl_primitive_desc_destroy(s->plan[size][p]);
        }
    for (int p = 0; p < 2; p++) destroy_primitive(s->pack[p]);
    destroy_primitive(s->unpack);
}

static void destroy(void *state) {
    onednn *s = state;
    if (!s) return;
    if (s->operands)
        for (int w = 0; w < s->workers; w++) destroy_operands(&s->operands[w]);
    memory_destroy(s->operands);
    destroy_products(s);
    for (int p = 0; p < 2; p++) {
        destroy_memory(s->packed_weights[p]);
        memory_destroy(s->packed[p]);
    }
    destroy_memory(s->packed_bias);
    destroy_memory(s->plain_weights);
    destroy_memory(s->packed_gradient);
    memory_destroy(s->loaded_bias);
    if (s->engine) dnnl_engine_destroy(s->engine);
    memory_destroy(s);
}

static dnnl_status_t describe_images(dnnl_memory_desc_t *out, int64_t rows, int64_t channels, int64_t height,
                                     int64_t width) {
    return dnnl_memory_desc_init_by_tag(out, 4, (dnnl_dims_t){rows, channels, height, width}, dnnl_f32, dnnl_nhwc);
}

static dnnl_status_t describe(onednn *s) {
    const convolution_shape *c = &s->shape;
    dnnl_dims_t weights = {c->outputs, c->inputs, c->kernel_height, c->kernel_width};
    for (int size = 0; size < 2 && s->rows[size] > 0; size++) {
        TRY_DNNL(describe_images(&s->input[size], s->rows[size], c->inputs, c->height, c->width));
        TRY_DNNL(describe_images(&s->output[size], s->rows[size], c->outputs, convolution_out_height(c),
                                 convolution_out_width(c)));
    }
    for (int p = 0; p < PRODUCTS; p++)
        TRY_DNNL(dnnl_memory_desc_init_by_tag(&s->weights[p], 4, weights, dnnl_f32, dnnl_format_tag_any));
    TRY_DNNL(dnnl_memory_desc_init_by_tag(&s->plain, 4, weights, dnnl_f32, dnnl_oihw));
    return dnnl_memory_desc_init_by_tag(&s->bias, 1, (dnnl_dims_t){c->outputs}, dnnl_f32, dnnl_a);
}

static dnnl_status_t describe_product(onednn *s, int size, int product, dnnl_convolution_desc_t *out) {
    const convolution_shape *c = &s->shape;
    const dnnl_dims_t strides = {1, 1}, padding = {c->padding, c->padding};
    const dnnl_memory_desc_t *in = &s->input[size], *to = &s->output[size], *weights = &s->weights[product];
    const dnnl_memory_desc_t *bias = c->with_bias ? &s->bias : NULL;
    if (product == FORWARD)
        return dnnl_convolution_forward_desc_init(out, dnnl_forward_training, dnnl_convolution_direct, in, weights,
                                                  bias, to, strides, padding, padding);
    if (product == BACKWARD_INPUT)
        return dnnl_convolution_backward_data_desc_init(out, dnnl_convolution_direct, in, weights, to, strides, padding,
                                                        padding);
    return dnnl_convolution_backward_weights_desc_init(out, dnnl_convolution_direct, in, weights, bias, to, strides,
                                                       padding, padding);
}

/* The first count of rows settles how weights are packed, the second keeps to it. */
static dnnl_status_t plan(onednn *s, int size, int product) {
    dnnl_convolution_desc_t wanted;
    dnnl_primitive_attr_t attributes;
    TRY_DNNL(describe_product(s, size, product, &wanted));
    TRY_DNNL(dnnl_primitive_attr_create(&attributes));
    dnnl_status_t status = dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user);
    if (status == dnnl_success)
        status = dnnl_primitive_desc_create(&s->plan[size][product], &wanted, attributes, s->engine,
                                            product == FORWARD ? NULL : s->plan[size][FORWARD]);
    dnnl_primitive_attr_destroy(attributes);
    TRY_DNNL(status);
    dnnl_query_t which = product == BACKWARD_WEIGHTS ? dnnl_query_diff_weights_md : dnnl_query_weights_md;
    s->weights[product] = *dnnl_primitive_desc_query_md(s->plan[size][product], which, 0);
    return dnnl_primitive_create(&s->product[size][product], s->plan[size][product]);
}

static dnnl_status_t plan_reorder(onednn *s, const dnnl_memory_desc_t *from, const dnnl_memory_desc_t *to,
                                  dnnl_primitive_t *out) {
    dnnl_primitive_desc_t plan;
    TRY_DNNL(dnnl_reorder_primitive_desc_create(&plan, from, s->engine, to, s->engine, NULL));
    dnnl_status_t status = dnnl_primitive_create(out, plan);
    dnnl_primitive_desc_destroy(plan);
    return status;
}

static int uses_product(const convolution_uses *uses, int product) {
    return product == FORWARD || (product == BACKWARD_INPUT ? uses->with_input_gradient : uses->with_gradients);
}

static dnnl_status_t plan_products(onednn *s, const convolution_uses *uses) {
    TRY_DNNL(dnnl_engine_create(&s->engine, dnnl_cpu, 0));
    TRY_DNNL(describe(s));
    for (int p = 0; p < PRODUCTS; p++)
        for (int size = 0; size < 2 && s->rows[size] > 0 && uses_product(uses, p); size++) TRY_DNNL(plan(s, size, p));
    for (int p = FORWARD; p <= BACKWARD_INPUT; p++)
        if (uses_product(uses, p)) TRY_DNNL(plan_reorder(s, &s->plain, &s->weights[p], &s->pack[p]));
    return uses->with_gradients ? plan_reorder(s, &s->weights[BACKWARD_WEIGHTS], &s->plain, &s->unpack) : dnnl_success;
}

static dnnl_status_t new_memory(const onednn *s, const dnnl_memory_desc_t *description, void *bytes,
                                dnnl_memory_t *out) {
    return dnnl_memory_create(out, description, s->engine, bytes);
}

static dnnl_status_t create_operands(const onednn *s, const convolution_uses *uses, operands *o) {
    TRY_DNNL(dnnl_stream_create(&o->stream, s->engine, dnnl_stream_default_flags));
    for (int size = 0; size < 2 && s->rows[size] > 0; size++) {
        TRY_DNNL(new_memory(s, &s->input[size], DNNL_MEMORY_NONE, &o->input[size]));
        TRY_DNNL(new_memory(s, &s->output[size], DNNL_MEMORY_NONE, &o->output[size]));
        for (int p = 0; p < PRODUCTS; p++) {
            if (!uses_product(uses, p)) continue;
            const dnnl_memory_desc_t *scratch =
                dnnl_primitive_desc_query_md(s->plan[size][p], dnnl_query_scratchpad_md, 0);
            TRY_DNNL(new_memory(s, scratch, DNNL_MEMORY_NONE, &o->scratch[size][p]));
        }
    }
    if (!uses->with_gradients) return dnnl_success;
    TRY_DNNL(new_memory(s, &s->bias, DNNL_MEMORY_NONE, &o->bias_gradient));
    return new_memory(s, &s->weights[BACKWARD_WEIGHTS], DNNL_MEMORY_NONE, &o->gradient);
}

static dnnl_status_t create_memories(onednn *s, const convolution_uses *uses) {
    for (int p = 0; p < 2; p++)
        if (s->packed[p]) TRY_DNNL(new_memory(s, &s->weights[p], s->packed[p], &s->packed_weights[p]));
    TRY_DNNL(new_memory(s, &s->bias, s->loaded_bias, &s->packed_bias));
    TRY_DNNL(new_memory(s, &s->plain, DNNL_MEMORY_NONE, &s->plain_weights));
    if (uses->with_gradients)
        TRY_DNNL(new_memory(s, &s->weights[BACKWARD_WEIGHTS], DNNL_MEMORY_NONE, &s->packed_gradient));
    for (int w = 0; w < s->workers; w++) TRY_DNNL(create_operands(s, uses, &s->operands[w]));
    return dnnl_success;
}

static int64_t reals_of(const dnnl_memory_desc_t *description) {
    return (int64_t)(dnnl_memory_desc_get_size(description) / sizeof(real));
}

static enot_status reserve(enot_context *context, onednn *s, const convolution_uses *uses) {
    TRY(MEMORY_NEW(context, s->workers, "a convolution's operands", &s->operands));
    TRY(MEMORY_NEW(context, s->shape.outputs, "a convolution's biases", &s->loaded_bias));
    for (int p = 0; p < 2; p++)
        if (uses_product(uses, p))
            TRY(MEMORY_NEW(context, reals_of(&s->weights[p]), "a convolution's weights", &s->packed[p]));
    return ENOT_OK;
}

static enot_status fail(enot_context *context, const convolution_shape *c, dnnl_status_t status) {
    if (status == dnnl_out_of_memory) return context_fail_memory(context, 0, "a convolution");
    return context_fail(context, ENOT_ERR_ARGUMENT,
                        "oneDNN cannot convolve %lld x %lld pixels from %lld to %lld channels (its status %d)",
                        (long long)c->height, (long long)c->width, (long long)c->inputs, (long long)c->outputs,
                        (int)status);
}

static enot_status fill(enot_context *context, onednn *s, const convolution_uses *uses) {
    dnnl_status_t status = plan_products(s, uses);
    if (status != dnnl_success) return fail(context, &s->shape, status);
    TRY(reserve(context, s, uses));
    status = create_memories(s, uses);
    return status == dnnl_success ? ENOT_OK : fail(context, &s->shape, status);
}

static enot_status create(enot_context *context, const convolution_shape *shape, const convolution_uses *uses,
                          void **state) {
    onednn *s;
    TRY(MEMORY_NEW(context, 1, "a convolution", &s));
    s->shape = *shape;
    s->rows[0] = uses->rows[0];
    s->rows[1] = uses->rows[1];
    s->workers = uses->workers;
    int before = run_alone();
    enot_status status = fill(context, s, uses);
    omp_set_num_threads(before);
    if (status != ENOT_OK) {
        destroy(s);
        return status;
    }
    *state = s;
    return ENOT_OK;
}

static int64_t scratch_size(const void *state) {
    const onednn *s = state;
    size_t most = 0;
    for (int size = 0; size < 2; size++)
        for (int p = 0; p < PRODUCTS; p++) {
            if (!s->plan[size][p]) continue;
            const dnnl_memory_desc_t *scratch =
                dnnl_primitive_desc_query_md(s->plan[size][p], dnnl_query_scratchpad_md, 0);
            size_t bytes = dnnl_memory_desc_get_size(scratch);
            most = bytes > most ? bytes : most;
        }
    return (int64_t)most;
}

static int64_t gradient_count(const void *state) {
    return reals_of(&((const onednn *)state)->weights[BACKWARD_WEIGHTS]);
}

static dnnl_status_t reorder(dnnl_stream_t stream, dnnl_primitive_t primitive, dnnl_memory_t from, dnnl_memory_t to) {
    dnnl_exec_arg_t arguments[] = {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}};
    int before = run_alone();
    dnnl_status_t status = dnnl_primitive_execute(primitive, stream, 2, arguments);
    omp_set_num_threads(before);
    return status;
}

static int load(void *state, const real *weight, const real *bias) {
    onednn *s = state;
    dnnl_status_t status = dnnl_memory_set_data_handle(s->plain_weights, (void *)weight);
    for (int p = 0; p < 2 && status == dnnl_success; p++)
        if (s->pack[p]) status = reorder(s->operands[0].stream, s->pack[p], s->plain_weights, s->packed_weights[p]);
    for (int64_t o = 0; o < s->shape.outputs && s->shape.with_bias; o++) s->loaded_bias[o] = bias[o];
    return status != dnnl_success;
}

static dnnl_status_t hand_over(operands *o, int size, int product, const void *input, const void *output,
                               void *scratch) {
    TRY_DNNL(dnnl_memory_set_data_handle(o->input[size], (void *)input));
    TRY_DNNL(dnnl_memory_set_data_handle(o->output[size], (void *)output));
    return dnnl_memory_set_data_handle(o->scratch[size][product], scratch);
}

static int run_product(onednn *s, operands *o, int size, int product, int count, const dnnl_exec_arg_t *arguments) {
    int before = run_alone();
    dnnl_status_t status = dnnl_primitive_execute(s->product[size][product], o->stream, count, arguments);
    omp_set_num_threads(before);
    return status != dnnl_success;
}

static int forward(void *state, convolution_worker worker, int64_t rows, const real *x, real *y) {
    onednn *s = state;
    operands *o = &s->operands[worker.index];
    int size = rows != s->rows[0];
    if (hand_over(o, size, FORWARD, x, y, worker.scratch) != dnnl_success) return 1;
    dnnl_exec_arg_t arguments[] = {{DNNL_ARG_SRC, o->input[size]},
                                   {DNNL_ARG_WEIGHTS, s->packed_weights[FORWARD]},
                                   {DNNL_ARG_DST, o->output[size]},
                                   {DNNL_ARG_SCRATCHPAD, o->scratch[size][FORWARD]},
                                   {DNNL_ARG_BIAS, s->packed_bias}};
    return run_product(s, o, size, FORWARD, s->shape.with_bias ? 5 : 4, arguments);
}

static int backward_input(void *state, convolution_worker worker, int64_t rows, const real *dy, real *dx) {
    onednn *s = state;
    operands *o = &s->operands[worker.index];
    int size = rows != s->rows[0];
    if (hand_over(o, size, BACKWARD_INPUT, dx, dy, worker.scratch) != dnnl_success) return 1;
    dnnl_exec_arg_t arguments[] = {{DNNL_ARG_DIFF_SRC, o->input[size]},
                                   {DNNL_ARG_WEIGHTS, s->packed_weights[BACKWARD_INPUT]},
                                   {DNNL_ARG_DIFF_DST, o->output[size]},
                                   {DNNL_ARG_SCRATCHPAD, o->scratch[size][BACKWARD_INPUT]}};
    return run_product(s, o, size, BACKWARD_INPUT, 4, arguments);
}

static int backward_weights(void *state, convolution_worker worker, int64_t rows, const real *x, const real *dy,
                            real *gradient, real *bias_gradient) {
    onednn *s = state;
    operands *o = &s->operands[worker.index];
    int size = rows != s->rows[0];
    if (hand_over(o, size, BACKWARD_WEIGHTS, x, dy, worker.scratch) != dnnl_success ||
        dnnl_memory_set_data_handle(o->gradient, gradient) != dnnl_success ||
        dnnl_memory_set_data_handle(o->bias_gradient, bias_gradient) != dnnl_success)
        return 1;
    dnnl_exec_arg_t arguments[] = {{DNNL_ARG_SRC, o->input[size]},
                                   {DNNL_ARG_DIFF_DST, o->output[size]},
                                   {DNNL_ARG_DIFF_WEIGHTS, o->gradient},
                                   {DNNL_ARG_SCRATCHPAD, o->scratch[size][BACKWARD_WEIGHTS]},
                                   {DNNL_ARG_DIFF_BIAS, o->bias_gradient}};
    return run_product(s, o, size, BACKWARD_WEIGHTS, s->shape.with_bias ? 5 : 4, arguments);
}

static int unpack(void *state, const real *gradient, real *weight_gradient) {
    onednn *s = state;
    if (dnnl_memory_set_data_handle(s->packed_gradient, (void *)gradient) != dnnl_success ||
        dnnl_memory_set_data_handle(s->plain_weights, weight_gradient) != dnnl_success)
        return 1;
    return reorder(s->operands[0].stream, s->unpack, s->packed_gradient, s->plain_weights) != dnnl_success;
}

const convolution_ops convolution_onednn = {create,  destroy,        scratch_size,     gradient_count, load,
                                            forward, backward_input, backward_weights, unpack};

#endif
