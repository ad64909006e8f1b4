/*
 * The fixed filters of image features (eval/image_features.h), learned from procedural images: tests/learn_filters.h
 * says how, scripts/image_filters writes them anew. Integers, in units of IMAGE_FILTERS_UNIT, so that features are
 * defined exactly.
 */
#ifndef ENOT_EVAL_IMAGE_FILTERS_H
#define ENOT_EVAL_IMAGE_FILTERS_H

#include <stdint.h>

#define IMAGE_FILTERS_UNIT 0x1p-12

enum {
    IMAGE_SIDE = 32,
    IMAGE_COLOURS = 3,
    IMAGE_EDGE_WINDOW = 6, /* pixels */
    IMAGE_EDGES = 32,
    IMAGE_EDGE_INPUTS = IMAGE_EDGE_WINDOW * IMAGE_EDGE_WINDOW * IMAGE_COLOURS,
    IMAGE_EDGE_SIDE = IMAGE_SIDE - IMAGE_EDGE_WINDOW + 1,
    IMAGE_POOL = 3,
    IMAGE_POOLED_SIDE = IMAGE_EDGE_SIDE / IMAGE_POOL,
    IMAGE_COMPONENTS = 16,
    IMAGE_PATTERN_WINDOW = 3, /* pooled positions */
    IMAGE_PATTERNS = 64,
    IMAGE_PATTERN_INPUTS = IMAGE_PATTERN_WINDOW * IMAGE_PATTERN_WINDOW * IMAGE_COMPONENTS,
    IMAGE_PATTERN_SIDE = IMAGE_POOLED_SIDE - IMAGE_PATTERN_WINDOW + 1,
    IMAGE_GRID = 2, /* parts of each axis whose mean colours are features */
};

/* Added to the variance of a patch, by whose root it is then divided: deviations well below .1, of values in [-1, 1],
 * stay small. */
#define IMAGE_PATCH_VARIANCE 0.01

/* Three parts of a feature vector: mean colours, means of rectified edges, means of rectified patterns. */
enum { IMAGE_PARTS = 3 };

typedef struct image_filters {
    int16_t edges[IMAGE_EDGES * IMAGE_EDGE_INPUTS];          /* [edge, y, x, colour] */
    int16_t components[IMAGE_COMPONENTS * 2 * IMAGE_EDGES];  /* [component, edges rectified above 0, then below] */
    int16_t component_offsets[IMAGE_COMPONENTS];             /* added */
    int16_t patterns[IMAGE_PATTERNS * IMAGE_PATTERN_INPUTS]; /* [pattern, y, x, component] */
    int16_t pattern_offsets[IMAGE_PATTERNS];                 /* added */
    int16_t scales[IMAGE_PARTS];                             /* of the parts' features */
} image_filters;

extern const image_filters image_filters_stored;

#endif
