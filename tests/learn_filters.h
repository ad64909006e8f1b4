/* The filters of src/eval/image_filters.c from dead leaves, layer by layer, each from the responses of the stored ones
 * before it. */
#ifndef ENOT_TESTS_LEARN_FILTERS_H
#define ENOT_TESTS_LEARN_FILTERS_H

#include "dead_leaves.h"
#include "naive_features.h"
#include "spherical_means.h"

enum {
    LEARN_SEED = 1,
    LEARN_IMAGES = 800,
    LEARN_PATCHES = 16, /* of an image, on a grid of 4 x 4 */
    LEARN_WINDOWS = 16
};

typedef struct learning {
    enot_context *context;
    image_filters *filters;
    double *images; /* [LEARN_IMAGES, LEAVES_IMAGE] */
    double *pooled; /* [LEARN_IMAGES, NAIVE_POOLED, 2 IMAGE_EDGES] */
} learning;

static inline double *learn_memory(int64_t count) {
    double *memory = calloc((size_t)count, sizeof *memory);
    assert_non_null(memory);
    return memory;
}

static inline void to_units(int64_t count, const double *values, int16_t *units) {
    for (int64_t i = 0; i < count; i++) {
        double unit = round(values[i] / IMAGE_FILTERS_UNIT);
        assert_true(fabs(unit) <= INT16_MAX);
        units[i] = (int16_t)unit;
    }
}

/* Normalised patches have the mean 0 each and nearly so over all, so edges have no offsets. */
static inline void learn_edges(learning *l) {
    enum { COUNT = LEARN_IMAGES * LEARN_PATCHES, DIM = IMAGE_EDGE_INPUTS };
    double *patches = learn_memory(COUNT * DIM), filters[IMAGE_EDGES * DIM], mean[DIM];
    for (int i = 0; i < COUNT; i++) {
        int place = i % LEARN_PATCHES;
        naive_patch(l->images + i / LEARN_PATCHES * LEAVES_IMAGE, place / 4 * 8 + 1, place % 4 * 8 + 1,
                    patches + (int64_t)i * DIM);
    }
    learn_directions(l->context, patches, COUNT, DIM, IMAGE_EDGES, mean, filters);
    to_units(IMAGE_EDGES * DIM, filters, l->filters->edges);
    free(patches);
}

/* An eigenvector's sign means nothing: the largest entry is made positive. */
static inline double sign_of_largest(int64_t count, const double *values) {
    double largest = 0;
    for (int64_t i = 0; i < count; i++)
        if (fabs(values[i]) > fabs(largest)) largest = values[i];
    return largest < 0 ? -1 : 1;
}

/* The principal components of pooled edges, with variances that the ridge keeps below 1. */
static inline void learn_components(learning *l) {
    enum { DIM = 2 * IMAGE_EDGES };
    double mean[DIM], vectors[DIM * DIM], values[DIM], components[IMAGE_COMPONENTS * DIM], offsets[IMAGE_COMPONENTS],
        ridge = 0;
    for (int i = 0; i < LEARN_IMAGES; i++)
        naive_pooled(l->filters, l->images + (int64_t)i * LEAVES_IMAGE, l->pooled + (int64_t)i * NAIVE_POOLED * DIM);
    principal_axes(l->context, l->pooled, LEARN_IMAGES * NAIVE_POOLED, DIM, mean, vectors, values);
    for (int c = 0; c < IMAGE_COMPONENTS; c++) ridge += MEANS_RIDGE * values[DIM - 1 - c] / IMAGE_COMPONENTS;
    for (int c = 0; c < IMAGE_COMPONENTS; c++) {
        const double *vector = vectors + (DIM - 1 - c) * DIM;
        double scale = sign_of_largest(DIM, vector) / sqrt(values[DIM - 1 - c] + ridge);
        for (int j = 0; j < DIM; j++) components[c * DIM + j] = scale * vector[j];
        offsets[c] = -dot(DIM, components + c * DIM, mean);
    }
    to_units(IMAGE_COMPONENTS * DIM, components, l->filters->components);
    to_units(IMAGE_COMPONENTS, offsets, l->filters->component_offsets);
}

static inline void learn_patterns(learning *l) {
    enum { COUNT = LEARN_IMAGES * LEARN_WINDOWS, DIM = IMAGE_PATTERN_INPUTS };
    double *windows = learn_memory(COUNT * DIM), mixed[NAIVE_POOLED * IMAGE_COMPONENTS], mean[DIM],
           filters[IMAGE_PATTERNS * DIM];
    double offsets[IMAGE_PATTERNS];
    for (int i = 0; i < COUNT; i++) {
        int place = i % LEARN_WINDOWS;
        if (place == 0)
            naive_mixed(l->filters, l->pooled + (int64_t)(i / LEARN_WINDOWS) * NAIVE_POOLED * 2 * IMAGE_EDGES, mixed);
        naive_window(mixed, place / 4 * 2, place % 4 * 2, windows + (int64_t)i * DIM);
    }
    learn_directions(l->context, windows, COUNT, DIM, IMAGE_PATTERNS, mean, filters);
    for (int f = 0; f < IMAGE_PATTERNS; f++) offsets[f] = -dot(DIM, filters + f * DIM, mean);
    to_units(IMAGE_PATTERNS * DIM, filters, l->filters->patterns);
    to_units(IMAGE_PATTERNS, offsets, l->filters->pattern_offsets);
    free(windows);
}

/* The sum of the variances of columns first .. first + count - 1 of features [LEARN_IMAGES, IMAGE_FEATURES] */
static inline double variance_of(const double *features, int first, int count) {
    double sum = 0;
    for (int c = first; c < first + count; c++) {
        double mean = 0;
        for (int i = 0; i < LEARN_IMAGES; i++) mean += features[i * IMAGE_FEATURES + c] / LEARN_IMAGES;
        for (int i = 0; i < LEARN_IMAGES; i++)
            sum += pow(features[i * IMAGE_FEATURES + c] - mean, 2) / (LEARN_IMAGES - 1);
    }
    return sum;
}

/* So that the variances of the parts sum to their shares. */
static inline void learn_scales(learning *l) {
    static const int counts[IMAGE_PARTS] = {IMAGE_FEATURES_COLOURS, IMAGE_FEATURES_EDGES, IMAGE_FEATURES_PATTERNS};
    static const double shares[IMAGE_PARTS] = {.1, .45, .45};
    double *features = learn_memory(LEARN_IMAGES * IMAGE_FEATURES), ones[IMAGE_PARTS] = {1, 1, 1}, scales[IMAGE_PARTS];
    to_units(IMAGE_PARTS, ones, l->filters->scales);
    for (int i = 0; i < LEARN_IMAGES; i++)
        naive_features(l->filters, l->images + (int64_t)i * LEAVES_IMAGE, features + i * IMAGE_FEATURES);
    for (int p = 0, first = 0; p < IMAGE_PARTS; first += counts[p], p++)
        scales[p] = sqrt(shares[p] / variance_of(features, first, counts[p]));
    to_units(IMAGE_PARTS, scales, l->filters->scales);
    free(features);
}

/* Some seconds. */
static inline void learn_filters(enot_context *context, image_filters *filters) {
    learning l = {.context = context, .filters = filters};
    l.images = learn_memory(LEARN_IMAGES * LEAVES_IMAGE);
    l.pooled = learn_memory((int64_t)LEARN_IMAGES * NAIVE_POOLED * 2 * IMAGE_EDGES);
    for (int i = 0; i < LEARN_IMAGES; i++) dead_leaves(LEARN_SEED, i, l.images + (int64_t)i * LEAVES_IMAGE);
    learn_edges(&l);
    learn_components(&l);
    learn_patterns(&l);
    learn_scales(&l);
    free(l.images);
    free(l.pooled);
}

#endif
