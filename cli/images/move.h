/* Images moved through a map. */
#ifndef CLI_IMAGES_MOVE_H
#define CLI_IMAGES_MOVE_H

#include "images/image_set.h"

/* 0, or -1 with a line in error that says why the map cannot move such images; path: of the set. */
int images_fit_map(const enot_map *map, const char *path, const image_set *set, char error[IMAGE_SET_ERROR_CAPACITY]);

/* Every image of the set becomes its image under the map, a block at a time. */
enot_status images_move(enot_context *context, const enot_map *map, enot_direction direction, image_set *set);

#endif
