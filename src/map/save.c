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

static void add(tensors *t, element_type dtype, const void *bytes, int rank, int64_t rows, int64_t columns) {
    t->list[t->count] = (safetensor){.name = t->names[t->count], .dtype = dtype, .rank = rank, .shape = {rows, columns},
                                     .bytes = bytes};
    t->count++;
}

static void add_network(tensors *t, const char *prefix, const mlp *net, const float *parameters) {
    for (int64_t l = 1; l <= net->layers; l++) {
        map_layer_name(t->names[t->count], prefix, l, "weight");
        add(t, ELEMENT_F32, parameters + net->weight_at[l], 2, net->width[l], net->width[l - 1]);
        map_layer_name(t->names[t->count], prefix, l, "bias");
        add(t, ELEMENT_F32, parameters + net->bias_at[l], 1, net->width[l], 0);
    }
}

static void add_coordinates(tensors *t, const coordinates *c) {
    map_coordinate_array arrays[MAP_COORDINATE_ARRAYS];
    map_coordinate_arrays(c, arrays);
    for (int i = 0; i < MAP_COORDINATE_ARRAYS; i++) {
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
static enot_status narrow(enot_context *context, const mlp *net, const real *parameters, float **out) {
    TRY(MEMORY_NEW(context, net->parameter_count, "saving a map", out));
    for (int64_t i = 0; i < net->parameter_count; i++) (*out)[i] = (float)parameters[i];
    return ENOT_OK;
}

static void print_hidden(const mlp *net, char *text, size_t capacity) {
    size_t length = 0;
    text[0] = 0;
    for (int64_t l = 1; l < net->layers && length < capacity; l++)
        length += (size_t)snprintf(text + length, capacity - length, "%s%" PRId64, l > 1 ? "," : "", net->width[l]);
}

static enot_status write_file(enot_context *context, const enot_map *map, const char *path, const tensors *t) {
    char cost[256], hidden[1024], unit[40], seed[24], source[24], target[24], validation[40], dim[24], steps[24],
        smoothing[40];
    cost_print(&map->cost, cost, sizeof cost);
    print_hidden(&map->f, hidden, sizeof hidden);
    snprintf(dim, sizeof dim, "%" PRId64, map->t.dim);
    snprintf(unit, sizeof unit, "%.17g", map->coordinates->unit);
    snprintf(seed, sizeof seed, "%" PRIu64, map->origin.seed);
    snprintf(source, sizeof source, "%016" PRIx64, map->origin.fingerprint[COORDINATES_SOURCE]);
    snprintf(target, sizeof target, "%016" PRIx64, map->origin.fingerprint[COORDINATES_TARGET]);
    snprintf(validation, sizeof validation, "%.17g", map->origin.validation);
    snprintf(steps, sizeof steps, "%" PRId64, map->origin.steps);
    snprintf(smoothing, sizeof smoothing, "%.17g", map->origin.smoothing);
    const safetensors_pair metadata[] = {
        {"format", MAP_FORMAT},
        {"format_version", MAP_FORMAT_VERSION_TEXT},
        {"enot_version", enot_version()},
        {"form", map_form_name(map->t.form)},
        {"cost", cost},
        {"scale", map_scale_name(map->scale)},
        {"dim", dim},
        {"activation", activation_name(map->f.kind)},
        {"hidden", hidden},
        {"unit", unit},
        {"gaussian", map->coordinates->gaussian ? "1" : "0"},
        {"seed", seed},
        {"validation", validation},
        {"steps", steps},
        {"smoothing", smoothing},
        {"source_fingerprint", source},
        {"target_fingerprint", target},
        {"options", map->options ? map->options : "{}"},
        {"report", map->report ? map->report : "{}"},
    };
    return safetensors_write(context, path, t->list, t->count, metadata, sizeof metadata / sizeof *metadata);
}

enot_status enot_map_save(enot_context *context, const enot_map *map, const char *path) {
    int64_t most = 2 * (map->f.layers + map->g.layers) + MAP_COORDINATE_ARRAYS + 1;
    tensors t = {0};
    float *f = NULL, *g = NULL;
    enot_status status = MEMORY_NEW(context, most, "saving a map", &t.list);
    if (!status) status = MEMORY_NEW(context, most, "saving a map", &t.names);
    if (!status) status = narrow(context, &map->f, map->f_parameters, &f);
    if (!status) status = narrow(context, &map->g, map->g_parameters, &g);
    if (!status) {
        add_network(&t, "f", &map->f, f);
        add_network(&t, "g", &map->g, g);
        add_coordinates(&t, map->coordinates);
        add_cost_array(&t, &map->cost);
        status = write_file(context, map, path, &t);
    }
    memory_destroy(t.list);
    memory_destroy(t.names);
    memory_destroy(f);
    memory_destroy(g);
    return status;
}
