#include "map/file.h"

#include <stdio.h>
#include <string.h>

static const char *const FORMS[] = {"potential", "dot_product", "vector_field"};
static const char *const SCALES[] = {"global", "column", "none"};

int map_format_version(const enot_map *map) { return architecture_is_conv(&map->f) ? 2 : 1; }

void map_layer_name(char name[MAP_NAME_CAPACITY], const char *prefix, int64_t layer, const char *part) {
    snprintf(name, MAP_NAME_CAPACITY, "%s.layers.%d.%s", prefix, (int)layer - 1, part);
}

int map_coordinate_arrays(const coordinates *c, map_coordinate_array arrays[MAP_COORDINATE_ARRAYS]) {
    const map_coordinate_array all[MAP_COORDINATE_ARRAYS] = {
        {"coordinates.column", c->column, 1},
        {"coordinates.spread", c->spread, 1},
        {"coordinates.source.mean", c->mean[COORDINATES_SOURCE], 1},
        {"coordinates.source.forward", c->forward[COORDINATES_SOURCE], 2},
        {"coordinates.source.backward", c->backward[COORDINATES_SOURCE], 2},
        {"coordinates.target.mean", c->mean[COORDINATES_TARGET], 1},
        {"coordinates.target.forward", c->forward[COORDINATES_TARGET], 2},
        {"coordinates.target.backward", c->backward[COORDINATES_TARGET], 2},
    };
    int count = 0;
    for (int i = 0; i < MAP_COORDINATE_ARRAYS; i++)
        if (all[i].values) arrays[count++] = all[i];
    return count;
}

void map_image_sizes_of(const image_networks *i, map_image_sizes sizes) {
    const map_image_sizes all = {i->shape.height, i->shape.width, i->shape.channels, i->width, i->depth, i->filters, i->halvings};
    memcpy(sizes, all, sizeof all);
}

image_networks map_image_networks(const map_image_sizes s) {
    return (image_networks){{s[0], s[1], s[2]}, s[3], s[4], s[5], s[6]};
}

const char *map_form_name(enot_form form) { return form == ENOT_FORM_AUTO ? "auto" : FORMS[form]; }

const char *map_scale_name(enot_scale scale) { return SCALES[scale]; }

static int parse(const char *name, const char *const *names, int count, int *index) {
    for (int i = 0; i < count; i++)
        if (strcmp(name, names[i]) == 0) {
            *index = i;
            return 1;
        }
    return 0;
}

int map_form_parse(const char *name, enot_form *form) {
    int index;
    if (!parse(name, FORMS, 3, &index)) return 0;
    *form = (enot_form)index;
    return 1;
}

int map_scale_parse(const char *name, enot_scale *scale) {
    int index;
    if (!parse(name, SCALES, 3, &index)) return 0;
    *scale = (enot_scale)index;
    return 1;
}
