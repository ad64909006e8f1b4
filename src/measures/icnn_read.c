#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "measures/icnn.h"

#define NAME_CAPACITY 128

enot_status icnn_tensor(enot_context *context, const safetensors_file *file, const char *path, const char *prefix,
                        const char *name, int rank, int64_t *shape, double **values) {
    char full[NAME_CAPACITY];
    snprintf(full, sizeof full, "%s%s", prefix, name);
    const safetensor *tensor = safetensors_find(file, full);
    if (!tensor)
        return context_fail(context, ENOT_ERR_FORMAT, "%s: tensor %s is missing: is it a w2bench file?", path, full);
    int fits = tensor->rank == rank;
    for (int i = 0; i < rank && fits; i++) {
        fits = tensor->shape[i] >= 1 && (shape[i] < 0 || shape[i] == tensor->shape[i]);
        if (fits) shape[i] = tensor->shape[i];
    }
    if (!fits)
        return context_fail(context, ENOT_ERR_FORMAT, "%s: tensor %s has a shape that does not fit the others", path,
                            full);
    int64_t count = safetensor_elements(tensor);
    TRY(MEMORY_NEW(context, count, "a benchmark's tensor", values));
    safetensor_to_double(tensor, 0, count, *values);
    return ENOT_OK;
}

typedef struct source {
    enot_context *context;
    const safetensors_file *file;
    const char *path, *prefix;
} source;

static enot_status read_layer_tensor(const source *s, const char *folder, int64_t index, const char *name, int rank,
                                     int64_t *shape, double **values) {
    char full[NAME_CAPACITY];
    snprintf(full, sizeof full, "%s.%lld.%s", folder, (long long)index, name);
    return icnn_tensor(s->context, s->file, s->path, s->prefix, full, rank, shape, values);
}

/* [dim, rank, width] to [rank * width, dim] */
static void transpose(const double *from, int64_t dim, int64_t rows, double *to) {
    for (int64_t d = 0; d < dim; d++)
        for (int64_t r = 0; r < rows; r++) to[r * dim + d] = from[d * rows + r];
}

static enot_status read_quadratic(const source *s, int64_t index, int64_t dim, icnn_tensor_layer *layer) {
    int64_t shape[3] = {dim, -1, -1};
    double *decomposed = NULL;
    TRY(read_layer_tensor(s, "quadratic_layers", index, "quadratic_decomposed", 3, shape, &decomposed));
    layer->rank = shape[1];
    layer->width = shape[2];
    enot_status status = MEMORY_NEW(s->context, dim * shape[1] * shape[2], "a benchmark's layer", &layer->quadratic);
    if (status == ENOT_OK) transpose(decomposed, dim, shape[1] * shape[2], layer->quadratic);
    memory_destroy(decomposed);
    return status;
}

static enot_status read_layer(const source *s, int64_t index, icnn_tensors *tensors) {
    icnn_tensor_layer *layer = &tensors->layers[index];
    TRY(read_quadratic(s, index, tensors->dim, layer));
    int64_t linear[] = {layer->width, tensors->dim}, bias[] = {layer->width};
    TRY(read_layer_tensor(s, "quadratic_layers", index, "weight", 2, linear, &layer->linear));
    TRY(read_layer_tensor(s, "quadratic_layers", index, "bias", 1, bias, &layer->bias));
    if (index == 0) return ENOT_OK;
    int64_t convex[] = {layer->width, layer[-1].width};
    return read_layer_tensor(s, "convex_layers", index - 1, "weight", 2, convex, &layer->convex);
}

static int has_layer(const source *s, int64_t index) {
    char full[NAME_CAPACITY];
    snprintf(full, sizeof full, "%squadratic_layers.%lld.weight", s->prefix, (long long)index);
    return safetensors_find(s->file, full) != NULL;
}

enot_status icnn_read(enot_context *context, const safetensors_file *file, const char *path, const char *prefix,
                      int64_t dim, icnn_tensors *tensors) {
    source s = {context, file, path, prefix};
    int64_t units = 0, widest = 0;
    *tensors = (icnn_tensors){.dim = dim, .curvature = .01};
    do {
        if (tensors->layer_count == ICNN_LAYERS_MAX) break;
        TRY(read_layer(&s, tensors->layer_count, tensors));
        const icnn_tensor_layer *layer = &tensors->layers[tensors->layer_count++];
        units += (layer->rank + 1) * layer->width;
        if (layer->width > widest) widest = layer->width;
    } while (has_layer(&s, tensors->layer_count));
    if (has_layer(&s, tensors->layer_count) || units > ICNN_UNITS_MAX || widest > ICNN_WIDTH_MAX || dim > ICNN_DIM_MAX)
        return context_fail(context, ENOT_ERR_FORMAT,
                            "%s: the network %s is larger than %d columns, %d layers, %d wide or %d units in all", path,
                            prefix, ICNN_DIM_MAX, ICNN_LAYERS_MAX, ICNN_WIDTH_MAX, ICNN_UNITS_MAX);
    if (tensors->layer_count < 2)
        return context_fail(context, ENOT_ERR_FORMAT, "%s: the network %s has one layer only, it needs two at least", path, prefix);
    int64_t shape[] = {1, tensors->layers[tensors->layer_count - 1].width};
    return icnn_tensor(context, file, path, prefix, "final_layer.weight", 2, shape, &tensors->final);
}

void icnn_tensors_release(icnn_tensors *tensors) {
    for (int i = 0; i < ICNN_LAYERS_MAX; i++) {
        memory_destroy(tensors->layers[i].quadratic);
        memory_destroy(tensors->layers[i].linear);
        memory_destroy(tensors->layers[i].bias);
        memory_destroy(tensors->layers[i].convex);
    }
    memory_destroy(tensors->final);
}
