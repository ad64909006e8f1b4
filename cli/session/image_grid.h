/* The picture of what a map does to some images: source | T(source) | nearest target. */
#ifndef CLI_IMAGE_GRID_H
#define CLI_IMAGE_GRID_H

#include "images/image_set.h"

/* Moves the images of source through the map and draws them; 0, or -1 with a line in error. */
int image_grid(enot_context *context, const enot_map *map, const image_set *source, const image_set *target, const char *path,
               char error[IMAGE_SET_ERROR_CAPACITY]);

#endif
