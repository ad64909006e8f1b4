/* Some images of a set. */
#ifndef CLI_IMAGES_PICK_H
#define CLI_IMAGES_PICK_H

#include "images/image_set.h"

/* *picked: count images of set, or all if it has fewer, chosen by seed, without names. 0, or -1 without memory. Free it. */
int image_set_pick(const image_set *set, int64_t count, uint64_t seed, image_set *picked);

/* The same images once more, without names. */
int image_set_copy(const image_set *set, image_set *copy);

#endif
