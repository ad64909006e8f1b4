/*
 * Images as vectors whose distribution says what the images of a set look like: colours, edges and how edges are
 * arranged. They come from a small convolutional network with fixed filters of this project's own: distances between
 * them are no Inception distances (FID). docs/images.md, "The score".
 *
 * An image of side 32 gives
 *   colours   the mean colours of its four quarters;
 *   edges     responses of each patch of 6 x 6 pixels, centred and divided by its contrast, to 32 filters, each split
 *             into its positive and negative part and averaged over the image;
 *   patterns  the same of 64 filters over 3 x 3 positions of edges, which before were averaged over squares of 3 x 3
 *             and brought to 16 components.
 *
 * The features of each part are scaled by one number, so that over procedural images their variances sum to .1, .45
 * and .45, to 1 in all.
 */
#ifndef ENOT_EVAL_IMAGE_FEATURES_H
#define ENOT_EVAL_IMAGE_FEATURES_H

#include "core/context.h"
#include "core/image_shape.h"
#include "core/real.h"
#include "eval/image_filters.h"

enum {
    IMAGE_FEATURES_COLOURS = IMAGE_GRID * IMAGE_GRID * IMAGE_COLOURS,
    IMAGE_FEATURES_EDGES = 2 * IMAGE_EDGES,
    IMAGE_FEATURES_PATTERNS = 2 * IMAGE_PATTERNS,
    IMAGE_FEATURES = IMAGE_FEATURES_COLOURS + IMAGE_FEATURES_EDGES + IMAGE_FEATURES_PATTERNS
};

/*
 * features [count, IMAGE_FEATURES] of images [count, height * width * channels] with 1 channel, which counts for all
 * three, or 3, of any size, brought to 32 x 32 (eval/image_resize.h). An image's features depend on it alone.
 */
enot_status image_features(enot_context *context, image_shape shape, int64_t count, const real *images,
                           double *features);

#endif
