/* Images brought to a square of another size: by area averaging where an axis shrinks, by linear interpolation where it
 * grows. */
#ifndef ENOT_EVAL_IMAGE_RESIZE_H
#define ENOT_EVAL_IMAGE_RESIZE_H

#include "core/context.h"
#include "core/image_shape.h"
#include "core/real.h"

typedef struct image_resize {
    image_shape shape;
    int64_t side;
    real *rows;    /* [side, height] weights, each row's sum is 1 */
    real *columns; /* [side, width] */
} image_resize;

/* Fills *resize, which owns its memory also on failure. */
enot_status image_resize_create(enot_context *context, image_shape shape, int64_t side, image_resize *resize);
void image_resize_destroy(image_resize *resize);

/* image of the shape, resized [side, side, channels], scratch [side, width, channels] */
void image_resize_apply(const image_resize *resize, const real *image, real *scratch, real *resized);

#endif
