#include "core/memory.h"
#include "net/mlp.h"

/* matrices[l] [rows, width[l]] for l = low .. high, the others NULL; one allocation each. */
static enot_status matrices_create(enot_context *context, const mlp *net, int64_t rows, int64_t low, int64_t high,
                                   real ***out) {
    TRY(MEMORY_NEW(context, net->layers + 1, "a network's buffers", out));
    for (int64_t l = low; l <= high; l++) TRY(MEMORY_NEW(context, rows * net->width[l], "a network's buffers", &(*out)[l]));
    return ENOT_OK;
}

static void matrices_destroy(const mlp *net, real **matrices) {
    for (int64_t l = 0; matrices && l <= net->layers; l++) memory_destroy(matrices[l]);
    memory_destroy(matrices);
}

enot_status mlp_trace_create(enot_context *context, const mlp *net, int64_t rows, int second_order, mlp_trace *trace) {
    int64_t top = net->layers;
    *trace = (mlp_trace){.rows = rows};
    enot_status status = MEMORY_NEW(context, rows * net->width[top], "a network's output", &trace->output);
    if (!status) status = matrices_create(context, net, rows, 0, top - 1, &trace->input);
    if (!status) status = matrices_create(context, net, rows, 1, top, &trace->delta);
    if (!status && second_order) status = matrices_create(context, net, rows, 0, top - 1, &trace->tangent);
    if (!status && second_order) status = matrices_create(context, net, rows, 1, top - 1, &trace->adjoint);
    if (status) mlp_trace_destroy(net, trace);
    return status;
}

void mlp_trace_destroy(const mlp *net, mlp_trace *trace) {
    matrices_destroy(net, trace->input);
    matrices_destroy(net, trace->delta);
    matrices_destroy(net, trace->tangent);
    matrices_destroy(net, trace->adjoint);
    memory_destroy(trace->output);
    *trace = (mlp_trace){0};
}

enot_status mlp_scratch_create(enot_context *context, const mlp *net, int64_t rows, mlp_scratch *scratch) {
    int64_t top = net->layers - 1;
    *scratch = (mlp_scratch){0};
    enot_status status = matrices_create(context, net, rows, 1, top, &scratch->slope);
    if (!status) status = matrices_create(context, net, rows, 1, top, &scratch->curvature);
    if (!status) status = matrices_create(context, net, rows, 0, top, &scratch->back);
    if (status) mlp_scratch_destroy(net, scratch);
    return status;
}

void mlp_scratch_destroy(const mlp *net, mlp_scratch *scratch) {
    matrices_destroy(net, scratch->slope);
    matrices_destroy(net, scratch->curvature);
    matrices_destroy(net, scratch->back);
    *scratch = (mlp_scratch){0};
}
