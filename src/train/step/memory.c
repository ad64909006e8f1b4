#include "core/memory.h"
#include "train/step/parts.h"

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

static enot_status create_side(enot_context *context, const step *s, step_side *side) {
    TRY(mlp_weights_create(context, side->net, s->bf16, &side->weights));
    TRY(MEMORY_NEW(context, s->batch * s->t->dim, "a training step", &side->points));
    TRY(MEMORY_NEW(context, s->batch, "a training step", &side->weight));
    for (int64_t i = 0; i < s->batch; i++) side->weight[i] = 1;
    if (s->candidates) TRY(MEMORY_NEW(context, s->candidates, "a training step", &side->candidate));
    return MEMORY_NEW(context, s->batch, "a training step", &side->value);
}

static enot_status create_direction(enot_context *context, const step *s, step_direction *way) {
    real **vectors[] = {&way->cost_moved, &way->cost_pair, &way->moved_value, &way->c_transform, &way->excess, &way->penalty, &way->seed, &way->moved_seed};
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++)
        TRY(MEMORY_NEW(context, s->batch, "a training step", vectors[i]));
    TRY(MEMORY_NEW(context, s->batch * s->t->dim, "a training step", &way->moved));
    way->reached = way->moved;
    return s->candidates ? MEMORY_NEW(context, s->batch * s->t->dim, "a training step", &way->reached) : ENOT_OK;
}

/* Whether the side's network maps, and does so by its gradient. */
static int second_order(const step *s, int side) {
    return side < s->directions && s->t->form != ENOT_FORM_VECTOR_FIELD;
}

static enot_status create_worker(enot_context *context, const step *s, step_worker *w) {
    int64_t rows = s->cut.block_rows;
    for (int i = 0; i < s->directions; i++)
        TRY(mlp_scratch_create(context, s->sides[i].net, rows, second_order(s, i), &w->own[i]));
    TRY(mlp_scratch_create(context, s->sides[1].net, rows, 0, &w->moved));
    if (s->bf16) TRY(mlp_operands_create(context, s->bf16, s->sides[0].net, rows, &w->operands));
    TRY(MEMORY_NEW(context, rows * s->t->dim, "a training step", &w->pull));
    if (s->candidates) TRY(MEMORY_NEW(context, TRANSPORT_SEARCH_ROWS * s->t->dim, "a training step", &w->repeated));
    if (s->candidates) TRY(MEMORY_NEW(context, TRANSPORT_SEARCH_ROWS, "a training step", &w->costs));
    return MEMORY_NEW(context, rows * s->t->dim, "a training step", &w->slope);
}

static enot_status create_traces(enot_context *context, const step *s, step_traces *traces) {
    int64_t rows = s->cut.block_rows;
    for (int i = 0; i < 2; i++) TRY(mlp_trace_create(context, s->sides[i].net, rows, second_order(s, i), &traces->own[i]));
    for (int d = 0; d < s->directions; d++) TRY(mlp_trace_create(context, s->sides[1 - d].net, rows, 0, &traces->moved[d]));
    return ENOT_OK;
}

/* A block a thread: more at a time bring no speed, and are most of the memory of a step. */
static int64_t choose_trace_count(const step *s) {
    if (s->cut.parts_sum || s->candidates) return s->threads;
    return s->cut.parts < s->threads ? s->cut.parts : s->threads;
}

static enot_status create_parts(enot_context *context, step *s) {
    for (int i = 0; i < 2; i++) TRY(create_side(context, s, &s->sides[i]));
    for (int d = 0; d < s->directions; d++) TRY(create_direction(context, s, &s->direction[d]));
    TRY(MEMORY_NEW(context, s->threads, "a training step", &s->workers));
    for (int i = 0; i < s->threads; i++) TRY(create_worker(context, s, &s->workers[i]));
    s->trace_count = choose_trace_count(s);
    TRY(MEMORY_NEW(context, s->trace_count, "a training step", &s->traces));
    for (int64_t i = 0; i < s->trace_count; i++) TRY(create_traces(context, s, &s->traces[i]));
    if (!s->cut.parts_sum) return ENOT_OK;
    int64_t parameters = s->sides[0].net->parameter_count + s->sides[1].net->parameter_count;
    return MEMORY_NEW(context, s->cut.parts * parameters, "a training step", &s->part_gradients);
}

enot_status step_create(enot_context *context, const transport *t, const mlp *mapper, const mlp *critic, int64_t batch,
                        double expectile, double coefficient, int both_directions, enot_precision precision,
                        int64_t candidates, step **out) {
    step *s;
    TRY(MEMORY_NEW(context, 1, "a training step", &s));
    *s = (step){.context = context, .ops = ops_select(), .t = t, .threads = context->threads,
                .bf16 = precision == ENOT_PRECISION_BF16 ? bf16_select(context) : NULL, .directions = both_directions ? 2 : 1, .batch = batch, .candidates = candidates, .expectile = (real)expectile,
                .coefficient = (real)coefficient, .cut = step_choose_cut(mapper, critic, batch),
                .sides = {{.net = mapper}, {.net = critic}}};
    enot_status status = create_parts(context, s);
    if (status) {
        step_destroy(s);
        return status;
    }
    *out = s;
    return ENOT_OK;
}

static void destroy_side(step_side *side) {
    mlp_weights_destroy(&side->weights);
    memory_destroy(side->points);
    memory_destroy(side->weight);
    memory_destroy(side->value);
    memory_destroy(side->candidate);
}

static void destroy_direction(step_direction *way) {
    real *all[] = {way->moved, way->reached == way->moved ? NULL : way->reached, way->cost_moved, way->cost_pair, way->moved_value,
                   way->c_transform, way->excess, way->penalty, way->seed, way->moved_seed};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) memory_destroy(all[i]);
}

static void destroy_traces(step_traces *traces) {
    for (int i = 0; i < 2; i++) {
        mlp_trace_destroy(&traces->own[i]);
        mlp_trace_destroy(&traces->moved[i]);
    }
}

static void destroy_worker(step_worker *w) {
    for (int i = 0; i < 2; i++) mlp_scratch_destroy(&w->own[i]);
    mlp_scratch_destroy(&w->moved);
    mlp_operands_destroy(&w->operands);
    memory_destroy(w->pull);
    memory_destroy(w->slope);
    memory_destroy(w->repeated);
    memory_destroy(w->costs);
}

void step_destroy(step *s) {
    if (!s) return;
    for (int i = 0; s->workers && i < s->threads; i++) destroy_worker(&s->workers[i]);
    for (int64_t i = 0; s->traces && i < s->trace_count; i++) destroy_traces(&s->traces[i]);
    for (int i = 0; i < 2; i++) destroy_side(&s->sides[i]);
    for (int i = 0; i < 2; i++) destroy_direction(&s->direction[i]);
    memory_destroy(s->workers);
    memory_destroy(s->traces);
    memory_destroy(s->part_gradients);
    memory_destroy(s);
}
