/* A row that is an image: values in [-1, 1] in the order [height, width, channels]. */
#ifndef ENOT_CORE_IMAGE_SHAPE_H
#define ENOT_CORE_IMAGE_SHAPE_H

#include <stdint.h>

typedef struct image_shape {
    int64_t height, width, channels;
} image_shape;

/* Whether rows are images: of the zero shape they are not. */
static inline int image_shape_is_set(image_shape shape) { return shape.height > 0; }
static inline int image_shape_equals(image_shape a, image_shape b) {
    return a.height == b.height && a.width == b.width && a.channels == b.channels;
}
static inline int64_t image_shape_size(image_shape shape) { return shape.height * shape.width * shape.channels; }

#endif
