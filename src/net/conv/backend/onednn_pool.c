/* Pools by oneDNN. The forward pass of a largest pixel notes which it was, for the backward pass. */
#ifndef ENOT_REAL_DOUBLE

#include "net/conv/backend/onednn.h"
#include "net/conv/elements.h"

enum { FORWARD, BACKWARD, WAYS };
enum { LARGE, SMALL, SIDES };

/* What one thread hands to primitives; the arrays are for each count of rows. */
typedef struct operands {
    dnnl_stream_t stream;
    dnnl_memory_t images[2][SIDES], notes[2], scratch[2][WAYS];
} operands;

typedef struct planned_pool {
    pool_shape shape;
    int64_t rows[2], image_size; /* image_size: of a large one */
    int with_gradients, workers;
    dnnl_engine_t engine;
    dnnl_memory_desc_t images[2][SIDES];
    dnnl_primitive_desc_t plan[2][WAYS];
    dnnl_primitive_t primitive[2][WAYS];
    char *notes; /* [batch, row_notes] bytes */
    size_t row_notes, scratch; /* scratch: of primitives; behind it is room for a part of large images, to be added */
    operands *operands; /* [workers] */
} planned_pool;

static void destroy_operands(operands *o) {
    for (int size = 0; size < 2; size++) {
        for (int side = 0; side < SIDES; side++) onednn_destroy_memory(o->images[size][side]);
        for (int way = 0; way < WAYS; way++) onednn_destroy_memory(o->scratch[size][way]);
        onednn_destroy_memory(o->notes[size]);
    }
    if (o->stream) dnnl_stream_destroy(o->stream);
}

static void destroy(void *state) {
    planned_pool *s = state;
    if (!s) return;
    for (int w = 0; s->operands && w < s->workers; w++) destroy_operands(&s->operands[w]);
    memory_destroy(s->operands);
    for (int size = 0; size < 2; size++)
        for (int way = 0; way < WAYS; way++) {
            onednn_destroy_primitive(s->primitive[size][way]);
            onednn_destroy_plan(s->plan[size][way]);
        }
    memory_destroy(s->notes);
    if (s->engine) dnnl_engine_destroy(s->engine);
    memory_destroy(s);
}

static dnnl_status_t describe(const planned_pool *s, int64_t rows, dnnl_memory_desc_t images[SIDES]) {
    image_shape i = s->shape.image;
    TRY_DNNL(onednn_describe_images(&images[LARGE], rows, i.channels, i.height, i.width, s->shape.group));
    return onednn_describe_images(&images[SMALL], rows, i.channels, i.height / 2, i.width / 2, s->shape.group);
}

static const dnnl_memory_desc_t *scratch_of(const planned_pool *s, int size, int way) {
    return dnnl_primitive_desc_query_md(s->plan[size][way], dnnl_query_scratchpad_md, 0);
}

static dnnl_status_t plan(planned_pool *s, int size, int way) {
    const dnnl_dims_t two = {2, 2}, none = {0, 0};
    const dnnl_memory_desc_t *images = s->images[size];
    dnnl_alg_kind_t kind = s->shape.largest ? dnnl_pooling_max : dnnl_pooling_avg_exclude_padding;
    dnnl_pooling_desc_t wanted;
    if (way == FORWARD)
        TRY_DNNL(dnnl_pooling_forward_desc_init(
            &wanted, s->with_gradients ? dnnl_forward_training : dnnl_forward_inference, kind, &images[LARGE],
            &images[SMALL], two, two, none, none));
    else
        TRY_DNNL(dnnl_pooling_backward_desc_init(&wanted, kind, &images[LARGE], &images[SMALL], two, two, none, none));
    TRY_DNNL(onednn_plan(s->engine, &wanted, way == FORWARD ? NULL : s->plan[size][FORWARD], &s->plan[size][way]));
    size_t scratch = onednn_bytes(scratch_of(s, size, way));
    if (scratch > s->scratch) s->scratch = scratch;
    return dnnl_primitive_create(&s->primitive[size][way], s->plan[size][way]);
}

static const dnnl_memory_desc_t *notes_of(const planned_pool *s, int size) {
    return dnnl_primitive_desc_query_md(s->plan[size][FORWARD], dnnl_query_workspace_md, 0);
}

static dnnl_status_t plan_all(planned_pool *s) {
    TRY_DNNL(dnnl_engine_create(&s->engine, dnnl_cpu, 0));
    for (int size = 0; size < 2 && s->rows[size] > 0; size++) {
        TRY_DNNL(describe(s, s->rows[size], s->images[size]));
        for (int way = 0; way <= s->with_gradients; way++) TRY_DNNL(plan(s, size, way));
    }
    s->row_notes = dnnl_memory_desc_get_size(notes_of(s, 0)) / (size_t)s->rows[0];
    return dnnl_success;
}

static dnnl_status_t new_memory(const planned_pool *s, const dnnl_memory_desc_t *description, dnnl_memory_t *out) {
    return dnnl_memory_create(out, description, s->engine, DNNL_MEMORY_NONE);
}

static dnnl_status_t create_operands(const planned_pool *s, operands *o) {
    TRY_DNNL(dnnl_stream_create(&o->stream, s->engine, dnnl_stream_default_flags));
    for (int size = 0; size < 2 && s->rows[size] > 0; size++) {
        for (int side = 0; side < SIDES; side++)
            TRY_DNNL(new_memory(s, &s->images[size][side], &o->images[size][side]));
        for (int way = 0; way <= s->with_gradients; way++)
            TRY_DNNL(new_memory(s, scratch_of(s, size, way), &o->scratch[size][way]));
        TRY_DNNL(new_memory(s, notes_of(s, size), &o->notes[size]));
    }
    return dnnl_success;
}

static enot_status check(enot_context *context, const pool_shape *p, dnnl_status_t status) {
    if (status == dnnl_success) return ENOT_OK;
    if (status == dnnl_out_of_memory) return context_fail_memory(context, 0, "a pool");
    return context_fail(context, ENOT_ERR_ARGUMENT, "oneDNN cannot halve images of %lld x %lld pixels and %lld channels (its status %d)",
                        (long long)p->image.height, (long long)p->image.width, (long long)p->image.channels, (int)status);
}

static enot_status fill(enot_context *context, planned_pool *s, int64_t batch) {
    TRY(check(context, &s->shape, plan_all(s)));
    TRY(MEMORY_NEW(context, batch * (int64_t)s->row_notes, "a pool", &s->notes));
    TRY(MEMORY_NEW(context, s->workers, "a pool's operands", &s->operands));
    dnnl_status_t status = dnnl_success;
    for (int w = 0; w < s->workers && status == dnnl_success; w++) status = create_operands(s, &s->operands[w]);
    return check(context, &s->shape, status);
}

static enot_status create(enot_context *context, const pool_shape *shape, const conv_uses *uses, void **state) {
    planned_pool *s;
    TRY(MEMORY_NEW(context, 1, "a pool", &s));
    *s = (planned_pool){.shape = *shape, .rows = {uses->rows[0], uses->rows[1]}, .image_size = image_shape_size(shape->image),
                        .with_gradients = uses->with_gradients, .workers = uses->workers};
    int before = onednn_run_alone();
    enot_status status = fill(context, s, uses->batch);
    omp_set_num_threads(before);
    if (status != ENOT_OK) {
        destroy(s);
        return status;
    }
    *state = s;
    return ENOT_OK;
}

static int64_t scratch_size(const void *state) {
    const planned_pool *s = state;
    return (int64_t)(s->scratch + (s->with_gradients ? onednn_bytes(&s->images[0][LARGE]) : 0));
}

/* large, small: images of the part, in the order of SIDES. */
static dnnl_status_t run(planned_pool *s, conv_worker worker, conv_part part, int way, const real *large, const real *small) {
    static const int ARGUMENT[WAYS][SIDES] = {{DNNL_ARG_SRC, DNNL_ARG_DST}, {DNNL_ARG_DIFF_SRC, DNNL_ARG_DIFF_DST}};
    int size = part.rows != s->rows[0];
    operands *o = &s->operands[worker.index];
    TRY_DNNL(dnnl_memory_set_data_handle(o->images[size][LARGE], (void *)large));
    TRY_DNNL(dnnl_memory_set_data_handle(o->images[size][SMALL], (void *)small));
    TRY_DNNL(dnnl_memory_set_data_handle(o->notes[size], s->notes + (size_t)part.first * s->row_notes));
    TRY_DNNL(dnnl_memory_set_data_handle(o->scratch[size][way], worker.scratch));
    dnnl_exec_arg_t arguments[] = {{ARGUMENT[way][LARGE], o->images[size][LARGE]},
                                   {ARGUMENT[way][SMALL], o->images[size][SMALL]},
                                   {DNNL_ARG_SCRATCHPAD, o->scratch[size][way]},
                                   {DNNL_ARG_WORKSPACE, o->notes[size]}};
    return onednn_execute(s->primitive[size][way], o->stream, s->row_notes > 0 ? 4 : 3, arguments);
}

static int forward(void *state, conv_worker worker, conv_part part, const real *x, real *y) {
    return run(state, worker, part, FORWARD, x, y) != dnnl_success;
}

static int backward(void *state, conv_worker worker, conv_part part, const real *x, const real *dy, int add, real *dx) {
    planned_pool *s = state;
    real *written = add ? (real *)((char *)worker.scratch + s->scratch) : dx;
    if (run(s, worker, part, BACKWARD, written, dy) != dnnl_success) return 1;
    if (add) elements_scale(part.rows * s->image_size, 1, written, 1, dx);
    return 0;
}

const pool_ops onednn_pool = {create, destroy, scratch_size, forward, backward};

#endif
