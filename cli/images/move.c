#include "images/move.h"

#include <stdlib.h>

#include "images/set_builder.h"

#define BLOCK_ROWS 64

int images_fit_map(const enot_map *map, const char *path, const image_set *set, char error[IMAGE_SET_ERROR_CAPACITY]) {
    int64_t shape[3];
    if (!enot_map_image(map, shape)) return set_error(error, "%s: the map is one of tables, it cannot move images", path);
    if (set->height == shape[0] && set->width == shape[1] && set->channels == shape[2]) return 0;
    return set_error(error, "%s: images of %lld x %lld pixels with %lld channels, but the map moves %lld x %lld with %lld", path,
                     (long long)set->height, (long long)set->width, (long long)set->channels, (long long)shape[0],
                     (long long)shape[1], (long long)shape[2]);
}

static enot_status move_block(enot_context *context, const enot_map *map, enot_direction direction, float *pixels, int64_t count,
                              double *rows) {
    int64_t numbers = count * enot_map_dim(map);
    for (int64_t i = 0; i < numbers; i++) rows[i] = pixels[i];
    enot_status status = enot_map_apply(context, map, direction, rows, count, rows);
    for (int64_t i = 0; i < numbers && status == ENOT_OK; i++) pixels[i] = (float)rows[i];
    return status;
}

enot_status images_move(enot_context *context, const enot_map *map, enot_direction direction, image_set *set) {
    int64_t dim = image_set_dim(set);
    double *rows = malloc((size_t)(BLOCK_ROWS * dim) * sizeof *rows);
    enot_status status = rows != NULL ? ENOT_OK : ENOT_ERR_MEMORY;
    for (int64_t first = 0; first < set->count && status == ENOT_OK; first += BLOCK_ROWS) {
        int64_t count = set->count - first < BLOCK_ROWS ? set->count - first : BLOCK_ROWS;
        status = move_block(context, map, direction, set->pixels + first * dim, count, rows);
    }
    free(rows);
    return status;
}
