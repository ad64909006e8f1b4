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

/* In the order in which the passes read: what follows a panel is what is needed next. */
static void lay_out_weights(arena *a, const mlp *net, mlp_weights *w) {
    for (int64_t l = 1; l <= net->layers; l++) w->up[l] = take_panels(a, net->width[l - 1], net->width[l]);
    for (int64_t l = net->layers; l >= 1; l--) w->down[l] = take_panels(a, net->width[l], net->width[l - 1]);
    for (int64_t l = 1; l <= net->layers; l++) w->bias[l] = take_panels(a, 1, net->width[l]);
}

enot_status mlp_weights_create(enot_context *context, const mlp *net, mlp_weights *weights) {
    panels *tables;
    *weights = (mlp_weights){0};
    TRY(create_tables(context, net, 3, &tables));
    *weights = (mlp_weights){net, tables, tables + net->layers + 1, tables + 2 * (net->layers + 1)};
    arena counted = {0}, filled = {0};
    lay_out_weights(&counted, net, weights);
    enot_status status = MEMORY_NEW(context, counted.used, "a network's buffers", &filled.at);
    if (status)
        mlp_weights_destroy(weights);
    else
        lay_out_weights(&filled, net, weights);
    return status;
}

void mlp_weights_destroy(mlp_weights *weights) {
    if (weights->up) memory_destroy(weights->up[1].at);
    memory_destroy(weights->up);
    *weights = (mlp_weights){0};
}
