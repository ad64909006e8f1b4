#include <jansson.h>

#include "map/file.h"
#include "map/map.h"

static json_t *parsed(const char *text) {
    json_t *object = text ? json_loads(text, 0, NULL) : NULL;
    return object ? object : json_object();
}

static json_t *hidden_of(const mlp *net) {
    if (net->layers == 0) return NULL;
    json_t *widths = json_array();
    for (int64_t l = 1; l < net->layers; l++) json_array_append_new(widths, json_integer(net->width[l]));
    return widths;
}

static const char *activation_of(const mlp *net) { return net->layers > 0 ? activation_name(net->kind) : NULL; }

static json_t *image_of(image_shape shape) {
    if (!image_shape_is_set(shape)) return NULL;
    return json_pack("[III]", (json_int_t)shape.height, (json_int_t)shape.width, (json_int_t)shape.channels);
}

enot_status enot_map_describe(enot_context *context, const enot_map *map, char **json) {
    char cost[256];
    cost_print(&map->cost, cost, sizeof cost);
    json_t *object = json_pack(
        "{s:s, s:i, s:s, s:s, s:s, s:s, s:I, s:s, s:f, s:b, s:s*, s:o*, s:o*, s:I, s:o, s:o}", "format", MAP_FORMAT, "format_version",
        map_format_version(map), "form", map_form_name(map->t.form), "cost", cost, "formula", map->cost.kind->formula, "scale",
        map_scale_name(map->scale), "dim", (json_int_t)map->t.dim, "start", map->coordinates->gaussian ? "gaussian" : "identity",
        "unit", map->coordinates->unit, "has_inverse", map_has_inverse(map), "activation",
        activation_of(&map->f.mlp), "hidden", hidden_of(&map->f.mlp), "image",
        image_of(map->images.shape), "parameters",
        (json_int_t)(architecture_parameters(&map->f) + architecture_parameters(&map->g)), "options", parsed(map->options), "report",
        parsed(map->report));
    char *text = object ? json_dumps(object, JSON_INDENT(2)) : NULL;
    json_decref(object);
    if (!text) return context_fail_memory(context, 0, "the description of a map");
    *json = text;
    return ENOT_OK;
}
