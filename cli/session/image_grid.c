#include "session/image_grid.h"

#include "drawing/grid.h"
#include "images/move.h"
#include "images/pick.h"
#include "images/set_builder.h"

int image_grid(enot_context *context, const enot_map *map, const image_set *source, const image_set *target, const char *path,
               char error[IMAGE_SET_ERROR_CAPACITY]) {
    image_set moved;
    if (image_set_copy(source, &moved) != 0) return set_error(error, "%s: out of memory", path);
    int failed = images_move(context, map, ENOT_FORWARD, &moved) != ENOT_OK;
    if (failed)
        set_error(error, "%s", enot_context_message(context));
    else
        failed = grid_draw(source, &moved, target, source->count, path, error);
    image_set_free(&moved);
    return failed;
}
