/* The layers of the network behind image features, for one image. */
#ifndef ENOT_EVAL_IMAGE_LAYERS_H
#define ENOT_EVAL_IMAGE_LAYERS_H

#include "core/context.h"
#include "eval/image_filters.h"
#include "ops/ops.h"

/* The filters as factors of products: panels, one column a filter. */
typedef struct image_layers {
    const ops *ops;
    real *memory;
    panels edges;      /* [IMAGE_EDGE_INPUTS, IMAGE_EDGES] */
    panels components; /* [2 IMAGE_EDGES, IMAGE_COMPONENTS] */
    panels patterns;   /* [IMAGE_PATTERN_INPUTS, IMAGE_PATTERNS] */
    const image_filters *filters;
} image_layers;

/* Fills *layers, which owns its memory also on failure. */
enot_status image_layers_create(enot_context *context, const image_filters *filters, image_layers *layers);
void image_layers_destroy(image_layers *layers);

/* What one thread needs for an image, panels. */
typedef struct image_scratch {
    panels patches;   /* [IMAGE_POOL * IMAGE_EDGE_SIDE, IMAGE_EDGE_INPUTS] of as many rows of patches as are averaged */
    panels responses; /* the same rows, IMAGE_EDGES or IMAGE_PATTERNS */
    panels pooled;    /* [IMAGE_POOLED_SIDE^2, 2 IMAGE_EDGES] */
    panels mixed;     /* [IMAGE_POOLED_SIDE^2, IMAGE_COMPONENTS] */
    panels windows;   /* [IMAGE_PATTERN_SIDE^2, IMAGE_PATTERN_INPUTS] */
} image_scratch;

/* Elements of memory for one. */
int64_t image_scratch_size(void);
image_scratch image_scratch_at(real *memory);

/*
 * image [IMAGE_SIDE, IMAGE_SIDE, IMAGE_COLOURS]. edges [2 IMAGE_EDGES], patterns [2 IMAGE_PATTERNS] += means over the
 * image of the positive parts, then of the negative parts.
 */
void image_layers_apply(const image_layers *layers, const real *image, image_scratch *scratch, double *edges,
                        double *patterns);

#endif
