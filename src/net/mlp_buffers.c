#include "core/memory.h"
#include "net/mlp.h"

/*
 * A network's matrices lie in one piece of memory, so that few large pages hold them. They are laid out twice: with at NULL to
 * count, then in the memory that was found to be needed.
 */
typedef struct arena {
    real *at;
    int64_t used;
} arena;

static real *take(arena *a, int64_t count) {
    real *piece = a->at ? a->at + a->used : NULL;
    a->used += (count + PANEL - 1) / PANEL * PANEL;
    return piece;
}

static panels take_panels(arena *a, int64_t rows, int64_t width) {
    return (panels){take(a, panels_size(rows, width)), rows};
}

/* out[l] [rows, width[l]] for l = low .. high. */
static void take_layers(arena *a, const mlp *net, int64_t rows, int64_t low, int64_t high, panels *out) {
    for (int64_t l = low; l <= high; l++) out[l] = take_panels(a, rows, net->width[l]);
}

/* tables for so many sets of matrices, one entry a layer */
static enot_status create_tables(enot_context *context, const mlp *net, int sets, panels **out) {
    return MEMORY_NEW(context, sets * (net->layers + 1), "a network's buffers", out);
}

/* ---- trace ---- */

static void lay_out_trace(arena *a, const mlp *net, int64_t rows, mlp_trace *t) {
    int64_t top = net->layers;
    t->output = take_panels(a, rows, net->width[top]);
    take_layers(a, net, rows, 0, top - 1, t->input);
    take_layers(a, net, rows, 1, top, t->delta);
    if (t->tangent) take_layers(a, net, rows, 0, top - 1, t->tangent);
    if (t->adjoint) take_layers(a, net, rows, 1, top, t->adjoint);
}

enot_status mlp_trace_create(enot_context *context, const mlp *net, int64_t rows, int second_order, mlp_trace *trace) {
    panels *tables;
    *trace = (mlp_trace){0};
    TRY(create_tables(context, net, 4, &tables));
    *trace = (mlp_trace){.input = tables, .delta = tables + net->layers + 1};
    if (second_order) trace->tangent = tables + 2 * (net->layers + 1);
    if (second_order) trace->adjoint = tables + 3 * (net->layers + 1);
    arena counted = {0}, filled = {0};
    lay_out_trace(&counted, net, rows, trace);
    enot_status status = MEMORY_NEW(context, counted.used, "a network's buffers", &filled.at);
    if (status)
        mlp_trace_destroy(trace);
    else
        lay_out_trace(&filled, net, rows, trace);
    return status;
}

void mlp_trace_destroy(mlp_trace *trace) {
    memory_destroy(trace->output.at);
    memory_destroy(trace->input);
    *trace = (mlp_trace){0};
}

/* ---- scratch ---- */

static void lay_out_scratch(arena *a, const mlp *net, int64_t rows, mlp_scratch *s) {
    int64_t top = net->layers - 1;
    s->input_gradient = take_panels(a, rows, net->width[0]);
    s->gradient = take(a, rows * net->width[0]);
    s->pulled = take(a, rows * net->width[0]);
    take_layers(a, net, rows, 1, top, s->slope);
    if (s->curvature) take_layers(a, net, rows, 1, top, s->curvature);
}

enot_status mlp_scratch_create(enot_context *context, const mlp *net, int64_t rows, int second_order, mlp_scratch *scratch) {
    panels *tables;
    *scratch = (mlp_scratch){0};
    TRY(create_tables(context, net, 2, &tables));
    *scratch = (mlp_scratch){.slope = tables, .curvature = second_order ? tables + net->layers + 1 : NULL};
    arena counted = {0}, filled = {0};
    lay_out_scratch(&counted, net, rows, scratch);
    enot_status status = MEMORY_NEW(context, counted.used, "a network's buffers", &filled.at);
    if (status)
        mlp_scratch_destroy(scratch);
    else
        lay_out_scratch(&filled, net, rows, scratch);
    return status;
}

void mlp_scratch_destroy(mlp_scratch *scratch) {
    memory_destroy(scratch->input_gradient.at);
    memory_destroy(scratch->slope);
    *scratch = (mlp_scratch){0};
}

/* ---- weights ---- */

/* In the order in which the passes read: what follows a panel is what is needed next. The first piece is bias[1]. */
static void lay_out_weights(arena *a, const mlp *net, mlp_weights *w) {
    for (int64_t l = 1; l <= net->layers; l++) w->bias[l] = take_panels(a, 1, net->width[l]);
    for (int64_t l = 1; l <= net->layers; l++)
        if (!w->bf16 || !mlp_rounds(net, l)) w->up[l] = take_panels(a, net->width[l - 1], net->width[l]);
    for (int64_t l = net->layers; l >= 1; l--)
        if (!w->bf16 || !mlp_rounds(net, l)) w->down[l] = take_panels(a, net->width[l], net->width[l - 1]);
}

/* Right operands of matrices [rows, width], one behind the other in *at. */
static bf16_panels take_bf16(bf16 **at, int64_t rows, int64_t width) {
    bf16_panels m = {*at, bf16_rows(rows)};
    *at += panels_size(m.rows, width);
    return m;
}

static int64_t bf16_size(const mlp *net) {
    int64_t size = 0;
    for (int64_t l = 1; l <= net->layers; l++)
        if (mlp_rounds(net, l)) size += 2 * bf16_rows(net->width[l - 1]) * bf16_rows(net->width[l]);
    return size;
}

/* Entry 0 of up_bf16 has all of the memory. */
static enot_status create_weights_bf16(enot_context *context, const mlp *net, mlp_weights *w) {
    int64_t entries = net->layers + 1;
    bf16 *at;
    TRY(MEMORY_NEW(context, 2 * entries, "a network's buffers", &w->up_bf16));
    w->down_bf16 = w->up_bf16 + entries;
    TRY(MEMORY_NEW(context, bf16_size(net), "a network's buffers", &at));
    w->up_bf16[0].at = at;
    for (int64_t l = 1; l <= net->layers; l++)
        if (mlp_rounds(net, l)) w->up_bf16[l] = take_bf16(&at, net->width[l - 1], net->width[l]);
    for (int64_t l = net->layers; l >= 1; l--)
        if (mlp_rounds(net, l)) w->down_bf16[l] = take_bf16(&at, net->width[l], net->width[l - 1]);
    return ENOT_OK;
}

enot_status mlp_weights_create(enot_context *context, const mlp *net, const bf16_ops *kernels, mlp_weights *weights) {
    panels *tables;
    *weights = (mlp_weights){0};
    TRY(create_tables(context, net, 3, &tables));
    *weights = (mlp_weights){net, tables, tables + net->layers + 1, tables + 2 * (net->layers + 1), kernels, NULL, NULL};
    arena counted = {0}, filled = {0};
    lay_out_weights(&counted, net, weights);
    enot_status status = MEMORY_NEW(context, counted.used, "a network's buffers", &filled.at);
    if (!status) lay_out_weights(&filled, net, weights);
    if (!status && kernels) status = create_weights_bf16(context, net, weights);
    if (status) mlp_weights_destroy(weights);
    return status;
}

void mlp_weights_destroy(mlp_weights *weights) {
    if (weights->bias) memory_destroy(weights->bias[1].at);
    if (weights->up_bf16) memory_destroy(weights->up_bf16[0].at);
    memory_destroy(weights->up);
    memory_destroy(weights->up_bf16);
    *weights = (mlp_weights){0};
}

/* ---- operands ---- */

enot_status mlp_operands_create(enot_context *context, const bf16_ops *ops, const mlp *net, int64_t rows,
                                mlp_operands *operands) {
    int64_t widest = MLP_PAIRS_MOST * MLP_TILE_PANELS * PANEL; /* of the gradient: a tile of each pair */
    for (int64_t l = 0; l <= net->layers; l++) widest = net->width[l] > widest ? net->width[l] : widest;
    *operands = (mlp_operands){.ops = ops};
    enot_status status = MEMORY_NEW(context, panels_size(bf16_rows(rows), widest), "operands in bf16", &operands->left);
    int64_t right = panels_size(bf16_rows(rows), MLP_PAIRS_MOST * PANEL);
    if (!status) status = MEMORY_NEW(context, right, "operands in bf16", &operands->right);
    if (status) mlp_operands_destroy(operands);
    return status;
}

void mlp_operands_destroy(mlp_operands *operands) {
    memory_destroy(operands->left);
    memory_destroy(operands->right);
    *operands = (mlp_operands){0};
}
