#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/number.h"
#include "map/source.h"

#define MAX_DIM 65536

static const char *text_of(const source *s, const char *key) {
    const char *value = safetensors_metadata(s->file, key);
    return value ? value : "";
}

static enot_status number_of(const source *s, const char *key, double low, double high, double *out) {
    const char *text = text_of(s, key);
    if (number_parse(text, strlen(text), out) != NUMBER_FINITE || *out < low || *out > high) return source_malformed(s, "metadata", key);
    return ENOT_OK;
}

static enot_status whole_of(const source *s, const char *key, int base, uint64_t *out) {
    const char *text = text_of(s, key);
    char *end;
    errno = 0;
    *out = strtoull(text, &end, base);
    return isxdigit((unsigned char)*text) && *end == 0 && errno == 0 ? ENOT_OK : source_malformed(s, "metadata", key);
}

static enot_status check_version(const source *s) {
    if (strcmp(text_of(s, "format"), MAP_FORMAT) != 0)
        return context_fail(s->context, ENOT_ERR_FORMAT, "%s: a safetensors file, but not a map that `enot fit` wrote", s->path);
    double version;
    TRY(number_of(s, "format_version", 1, 1e9, &version));
    if (version <= MAP_FORMAT_VERSION) return ENOT_OK;
    return context_fail(s->context, ENOT_ERR_VERSION,
                        "%s: map format %g was written by a newer enot (%s), this is %s: install the newer one", s->path,
                        version, text_of(s, "enot_version"), enot_version());
}

/* For cost_parse: whatever name the array goes by, it is a tensor of the map. */
static enot_status read_cost_array(enot_context *context, void *user, const char *name, cost_array *out) {
    const source *s = user;
    const safetensor *tensor = safetensors_find(s->file, MAP_COST_ARRAY);
    if (!tensor || tensor->rank != 2) return source_malformed(s, "tensor", MAP_COST_ARRAY);
    *out = (cost_array){.rows = tensor->shape[0], .columns = tensor->shape[1]};
    TRY(MEMORY_NEW(context, out->rows * out->columns, "a map", &out->values));
    return source_read(s, MAP_COST_ARRAY, 2, tensor->shape, out->values);
}

/* A callback is not in the file: the map moves points, but their costs are not known. */
static const enot_cost NO_CALLBACK = ENOT_COST_INIT;

static enot_status read_cost(source *s) {
    const char *text = text_of(s, "cost");
    size_t length = strlen(cost_callback.name);
    int callback = strncmp(text, cost_callback.name, length) == 0;
    cost_source from = {read_cost_array, s, callback ? &NO_CALLBACK : NULL};
    if (!cost_parse(s->context, text, s->dim, &from, &s->cost)) return ENOT_OK;
    int by_array = s->cost.kind && s->cost.kind->array;
    return source_malformed(s, by_array ? "tensor" : "metadata", by_array ? MAP_COST_ARRAY : "cost");
}

static enot_status read_metadata(source *s) {
    double dim, gaussian;
    TRY(check_version(s));
    TRY(number_of(s, "dim", 1, MAX_DIM, &dim));
    TRY(number_of(s, "unit", 1e-300, 1e300, &s->unit));
    TRY(number_of(s, "gaussian", 0, 1, &gaussian));
    s->dim = (int64_t)dim;
    if ((double)s->dim != dim) return source_malformed(s, "metadata", "dim");
    s->gaussian = gaussian != 0;
    s->reverse = strcmp(text_of(s, "reverse"), "1") == 0; /* files of before there was one lack the key */
    if (!map_form_parse(text_of(s, "form"), &s->form)) return source_malformed(s, "metadata", "form");
    if (!map_scale_parse(text_of(s, "scale"), &s->scale)) return source_malformed(s, "metadata", "scale");
    int images = safetensors_metadata(s->file, "images") != NULL;
    if (!images && activation_parse(s->context, text_of(s, "activation"), &s->kind)) return source_malformed(s, "metadata", "activation");
    TRY(read_cost(s));
    int gaussian_allowed = s->cost.kind == &cost_sqeuclidean || s->form == ENOT_FORM_DOT_PRODUCT;
    if (s->reverse && s->form != ENOT_FORM_VECTOR_FIELD) return source_malformed(s, "metadata", "reverse");
    if (!cost_allows(s->cost.kind, s->form) || (s->gaussian && !gaussian_allowed)) return source_malformed(s, "metadata", "cost");
    return source_read_sizes(s);
}

static enot_status read_coordinates(const source *s, coordinates *c) {
    map_coordinate_array arrays[MAP_COORDINATE_ARRAYS];
    int count = map_coordinate_arrays(c, arrays);
    c->unit = s->unit;
    c->gaussian = s->gaussian;
    if (s->form == ENOT_FORM_DOT_PRODUCT) TRY(cost_create_metric(s->context, &s->cost, &c->metric));
    for (int i = 0; i < count; i++)
        TRY(source_read(s, arrays[i].name, arrays[i].rank, (const int64_t[]){s->dim, s->dim}, arrays[i].values));
    for (int64_t j = 0; j < s->dim; j++)
        if (c->column[j] <= 0 || c->spread[j] <= 0) return source_malformed(s, "tensor", "coordinates.column or .spread");
    return ENOT_OK;
}

static enot_status read_origin(const source *s, enot_map *map) {
    map_origin *origin = &map->origin;
    uint64_t steps;
    TRY(whole_of(s, "seed", 10, &origin->seed));
    TRY(whole_of(s, "source_fingerprint", 16, &origin->fingerprint[COORDINATES_SOURCE]));
    TRY(whole_of(s, "target_fingerprint", 16, &origin->fingerprint[COORDINATES_TARGET]));
    TRY(whole_of(s, "steps", 10, &steps));
    if (steps > INT64_MAX) return source_malformed(s, "metadata", "steps");
    origin->steps = (int64_t)steps;
    map->options = strdup(text_of(s, "options"));
    map->report = strdup(text_of(s, "report"));
    if (!map->options || !map->report) return context_fail_memory(s->context, 0, "a map");
    double ridge = 0;
    if (safetensors_metadata(s->file, "ridge")) TRY(number_of(s, "ridge", 0, 1e30, &ridge)); /* absent before there was one */
    map->t.ridge = (real)ridge;
    TRY(number_of(s, "smoothing", 0, 1e300, &origin->smoothing));
    return number_of(s, "validation", 0, 0.5, &origin->validation);
}

static enot_status read_map(source *s, enot_map **out) {
    coordinates *c;
    enot_map *map;
    TRY(read_metadata(s));
    TRY(source_check_size(s));
    TRY(image_shape_is_set(s->images.shape) ? coordinates_images(s->context, s->images.shape, &c)
                                            : coordinates_create(s->context, s->dim, &c));
    enot_status status = read_coordinates(s, c);
    if (status) {
        coordinates_destroy(c);
        return status;
    }
    TRY(map_create(s->context, c, &map));
    map->scale = s->scale;
    network_sizes sizes = source_sizes(s);
    status = map_set_networks(s->context, map, s->form, &s->cost, &sizes);
    if (!status) status = source_read_networks(s, map);
    if (!status) status = read_origin(s, map);
    if (status) {
        enot_map_destroy(map);
        return status;
    }
    *out = map;
    return ENOT_OK;
}

enot_status enot_map_load(enot_context *context, const char *path, enot_map **map) {
    source s = {.context = context, .path = path};
    TRY(safetensors_open(context, path, &s.file));
    enot_status status = read_map(&s, map);
    cost_destroy(&s.cost);
    safetensors_close(s.file);
    return status;
}
