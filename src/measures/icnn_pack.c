#include <string.h>

#include "core/memory.h"
#include "measures/icnn.h"

static int64_t largest(int64_t a, int64_t b) { return a > b ? a : b; }

/* A layer has its own W unless it is the first. */
static int64_t pieces(const icnn_tensor_layer *layer, int64_t index) { return layer->rank + (index > 0); }

static enot_status create_panels(enot_context *context, int64_t rows, int64_t width, panels *m) {
    m->rows = rows;
    return MEMORY_NEW(context, panels_size(rows, width), "a benchmark's network", &m->at);
}

static enot_status create_layer(enot_context *context, const icnn_tensors *from, int64_t index, icnn *net) {
    const icnn_tensor_layer *source = &from->layers[index];
    icnn_layer *layer = &net->layers[index];
    *layer = (icnn_layer){.width = source->width, .rank = source->rank, .first_unit = net->unit_panels};
    net->unit_panels += pieces(source, index) * panels_count(layer->width);
    if (index == 0) return ENOT_OK;
    TRY(create_panels(context, layer[-1].width, layer->width, &layer->up));
    TRY(create_panels(context, layer->width, layer[-1].width, &layer->down));
    return MEMORY_NEW(context, panels_size(1, layer->width), "a benchmark's network", &layer->bias);
}

static enot_status create(enot_context *context, const icnn_tensors *from, icnn *net) {
    *net = (icnn){.ops = ops_select(), .dim = from->dim, .layer_count = from->layer_count,
                  .curvature = (real)from->curvature};
    for (int64_t i = 0; i < net->layer_count; i++) TRY(create_layer(context, from, i, net));
    TRY(create_panels(context, net->dim, net->unit_panels * PANEL, &net->up));
    TRY(create_panels(context, net->unit_panels * PANEL, net->dim, &net->down));
    return MEMORY_NEW(context, panels_size(1, net->layers[net->layer_count - 1].width), "a benchmark's network", &net->final);
}

/* up's panels from number first on = w^T, and the rows of down that belong to them = factor w; w[units, in]. */
static void load(const ops *ops, const double *w, int64_t units, int64_t in, real factor, int64_t first, panels up, panels down,
                 real *scratch) {
    for (int64_t i = 0; i < units * in; i++) scratch[i] = (real)w[i];
    for (int64_t p = 0; p < panels_count(units); p++)
        ops->transpose(panels_columns(units, p), in, scratch + p * PANEL * in, in, panels_at(up, first + p));
    for (int64_t i = 0; i < units * in; i++) scratch[i] *= factor;
    panels_from_rows(scratch, units, in, NULL, (panels){down.at + first * PANEL * PANEL, down.rows});
}

/* linear and bias += C_0 (W_0, b_0). */
static void fold_first_layer(const icnn_tensors *from, double *linear, double *bias) {
    const icnn_tensor_layer *first = &from->layers[0], *second = &from->layers[1];
    for (int64_t o = 0; o < second->width; o++)
        for (int64_t k = 0; k < first->width; k++) {
            double factor = second->convex[o * first->width + k];
            bias[o] += factor * first->bias[k];
            for (int64_t d = 0; d < from->dim; d++) linear[o * from->dim + d] += factor * first->linear[k * from->dim + d];
        }
}

/* sums: room for W and b, [width, dim] and [width]. */
static void pack_layer(const icnn_tensors *from, int64_t index, icnn *net, double *sums, real *scratch) {
    const icnn_tensor_layer *source = &from->layers[index];
    const icnn_layer *layer = &net->layers[index];
    int64_t dim = net->dim, width = layer->width, matrix = width * dim;
    for (int64_t r = 0; r < layer->rank; r++)
        load(net->ops, source->quadratic + r * matrix, width, dim, 2, layer->first_unit + r * panels_count(width), net->up,
             net->down, scratch);
    if (index == 0) return;
    memcpy(sums, source->linear, (size_t)matrix * sizeof *sums);
    memcpy(sums + matrix, source->bias, (size_t)width * sizeof *sums);
    if (index == 1) fold_first_layer(from, sums, sums + matrix);
    load(net->ops, sums, width, dim, 1, layer->first_unit + layer->rank * panels_count(width), net->up, net->down, scratch);
    load(net->ops, source->convex, width, layer[-1].width, 1, 0, layer->up, layer->down, scratch);
    for (int64_t o = 0; o < width; o++) layer->bias[o] = (real)sums[matrix + o];
}

enot_status icnn_pack(enot_context *context, const icnn_tensors *from, icnn *net) {
    int64_t widest = 0;
    double *sums;
    real *scratch;
    TRY(create(context, from, net));
    for (int64_t i = 0; i < net->layer_count; i++) widest = largest(widest, net->layers[i].width);
    TRY(MEMORY_NEW(context, widest * (net->dim + 1), "a benchmark's network", &sums));
    enot_status status = MEMORY_NEW(context, widest * largest(widest, net->dim), "a benchmark's network", &scratch);
    if (!status) {
        for (int64_t i = 0; i < net->layer_count; i++) pack_layer(from, i, net, sums, scratch);
        for (int64_t o = 0; o < net->layers[net->layer_count - 1].width; o++) net->final[o] = (real)from->final[o];
        memory_destroy(scratch);
    }
    memory_destroy(sums);
    return status;
}

void icnn_release(icnn *net) {
    memory_destroy(net->up.at);
    memory_destroy(net->down.at);
    for (int i = 0; i < ICNN_LAYERS_MAX; i++) {
        memory_destroy(net->layers[i].up.at);
        memory_destroy(net->layers[i].down.at);
        memory_destroy(net->layers[i].bias);
    }
    memory_destroy(net->final);
}
