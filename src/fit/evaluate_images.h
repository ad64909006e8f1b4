/* What a report says of images beside their mismatch. */
#ifndef ENOT_FIT_EVALUATE_IMAGES_H
#define ENOT_FIT_EVALUATE_IMAGES_H

#include "core/context.h"

/* Features (eval/comparison.h) of n rows of the source, as they are and moved, and of m rows of the target. */
typedef struct image_scores {
    int64_t n, m, dim;
    const double *source, *moved; /* [n, dim] */
    const double *target;         /* [m, dim] */
} image_scores;

/* Fills the Frechet distances of the report; seed: of the target's halves. */
enot_status evaluate_images(enot_context *context, const image_scores *s, uint64_t seed, enot_report *report);

#endif
