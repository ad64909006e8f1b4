/* What writing and reading a map file share: names of tensors, of forms and scales. The format: docs/format.md. */
#ifndef ENOT_MAP_FILE_H
#define ENOT_MAP_FILE_H

#include "map/map.h"

#define MAP_FORMAT "enot-map"
#define MAP_FORMAT_VERSION 2 /* the newest that can be read */
#define MAP_NAME_CAPACITY 64
#define MAP_COST_ARRAY "cost.array" /* what the cost is given by, if it is given by a matrix */

/* 1, and 2 with networks of convolutions. */
int map_format_version(const enot_map *map);

/* name = "f.layers.0.weight" for prefix f, layer 1, part weight. */
void map_layer_name(char name[MAP_NAME_CAPACITY], const char *prefix, int64_t layer, const char *part);

typedef struct map_coordinate_array {
    const char *name;
    double *values;
    int rank; /* 1: [dim], 2: [dim, dim] */
} map_coordinate_array;
#define MAP_COORDINATE_ARRAYS 8
/* Those that the coordinates have; returns how many. */
int map_coordinate_arrays(const coordinates *c, map_coordinate_array arrays[MAP_COORDINATE_ARRAYS]);

/* The sizes of the networks for images as integers, in the order in which metadata "images" lists them. */
#define MAP_IMAGE_SIZES 7
typedef int64_t map_image_sizes[MAP_IMAGE_SIZES];
void map_image_sizes_of(const image_networks *images, map_image_sizes sizes);
image_networks map_image_networks(const map_image_sizes sizes);

const char *map_form_name(enot_form form);
const char *map_scale_name(enot_scale scale);
/* 0 if there is no such name. */
int map_form_parse(const char *name, enot_form *form);
int map_scale_parse(const char *name, enot_scale *scale);

#endif
