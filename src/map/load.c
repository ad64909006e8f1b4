#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/number.h"
#include "files/safetensors.h"
#include "map/file.h"
#include "map/map.h"

#define MAX_HIDDEN 64
#define MAX_DIM 65536

/* A file being read, and what its metadata says. */
typedef struct source {
    enot_context *context;
    const char *path;
    safetensors_file *file;
    int64_t dim, hidden[MAX_HIDDEN], hidden_count;
    enot_form form;
    enot_scale scale;
    activation kind;
    cost cost;
    double unit;
    int gaussian, reverse;
} source;

static enot_status malformed(const source *s, const char *what, const char *name) {
    return context_fail(s->context, ENOT_ERR_FORMAT, "%s: not a usable map: %s '%s' is missing or wrong; was it changed?", s->path,
                        what, name);
}

static const char *text_of(const source *s, const char *key) {
    const char *value = safetensors_metadata(s->file, key);
    return value ? value : "";
}

static enot_status number_of(const source *s, const char *key, double low, double high, double *out) {
    const char *text = text_of(s, key);
    if (number_parse(text, strlen(text), out) != NUMBER_FINITE || *out < low || *out > high) return malformed(s, "metadata", key);
    return ENOT_OK;
}

static enot_status whole_of(const source *s, const char *key, int base, uint64_t *out) {
    const char *text = text_of(s, key);
    char *end;
    errno = 0;
    *out = strtoull(text, &end, base);
    return isxdigit((unsigned char)*text) && *end == 0 && errno == 0 ? ENOT_OK : malformed(s, "metadata", key);
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

static enot_status read_hidden(source *s) {
    const char *text = text_of(s, "hidden");
    while (*text) {
        char *end;
        long long width = strtoll(text, &end, 10);
        if (end == text || (*end && *end != ',') || width < 1 || width > 65536 || s->hidden_count == MAX_HIDDEN)
            return malformed(s, "metadata", "hidden");
        s->hidden[s->hidden_count++] = width;
        if (!*end) return ENOT_OK;
        text = end + 1;
    }
    return malformed(s, "metadata", "hidden"); /* empty, or ends in a comma */
}

/* The tensor [rows, columns], or [rows] for columns 0, as double; all its values must be finite. */
static enot_status read_tensor(const source *s, const char *name, int64_t rows, int64_t columns, double *values) {
    const safetensor *tensor = safetensors_find(s->file, name);
    int64_t count = columns ? rows * columns : rows;
    if (!tensor || tensor->rank != (columns ? 2 : 1) || tensor->shape[0] != rows || (columns && tensor->shape[1] != columns))
        return malformed(s, "tensor", name);
    safetensor_to_double(tensor, 0, count, values);
    for (int64_t i = 0; i < count; i++)
        if (!isfinite(values[i])) return malformed(s, "tensor", name);
    return ENOT_OK;
}

/* For cost_parse: whatever name the array goes by, it is a tensor of the map. */
static enot_status read_cost_array(enot_context *context, void *user, const char *name, cost_array *out) {
    const source *s = user;
    const safetensor *tensor = safetensors_find(s->file, MAP_COST_ARRAY);
    if (!tensor || tensor->rank != 2) return malformed(s, "tensor", MAP_COST_ARRAY);
    *out = (cost_array){.rows = tensor->shape[0], .columns = tensor->shape[1]};
    TRY(MEMORY_NEW(context, out->rows * out->columns, "a map", &out->values));
    return read_tensor(s, MAP_COST_ARRAY, out->rows, out->columns, out->values);
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
    return malformed(s, by_array ? "tensor" : "metadata", by_array ? MAP_COST_ARRAY : "cost");
}

static enot_status read_metadata(source *s) {
    double dim, gaussian;
    TRY(check_version(s));
    TRY(number_of(s, "dim", 1, MAX_DIM, &dim));
    TRY(number_of(s, "unit", 1e-300, 1e300, &s->unit));
    TRY(number_of(s, "gaussian", 0, 1, &gaussian));
    s->dim = (int64_t)dim;
    if ((double)s->dim != dim) return malformed(s, "metadata", "dim");
    s->gaussian = gaussian != 0;
    s->reverse = strcmp(text_of(s, "reverse"), "1") == 0; /* files of before there was one lack the key */
    if (!map_form_parse(text_of(s, "form"), &s->form)) return malformed(s, "metadata", "form");
    if (!map_scale_parse(text_of(s, "scale"), &s->scale)) return malformed(s, "metadata", "scale");
    if (activation_parse(s->context, text_of(s, "activation"), &s->kind)) return malformed(s, "metadata", "activation");
    TRY(read_cost(s));
    int gaussian_allowed = s->cost.kind == &cost_sqeuclidean || s->form == ENOT_FORM_DOT_PRODUCT;
    if (s->reverse && s->form != ENOT_FORM_VECTOR_FIELD) return malformed(s, "metadata", "reverse");
    if (!cost_allows(s->cost.kind, s->form) || (s->gaussian && !gaussian_allowed)) return malformed(s, "metadata", "cost");
    return read_hidden(s);
}

static enot_status read_coordinates(const source *s, coordinates *c) {
    map_coordinate_array arrays[MAP_COORDINATE_ARRAYS];
    map_coordinate_arrays(c, arrays);
    c->unit = s->unit;
    c->gaussian = s->gaussian;
    if (s->form == ENOT_FORM_DOT_PRODUCT) TRY(cost_create_metric(s->context, &s->cost, &c->metric));
    for (int i = 0; i < MAP_COORDINATE_ARRAYS; i++)
        TRY(read_tensor(s, arrays[i].name, s->dim, arrays[i].rank == 1 ? 0 : s->dim, arrays[i].values));
    for (int64_t j = 0; j < s->dim; j++)
        if (c->column[j] <= 0 || c->spread[j] <= 0) return malformed(s, "tensor", "coordinates.column or .spread");
    return ENOT_OK;
}

/* Weights [rows, columns] or biases [rows], which must be finite in the library's own arithmetic too. */
static enot_status read_part(const source *s, const char *prefix, int64_t layer, const char *part, int64_t rows, int64_t columns,
                             real *out) {
    char name[MAP_NAME_CAPACITY];
    double *wide;
    int64_t count = columns ? rows * columns : rows;
    map_layer_name(name, prefix, layer, part);
    TRY(MEMORY_NEW(s->context, count, "a map", &wide));
    enot_status status = read_tensor(s, name, rows, columns, wide);
    for (int64_t i = 0; i < count && !status; i++) {
        out[i] = (real)wide[i];
        if (!isfinite(out[i])) status = malformed(s, "tensor", name);
    }
    memory_destroy(wide);
    return status;
}

static enot_status read_network(const source *s, const map_network *n) {
    const mlp *net = n->net;
    for (int64_t l = 1; l <= net->layers; l++) {
        TRY(read_part(s, n->name, l, "weight", net->width[l], net->width[l - 1], n->parameters + net->weight_at[l]));
        TRY(read_part(s, n->name, l, "bias", net->width[l], 0, n->parameters + net->bias_at[l]));
    }
    return ENOT_OK;
}

static enot_status read_networks(const source *s, enot_map *map) {
    map_network networks[MAP_NETWORKS];
    if (s->reverse) TRY(map_add_reverse(s->context, map));
    int count = map_networks(map, networks);
    for (int i = 0; i < count; i++) TRY(read_network(s, &networks[i]));
    return ENOT_OK;
}

/* The weights must be there before memory for the shape that the metadata claims is asked for. */
static enot_status check_size(const source *s) {
    int64_t in_file = 0, claimed = 0, width = s->dim;
    for (size_t i = 0; i < safetensors_count(s->file); i++) in_file += safetensor_elements(safetensors_at(s->file, i));
    for (int64_t i = 0; i < s->hidden_count; width = s->hidden[i++]) claimed += width * s->hidden[i];
    return claimed <= in_file && s->dim * s->dim <= in_file ? ENOT_OK : malformed(s, "metadata", "hidden or dim");
}

static enot_status read_origin(const source *s, enot_map *map) {
    map_origin *origin = &map->origin;
    uint64_t steps;
    TRY(whole_of(s, "seed", 10, &origin->seed));
    TRY(whole_of(s, "source_fingerprint", 16, &origin->fingerprint[COORDINATES_SOURCE]));
    TRY(whole_of(s, "target_fingerprint", 16, &origin->fingerprint[COORDINATES_TARGET]));
    TRY(whole_of(s, "steps", 10, &steps));
    if (steps > INT64_MAX) return malformed(s, "metadata", "steps");
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
    TRY(check_size(s));
    TRY(coordinates_create(s->context, s->dim, &c));
    enot_status status = read_coordinates(s, c);
    if (status) {
        coordinates_destroy(c);
        return status;
    }
    TRY(map_create(s->context, c, &map));
    map->scale = s->scale;
    status = map_set_networks(s->context, map, s->form, &s->cost, s->kind, s->hidden, s->hidden_count);
    if (!status) status = read_networks(s, map);
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
