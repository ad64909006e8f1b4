#include "map/source.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

enot_status source_malformed(const source *s, const char *what, const char *name) {
    return context_fail(s->context, ENOT_ERR_FORMAT, "%s: not a usable map: %s '%s' is missing or wrong; was it changed?", s->path,
                        what, name);
}

enot_status source_read(const source *s, const char *name, int rank, const int64_t *shape, double *values) {
    const safetensor *tensor = safetensors_find(s->file, name);
    if (!tensor || tensor->rank != rank || memcmp(tensor->shape, shape, (size_t)rank * sizeof *shape) != 0)
        return source_malformed(s, "tensor", name);
    int64_t count = safetensor_elements(tensor);
    safetensor_to_double(tensor, 0, count, values);
    for (int64_t i = 0; i < count; i++)
        if (!isfinite(values[i])) return source_malformed(s, "tensor", name);
    return ENOT_OK;
}

/* Whole numbers of 1 to most, separated by commas; at most capacity of them. Returns how many, 0 if the text is anything else. */
static int64_t parse_sizes(const char *text, long long most, int64_t capacity, int64_t *sizes) {
    int64_t count = 0;
    while (*text) {
        char *end;
        long long size = strtoll(text, &end, 10);
        if (end == text || (*end && *end != ',') || size < 1 || size > most || count == capacity) return 0;
        sizes[count++] = size;
        if (!*end) return count;
        text = end + 1;
    }
    return 0; /* empty, or ends in a comma */
}

static enot_status read_images(source *s, const char *text) {
    map_image_sizes sizes;
    if (parse_sizes(text, 4096, MAP_IMAGE_SIZES, sizes) != MAP_IMAGE_SIZES) return source_malformed(s, "metadata", "images");
    s->images = map_image_networks(sizes);
    int fits = s->form == ENOT_FORM_VECTOR_FIELD && image_shape_size(s->images.shape) == s->dim && !s->gaussian;
    return fits ? ENOT_OK : source_malformed(s, "metadata", "images");
}

enot_status source_read_sizes(source *s) {
    const char *hidden = safetensors_metadata(s->file, "hidden"), *images = safetensors_metadata(s->file, "images");
    if (images) return read_images(s, images);
    s->hidden_count = parse_sizes(hidden ? hidden : "", 65536, SOURCE_MAX_HIDDEN, s->hidden);
    return s->hidden_count > 0 ? ENOT_OK : source_malformed(s, "metadata", "hidden");
}

network_sizes source_sizes(const source *s) { return (network_sizes){s->kind, s->hidden, s->hidden_count, s->images}; }

/* *elements: of the weight matrices of a map from the source to the target. */
static enot_status claimed_by_images(const source *s, int64_t *elements) {
    architecture mapper = {0}, critic = {0};
    transport t = {.form = s->form, .dim = s->dim};
    network_sizes sizes = source_sizes(s);
    enot_status status = architecture_create_pair(s->context, &t, &sizes, &mapper, &critic);
    *elements = architecture_weights(&mapper) + architecture_weights(&critic);
    architecture_destroy(&mapper);
    architecture_destroy(&critic);
    return status ? source_malformed(s, "metadata", "images") : ENOT_OK;
}

enot_status source_check_size(const source *s) {
    int64_t in_file = 0, claimed = 0, width = s->dim;
    int images = image_shape_is_set(s->images.shape);
    for (size_t i = 0; i < safetensors_count(s->file); i++) in_file += safetensor_elements(safetensors_at(s->file, i));
    if (images) TRY(claimed_by_images(s, &claimed));
    for (int64_t i = 0; i < s->hidden_count; width = s->hidden[i++]) claimed += width * s->hidden[i];
    int holds = claimed <= in_file && (images || s->dim * s->dim <= in_file);
    return holds ? ENOT_OK : source_malformed(s, "metadata", images ? "images" : "hidden or dim");
}

/* Weights or biases, which must be finite in the library's own arithmetic too. */
static enot_status read_part(const source *s, const char *name, int rank, const int64_t *shape, real *out) {
    double *wide;
    int64_t count = 1;
    for (int i = 0; i < rank; i++) count *= shape[i];
    TRY(MEMORY_NEW(s->context, count, "a map", &wide));
    enot_status status = source_read(s, name, rank, shape, wide);
    for (int64_t i = 0; i < count && !status; i++) {
        out[i] = (real)wide[i];
        if (!isfinite(out[i])) status = source_malformed(s, "tensor", name);
    }
    memory_destroy(wide);
    return status;
}

static enot_status read_mlp(const source *s, const char *prefix, const mlp *net, real *weights) {
    char name[MAP_NAME_CAPACITY];
    for (int64_t l = 1; l <= net->layers; l++) {
        map_layer_name(name, prefix, l, "weight");
        TRY(read_part(s, name, 2, (const int64_t[]){net->width[l], net->width[l - 1]}, weights + net->weight_at[l]));
        map_layer_name(name, prefix, l, "bias");
        TRY(read_part(s, name, 1, &net->width[l], weights + net->bias_at[l]));
    }
    return ENOT_OK;
}

static enot_status read_conv(const source *s, const char *prefix, const conv_tensor *tensors, int64_t count, real *values) {
    char name[MAP_NAME_CAPACITY];
    for (int64_t i = 0; i < count; i++) {
        snprintf(name, sizeof name, "%s.%s", prefix, tensors[i].name);
        TRY(read_part(s, name, tensors[i].rank, tensors[i].shape, values + tensors[i].offset));
    }
    return ENOT_OK;
}

enot_status source_read_networks(const source *s, enot_map *map) {
    map_network networks[MAP_NETWORKS];
    if (s->reverse) TRY(map_add_reverse(s->context, map));
    int count = map_networks(map, networks);
    for (int i = 0; i < count; i++) {
        const map_network *n = &networks[i];
        const conv_net *conv = &n->net->conv;
        TRY(read_mlp(s, n->name, &n->net->mlp, n->weights));
        TRY(read_conv(s, n->name, conv->tensors, conv->tensor_count, n->weights));
        TRY(read_conv(s, n->name, conv->statistics, conv->statistic_tensor_count, n->weights + conv->parameter_count));
    }
    return ENOT_OK;
}
