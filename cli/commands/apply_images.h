/* enot apply for a map of images: from a folder, an idx file or .npy to a folder with the same names, or to .npy. */
#ifndef CLI_APPLY_IMAGES_H
#define CLI_APPLY_IMAGES_H

#include "session/image_inputs.h"

typedef struct apply_images {
    const session *session;
    image_inputs *inputs;
    const enot_map *map;
    enot_direction direction;
    int64_t limit; /* ENOT_AUTO: none */
    const char *output;
} apply_images;

/* *moved: how many. Returns the exit code, having said what is wrong. */
int apply_images_run(const apply_images *apply, const char *points, int64_t *moved);

#endif
