/* What writing and reading a map file share: names of tensors, of forms and scales. The format: docs/format.md. */
#ifndef ENOT_MAP_FILE_H
#define ENOT_MAP_FILE_H

#include "map/map.h"

#define MAP_FORMAT "enot-map"
#define MAP_FORMAT_VERSION 1
#define MAP_FORMAT_VERSION_TEXT "1"
#define MAP_NAME_CAPACITY 64
#define MAP_COST_ARRAY "cost.array" /* what the cost is given by, if it is given by a matrix */

/* name = "f.layers.0.weight" for prefix f, layer 1, part weight. */
void map_layer_name(char name[MAP_NAME_CAPACITY], const char *prefix, int64_t layer, const char *part);

typedef struct map_coordinate_array {
    const char *name;
    double *values;
    int rank; /* 1: [dim], 2: [dim, dim] */
} map_coordinate_array;
#define MAP_COORDINATE_ARRAYS 8
void map_coordinate_arrays(const coordinates *c, map_coordinate_array arrays[MAP_COORDINATE_ARRAYS]);

const char *map_form_name(enot_form form);
const char *map_scale_name(enot_scale scale);
/* 0 if there is no such name. */
int map_form_parse(const char *name, enot_form *form);
int map_scale_parse(const char *name, enot_scale *scale);

#endif
