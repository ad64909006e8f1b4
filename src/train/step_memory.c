#include "core/memory.h"
#include "train/step_parts.h"

/* Parameters of both networks up to which a part's gradient stays in the second-level cache beside a block's matrices. */
#define NARROW_PARAMETERS 131072

static int64_t round_up(int64_t value, int64_t unit) { return (value + unit - 1) / unit * unit; }

step_cut step_choose_cut(const mlp *mapper, const mlp *critic, int64_t batch) {
    step_cut cut = {.parts_sum = mapper->parameter_count + critic->parameter_count <= NARROW_PARAMETERS};
    cut.block_rows = cut.parts_sum || batch <= 256 ? 64 : 128;
    cut.part_rows = cut.block_rows;
    if (cut.parts_sum && batch > 256) cut.part_rows = round_up((batch + 7) / 8, 128);
    cut.parts = (batch + cut.part_rows - 1) / cut.part_rows;
    return cut;
}

static enot_status create_rows(enot_context *context, step *s) {
    real **vectors[] = {&s->cost_moved, &s->cost_pair, &s->moved_value, &s->target_value, &s->c_transform, &s->penalty, &s->seed};
    real **matrices[] = {&s->x, &s->y, &s->moved};
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++)
        TRY(MEMORY_NEW(context, s->batch, "a training step", vectors[i]));
    for (size_t i = 0; i < sizeof matrices / sizeof *matrices; i++)
        TRY(MEMORY_NEW(context, s->batch * s->t->dim, "a training step", matrices[i]));
    return ENOT_OK;
}

static int maps_by_gradient(const step *s) { return s->t->form != ENOT_FORM_VECTOR_FIELD; }

static enot_status create_worker(enot_context *context, const step *s, step_worker *w) {
    int64_t rows = s->cut.block_rows;
    TRY(mlp_scratch_create(context, s->mapper_net, rows, maps_by_gradient(s), &w->mapper));
    TRY(mlp_scratch_create(context, s->critic_net, rows, 0, &w->critic));
    TRY(MEMORY_NEW(context, rows * s->t->dim, "a training step", &w->pull));
    return MEMORY_NEW(context, rows * s->t->dim, "a training step", &w->slope);
}

static enot_status create_traces(enot_context *context, const step *s, step_traces *traces) {
    int64_t rows = s->cut.block_rows;
    TRY(mlp_trace_create(context, s->mapper_net, rows, maps_by_gradient(s), &traces->map));
    TRY(mlp_trace_create(context, s->critic_net, rows, 0, &traces->moved));
    return mlp_trace_create(context, s->critic_net, rows, 0, &traces->target);
}

/* Enough blocks at a time for threads that do not keep pace with one another. */
static int64_t choose_trace_count(const step *s) {
    if (s->cut.parts_sum) return s->threads;
    return s->cut.parts < 2 * s->threads ? s->cut.parts : 2 * s->threads;
}

static enot_status create_parts(enot_context *context, step *s) {
    TRY(create_rows(context, s));
    TRY(mlp_weights_create(context, s->mapper_net, &s->mapper));
    TRY(mlp_weights_create(context, s->critic_net, &s->critic));
    TRY(MEMORY_NEW(context, s->threads, "a training step", &s->workers));
    for (int i = 0; i < s->threads; i++) TRY(create_worker(context, s, &s->workers[i]));
    s->trace_count = choose_trace_count(s);
    TRY(MEMORY_NEW(context, s->trace_count, "a training step", &s->traces));
    for (int64_t i = 0; i < s->trace_count; i++) TRY(create_traces(context, s, &s->traces[i]));
    if (!s->cut.parts_sum) return ENOT_OK;
    int64_t parameters = s->mapper_net->parameter_count + s->critic_net->parameter_count;
    return MEMORY_NEW(context, s->cut.parts * parameters, "a training step", &s->part_gradients);
}

enot_status step_create(enot_context *context, const transport *t, const mlp *mapper, const mlp *critic, int64_t batch,
                        double expectile, double coefficient, step **out) {
    step *s;
    TRY(MEMORY_NEW(context, 1, "a training step", &s));
    *s = (step){.context = context, .ops = ops_select(), .t = t, .mapper_net = mapper, .critic_net = critic,
                .threads = context->threads, .batch = batch, .expectile = (real)expectile, .coefficient = (real)coefficient,
                .cut = step_choose_cut(mapper, critic, batch)};
    enot_status status = create_parts(context, s);
    if (status) {
        step_destroy(s);
        return status;
    }
    *out = s;
    return ENOT_OK;
}

static void destroy_traces(step_traces *traces) {
    mlp_trace_destroy(&traces->map);
    mlp_trace_destroy(&traces->moved);
    mlp_trace_destroy(&traces->target);
}

static void destroy_worker(step_worker *w) {
    mlp_scratch_destroy(&w->mapper);
    mlp_scratch_destroy(&w->critic);
    memory_destroy(w->pull);
    memory_destroy(w->slope);
}

void step_destroy(step *s) {
    if (!s) return;
    for (int i = 0; s->workers && i < s->threads; i++) destroy_worker(&s->workers[i]);
    for (int64_t i = 0; s->traces && i < s->trace_count; i++) destroy_traces(&s->traces[i]);
    mlp_weights_destroy(&s->mapper);
    mlp_weights_destroy(&s->critic);
    void *rest[] = {s->workers, s->traces, s->part_gradients, s->x, s->y, s->moved, s->cost_moved, s->cost_pair, s->moved_value,
                    s->target_value, s->c_transform, s->penalty, s->seed};
    for (size_t i = 0; i < sizeof rest / sizeof *rest; i++) memory_destroy(rest[i]);
    memory_destroy(s);
}
