#ifndef ENOT_REAL_DOUBLE

#include "bench/bare_convolution.h"

#include "core/clock.h"
#include "core/memory.h"
#include "core/parallel.h"
#include "ops/ops.h"

/* Images of a call on one of the context's threads: equal parts of the batch, of at most so many. */
#define PART_ROWS_MOST 8

static int64_t part_rows_of(int64_t rows) {
    int64_t part = PART_ROWS_MOST;
    while (rows % part) part--;
    return part;
}

/* Sets how many threads oneDNN may use in calls from this thread; returns what it was. */
static int allow_threads(const bare_convolution *b) {
    int before = omp_get_max_threads();
    omp_set_num_threads(b->way.own_threads ? b->context->threads : 1);
    return before;
}

static dnnl_status_t describe_images(dnnl_memory_desc_t *out, int64_t rows, int64_t channels, int64_t height,
                                     int64_t width, int plain) {
    return dnnl_memory_desc_init_by_tag(out, 4, (dnnl_dims_t){rows, channels, height, width}, dnnl_f32,
                                        plain ? dnnl_nhwc : dnnl_format_tag_any);
}

static dnnl_status_t describe(const bare_convolution *b, int64_t rows, product_description *d) {
    const convolution_shape *c = &b->shape;
    dnnl_dims_t weights = {c->outputs, c->inputs, c->kernel_height, c->kernel_width};
    d->bias = NULL;
    TRY_DNNL(describe_images(&d->input, rows, c->inputs, c->height, c->width, b->way.plain));
    TRY_DNNL(describe_images(&d->output, rows, c->outputs, convolution_out_height(c), convolution_out_width(c),
                             b->way.plain));
    return dnnl_memory_desc_init_by_tag(&d->weights, 4, weights, dnnl_f32, dnnl_format_tag_any);
}

/* Plans of backward products are made beside one of the forward product. */
static dnnl_status_t plan(bare_convolution *b, dnnl_engine_t engine, int64_t rows) {
    dnnl_alg_kind_t algorithm = b->way.winograd ? dnnl_convolution_winograd : dnnl_convolution_direct;
    product_description d;
    dnnl_primitive_desc_t forward;
    TRY_DNNL(describe(b, rows, &d));
    TRY_DNNL(onednn_plan_product(engine, &b->shape, FORWARD, algorithm, &d, NULL, &forward));
    if (b->product == FORWARD) {
        b->plan = forward;
    } else {
        dnnl_status_t status = onednn_plan_product(engine, &b->shape, b->product, algorithm, &d, forward, &b->plan);
        dnnl_primitive_desc_destroy(forward);
        TRY_DNNL(status);
    }
    return dnnl_primitive_create(&b->primitive, b->plan);
}

static const dnnl_memory_desc_t *description_of(const bare_convolution *b, dnnl_query_t forward,
                                                dnnl_query_t gradient, int is_gradient) {
    return dnnl_primitive_desc_query_md(b->plan, is_gradient ? gradient : forward, 0);
}

static const dnnl_memory_desc_t *input_of(const bare_convolution *b) {
    return description_of(b, dnnl_query_src_md, dnnl_query_diff_src_md, b->product == BACKWARD_INPUT);
}

static const dnnl_memory_desc_t *output_of(const bare_convolution *b) {
    return description_of(b, dnnl_query_dst_md, dnnl_query_diff_dst_md, b->product != FORWARD);
}

static const dnnl_memory_desc_t *weights_of(const bare_convolution *b) {
    return description_of(b, dnnl_query_weights_md, dnnl_query_diff_weights_md, b->product == BACKWARD_WEIGHTS);
}

static const dnnl_memory_desc_t *scratch_of(const bare_convolution *b) {
    return dnnl_primitive_desc_query_md(b->plan, dnnl_query_scratchpad_md, 0);
}

static void grow(size_t *bytes, size_t wanted) {
    if (wanted > *bytes) *bytes = wanted;
}

static enot_status fail(const bare_convolution *b, dnnl_status_t status) {
    const convolution_shape *c = &b->shape;
    return context_fail(b->context, ENOT_ERR_ARGUMENT,
                        "oneDNN cannot convolve %lld x %lld pixels from %lld to %lld channels alone (its status %d)",
                        (long long)c->height, (long long)c->width, (long long)c->inputs, (long long)c->outputs,
                        (int)status);
}

enot_status bare_convolution_plan(enot_context *context, dnnl_engine_t engine, const convolution_shape *shape,
                                  int product, int64_t rows, bare_way way, bare_memory *sizes,
                                  bare_convolution *bare) {
    int64_t call_rows = way.own_threads ? rows : part_rows_of(rows);
    *bare = (bare_convolution){
        .context = context, .shape = *shape, .product = product, .way = way, .calls = rows / call_rows};
    int before = allow_threads(bare);
    dnnl_status_t status = plan(bare, engine, call_rows);
    omp_set_num_threads(before);
    if (status == dnnl_unimplemented && way.winograd) return ENOT_OK;
    if (status != dnnl_success) return fail(bare, status);
    grow(&sizes->images_bytes, (size_t)bare->calls * onednn_bytes(input_of(bare)));
    grow(&sizes->images_bytes, (size_t)bare->calls * onednn_bytes(output_of(bare)));
    grow(&sizes->weights_bytes, onednn_bytes(weights_of(bare)));
    grow(&sizes->scratch_bytes, onednn_bytes(scratch_of(bare)));
    return ENOT_OK;
}

static dnnl_status_t bind_images(bare_convolution *b, dnnl_engine_t engine, const bare_memory *m) {
    char *input = b->product == BACKWARD_INPUT ? m->written_images : m->input;
    char *output = b->product == FORWARD ? m->written_images : m->output;
    for (int64_t i = 0; i < b->calls; i++) {
        TRY_DNNL(dnnl_memory_create(&b->input[i], input_of(b), engine, input + (size_t)i * onednn_bytes(input_of(b))));
        TRY_DNNL(dnnl_memory_create(&b->output[i], output_of(b), engine, output + (size_t)i * onednn_bytes(output_of(b))));
    }
    return dnnl_success;
}

/* Weights that are read are one thread's, gradients each thread's own. */
static dnnl_status_t bind_workers(bare_convolution *b, dnnl_engine_t engine, const bare_memory *m) {
    for (size_t w = 0; w < (size_t)b->context->threads; w++) {
        char *weights = b->product == BACKWARD_WEIGHTS ? m->written_weights + w * m->weights_bytes : m->weights;
        TRY_DNNL(dnnl_stream_create(&b->streams[w], engine, dnnl_stream_default_flags));
        TRY_DNNL(dnnl_memory_create(&b->weights[w], weights_of(b), engine, weights));
        TRY_DNNL(dnnl_memory_create(&b->scratch[w], scratch_of(b), engine, m->scratch + w * m->scratch_bytes));
    }
    return dnnl_success;
}

enot_status bare_convolution_bind(bare_convolution *b, dnnl_engine_t engine, const bare_memory *memory) {
    static const char *const PURPOSE = "a convolution to measure";
    TRY(MEMORY_NEW(b->context, b->calls, PURPOSE, &b->input));
    TRY(MEMORY_NEW(b->context, b->calls, PURPOSE, &b->output));
    TRY(MEMORY_NEW(b->context, b->context->threads, PURPOSE, &b->weights));
    TRY(MEMORY_NEW(b->context, b->context->threads, PURPOSE, &b->scratch));
    TRY(MEMORY_NEW(b->context, b->context->threads, PURPOSE, &b->streams));
    dnnl_status_t status = bind_images(b, engine, memory);
    if (status == dnnl_success) status = bind_workers(b, engine, memory);
    return status == dnnl_success ? ENOT_OK : fail(b, status);
}

static void destroy_memories(dnnl_memory_t *memories, int64_t count) {
    for (int64_t i = 0; memories && i < count; i++)
        onednn_destroy_memory(memories[i]);
    memory_destroy(memories);
}

void bare_convolution_destroy(bare_convolution *b) {
    if (!b->context) return;
    destroy_memories(b->input, b->calls);
    destroy_memories(b->output, b->calls);
    destroy_memories(b->weights, b->context->threads);
    destroy_memories(b->scratch, b->context->threads);
    for (int w = 0; b->streams && w < b->context->threads; w++)
        if (b->streams[w]) dnnl_stream_destroy(b->streams[w]);
    memory_destroy(b->streams);
    onednn_destroy_primitive(b->primitive);
    onednn_destroy_plan(b->plan);
}

static void run_call(void *user, int64_t index, int worker) {
    const bare_convolution *b = user;
    static const int INPUT[] = {DNNL_ARG_SRC, DNNL_ARG_DIFF_SRC, DNNL_ARG_SRC};
    static const int OUTPUT[] = {DNNL_ARG_DST, DNNL_ARG_DIFF_DST, DNNL_ARG_DIFF_DST};
    static const int WEIGHTS[] = {DNNL_ARG_WEIGHTS, DNNL_ARG_WEIGHTS, DNNL_ARG_DIFF_WEIGHTS};
    dnnl_exec_arg_t arguments[] = {{INPUT[b->product], b->input[index]},
                                   {OUTPUT[b->product], b->output[index]},
                                   {WEIGHTS[b->product], b->weights[worker]},
                                   {DNNL_ARG_SCRATCHPAD, b->scratch[worker]}};
    int before = allow_threads(b);
    dnnl_primitive_execute(b->primitive, b->streams[worker], 4, arguments);
    omp_set_num_threads(before);
}

double bare_convolution_time(bare_convolution *b) {
    double started = clock_seconds();
    parallel_for(b->context, b->calls, run_call, b);
    return clock_seconds() - started;
}

static enot_status create_numbers(enot_context *context, size_t bytes, uint64_t row, char **out) {
    TRY(MEMORY_NEW(context, (int64_t)bytes, "convolutions to measure", out));
    ops_select()->normals(0, 0, row, (int64_t)(bytes / sizeof(real)), (real *)*out);
    return ENOT_OK;
}

enot_status bare_memory_create(enot_context *context, bare_memory *m) {
    static const char *const PURPOSE = "convolutions to measure";
    int64_t threads = context->threads;
    TRY(create_numbers(context, m->images_bytes, 0, &m->input));
    TRY(create_numbers(context, m->images_bytes, 1, &m->output));
    TRY(create_numbers(context, m->weights_bytes, 2, &m->weights));
    TRY(MEMORY_NEW(context, (int64_t)m->images_bytes, PURPOSE, &m->written_images));
    TRY(MEMORY_NEW(context, threads * (int64_t)m->weights_bytes, PURPOSE, &m->written_weights));
    return MEMORY_NEW(context, threads * (int64_t)m->scratch_bytes, PURPOSE, &m->scratch);
}

void bare_memory_destroy(bare_memory *m) {
    memory_destroy(m->input);
    memory_destroy(m->output);
    memory_destroy(m->weights);
    memory_destroy(m->written_images);
    memory_destroy(m->written_weights);
    memory_destroy(m->scratch);
}

#endif
