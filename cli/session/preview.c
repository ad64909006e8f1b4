#include "session/preview.h"

#include <stdlib.h>

#include "images/pick.h"
#include "session/image_grid.h"

#define ROWS 8

int preview_begin(preview *preview, const image_set *source, const image_set *target) {
    const session *session = preview->session;
    if (source->count == 0) return session_error(session, "--preview draws images, and the samples are tables");
    enot_status status = enot_path_writable(session->context, preview->path);
    if (status != ENOT_OK) return session_fail(session, status);
    preview->target = target;
    return image_set_pick(source, ROWS, session->seed, &preview->shown) == 0 ? EXIT_SUCCESS : session_error(session, "out of memory");
}

void preview_draw(void *user, const enot_map *map) {
    preview *preview = user;
    char error[IMAGE_SET_ERROR_CAPACITY];
    if (image_grid(preview->session->context, map, &preview->shown, preview->target, preview->path, error) != 0)
        session_warn(preview->session, "%s", error);
}

void preview_end(preview *preview) { image_set_free(&preview->shown); }
