/*
 * Images as vectors whose distribution says what images of a set look like: colours, edges and their arrangement. The features are those
 * of a small convolutional network with fixed filters of this project's own; distances between them are no Inception distances (FID).
 *
 * An image of side 32 gives
 *   colours   the mean colours of its four quarters;
 *   edges     responses of each patch of 6 x 6 pixels, centred and divided by its contrast, to 32 filters, each split into its positive
 *             and negative part, averaged over the image;
 *   patterns  the same of 64 filters over 3 x 3 positions of edges, which before were averaged over 3 x 3 positions and brought to 16
 *             components.
 * The features of each part are scaled by one number, so that over procedural images (dead leaves) their variances sum to .1, .45 and
 * .45, to 1 in all.
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
 * features [count, IMAGE_FEATURES] of images [count, height * width * channels]. 1 or 3 channels, grey counts for all three; any size, brought
 * to 32 x 32 (eval/image_resize.h). An image's features depend on it alone.
 */
enot_status image_features(enot_context *context, image_shape shape, int64_t count, const real *images, double *features);

#endif
