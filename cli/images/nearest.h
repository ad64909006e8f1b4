/* The image of a set that is nearest to each of some images. */
#ifndef CLI_NEAREST_H
#define CLI_NEAREST_H

#include "images/image_set.h"

/*
 * nearest[i]: the row of set with the least squared distance, over all values, to the first count rows of images; of several
 * the first. Both have one size. 0, or -1 without memory.
 */
int image_set_nearest(const image_set *images, int64_t count, const image_set *set, int64_t *nearest);

#endif
