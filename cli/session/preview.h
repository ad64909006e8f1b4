/* fit --preview: a picture that shows what the map does by now. */
#ifndef CLI_PREVIEW_H
#define CLI_PREVIEW_H

#include "images/image_set.h"
#include "session/session.h"

typedef struct preview {
    const session *session;
    const char *path;        /* NULL: no preview */
    image_set shown;         /* some images of the source */
    const image_set *target; /* to find the nearest in */
} preview;

/* Chooses the images that will be shown. Returns the exit code, having said what is wrong. */
int preview_begin(preview *preview, const image_set *source, const image_set *target);
/* An enot_snapshot_fn, user being the preview: draws the picture anew. */
void preview_draw(void *user, const enot_map *map);
void preview_end(preview *preview);

#endif
