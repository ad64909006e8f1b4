/* A row that is an image: values in [-1, 1] in the order [height, width, channels]. */
#ifndef ENOT_CORE_IMAGE_SHAPE_H
#define ENOT_CORE_IMAGE_SHAPE_H

#include <stdint.h>

typedef struct image_shape {
    int64_t height, width, channels;
} image_shape;

#endif
