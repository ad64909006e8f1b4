#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "files/safetensors.h"
#include "map/file.h"
#include "map/map.h"

/* Tensors and their names while a file is put together. */
typedef struct tensors {
    safetensor *list;
    char (*names)[MAP_NAME_CAPACITY];
    size_t count;
} tensors;

static safetensor *add(tensors *t, element_type dtype, const void *bytes, int rank, int64_t rows, int64_t columns) {
    safetensor *tensor = &t->list[t->count];
    *tensor = (safetensor){.name = t->names[t->count], .dtype = dtype, .rank = rank, .shape = {rows, columns}, .bytes = bytes};
    t->count++;
    return tensor;
}

static void add_mlp(tensors *t, const char *name, const mlp *net, const float *weights) {
    for (int64_t l = 1; l <= net->layers; l++) {
        map_layer_name(t->names[t->count], name, l, "weight");
        add(t, ELEMENT_F32, weights + net->weight_at[l], 2, net->width[l], net->width[l - 1]);
        map_layer_name(t->names[t->count], name, l, "bias");
        add(t, ELEMENT_F32, weights + net->bias_at[l], 1, net->width[l], 0);
    }
}

static void add_conv(tensors *t, const char *name, const conv_tensor *parts, int64_t count, const float *values) {
    for (int64_t i = 0; i < count; i++) {
        snprintf(t->names[t->count], MAP_NAME_CAPACITY, "%s.%s", name, parts[i].name);
        safetensor *tensor = add(t, ELEMENT_F32, values + parts[i].offset, parts[i].rank, 0, 0);
        memcpy(tensor->shape, parts[i].shape, (size_t)parts[i].rank * sizeof *tensor->shape);
    }
}

static void add_network(tensors *t, const map_network *n, const float *weights) {
    const conv_net *conv = &n->net->conv;
    add_mlp(t, n->name, &n->net->mlp, weights);
    add_conv(t, n->name, conv->tensors, conv->tensor_count, weights);
    add_conv(t, n->name, conv->statistics, conv->statistic_tensor_count, weights + conv->parameter_count);
}

static int64_t tensors_most(const architecture *net) {
    return 2 * net->mlp.layers + net->conv.tensor_count + net->conv.statistic_tensor_count;
}

static void add_coordinates(tensors *t, const coordinates *c) {
    map_coordinate_array arrays[MAP_COORDINATE_ARRAYS];
    int count = map_coordinate_arrays(c, arrays);
    for (int i = 0; i < count; i++) {
        snprintf(t->names[t->count], MAP_NAME_CAPACITY, "%s", arrays[i].name);
        add(t, ELEMENT_F64, arrays[i].values, arrays[i].rank, c->dim, c->dim);
    }
}

static void add_cost_array(tensors *t, const cost *c) {
    if (!c->array.values) return;
    snprintf(t->names[t->count], MAP_NAME_CAPACITY, "%s", MAP_COST_ARRAY);
    add(t, ELEMENT_F64, c->array.values, 2, c->array.rows, c->array.columns);
}

/* float copies of the weights: the arithmetic may be wider than the file. */
static enot_status narrow(enot_context *context, int64_t count, const real *weights, float **out) {
    TRY(MEMORY_NEW(context, count, "saving a map", out));
    for (int64_t i = 0; i < count; i++) (*out)[i] = (float)weights[i];
    return ENOT_OK;
}

static void print_hidden(const mlp *net, char *text, size_t capacity) {
    size_t length = 0;
    text[0] = 0;
    for (int64_t l = 1; l < net->layers && length < capacity; l++)
        length += (size_t)snprintf(text + length, capacity - length, "%s%" PRId64, l > 1 ? "," : "", net->width[l]);
}

static void print_images(const image_networks *images, char *text, size_t capacity) {
    map_image_sizes sizes;
    size_t length = 0;
    map_image_sizes_of(images, sizes);
    for (int i = 0; i < MAP_IMAGE_SIZES; i++)
        length += (size_t)snprintf(text + length, capacity - length, "%s%" PRId64, i > 0 ? "," : "", sizes[i]);
}

static enot_status write_file(enot_context *context, const enot_map *map, const char *path, const tensors *t) {
    char cost[256], hidden[1024], images[160], version[16], unit[40], seed[24], source[24], target[24], validation[40], dim[24], steps[24],
        smoothing[40], ridge[40];
    cost_print(&map->cost, cost, sizeof cost);
    print_hidden(&map->f.mlp, hidden, sizeof hidden);
    print_images(&map->images, images, sizeof images);
    snprintf(version, sizeof version, "%d", map_format_version(map));
    int convolutions = architecture_is_conv(&map->f);
    snprintf(dim, sizeof dim, "%" PRId64, map->t.dim);
    snprintf(unit, sizeof unit, "%.17g", map->coordinates->unit);
    snprintf(seed, sizeof seed, "%" PRIu64, map->origin.seed);
    snprintf(source, sizeof source, "%016" PRIx64, map->origin.fingerprint[COORDINATES_SOURCE]);
    snprintf(target, sizeof target, "%016" PRIx64, map->origin.fingerprint[COORDINATES_TARGET]);
    snprintf(validation, sizeof validation, "%.17g", map->origin.validation);
    snprintf(steps, sizeof steps, "%" PRId64, map->origin.steps);
    snprintf(smoothing, sizeof smoothing, "%.17g", map->origin.smoothing);
    snprintf(ridge, sizeof ridge, "%.9g", (double)map->t.ridge);
    const safetensors_pair metadata[] = {
        {"format", MAP_FORMAT},
        {"format_version", version},
        {"enot_version", enot_version()},
        {"form", map_form_name(map->t.form)},
        {"cost", cost},
        {"scale", map_scale_name(map->scale)},
        {"dim", dim},
        {"activation", convolutions ? "" : activation_name(map->f.mlp.kind)},
        {convolutions ? "images" : "hidden", convolutions ? images : hidden},
        {"unit", unit},
        {"gaussian", map->coordinates->gaussian ? "1" : "0"},
        {"reverse", map->reverse_f ? "1" : "0"},
        {"seed", seed},
        {"validation", validation},
        {"steps", steps},
        {"ridge", ridge},
        {"smoothing", smoothing},
        {"source_fingerprint", source},
        {"target_fingerprint", target},
        {"options", map->options ? map->options : "{}"},
        {"report", map->report ? map->report : "{}"},
    };
    return safetensors_write(context, path, t->list, t->count, metadata, sizeof metadata / sizeof *metadata);
}

enot_status enot_map_save(enot_context *context, const enot_map *map, const char *path) {
    map_network networks[MAP_NETWORKS];
    float *weights[MAP_NETWORKS] = {0};
    tensors t = {0};
    int count = map_networks(map, networks);
    int64_t most = MAP_COORDINATE_ARRAYS + 1;
    for (int i = 0; i < count; i++) most += tensors_most(networks[i].net);
    enot_status status = MEMORY_NEW(context, most, "saving a map", &t.list);
    if (!status) status = MEMORY_NEW(context, most, "saving a map", &t.names);
    for (int i = 0; i < count && !status; i++) {
        status = narrow(context, architecture_weights(networks[i].net), networks[i].weights, &weights[i]);
        if (!status) add_network(&t, &networks[i], weights[i]);
    }
    if (!status) {
        add_coordinates(&t, map->coordinates);
        add_cost_array(&t, &map->cost);
        status = write_file(context, map, path, &t);
    }
    memory_destroy(t.list);
    memory_destroy(t.names);
    for (int i = 0; i < count; i++) memory_destroy(weights[i]);
    return status;
}
