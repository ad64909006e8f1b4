/* The features of an image (src/eval/image_features.h) written down once more, in double and without a thought for
 * speed. */
#ifndef ENOT_TESTS_NAIVE_FEATURES_H
#define ENOT_TESTS_NAIVE_FEATURES_H

#include "eval/image_features.h"
#include "numeric.h"

enum { NAIVE_POOLED = IMAGE_POOLED_SIDE * IMAGE_POOLED_SIDE, NAIVE_WINDOWS = IMAGE_PATTERN_SIDE * IMAGE_PATTERN_SIDE };

/* The normalised patch whose upper left pixel is (y, x). */
static inline void naive_patch(const double *image, int y, int x, double *patch) {
    double mean = 0, variance = 0;
    for (int i = 0; i < IMAGE_EDGE_INPUTS; i++) {
        int row = y + i / (IMAGE_EDGE_WINDOW * 3), column = x + i / 3 % IMAGE_EDGE_WINDOW;
        patch[i] = image[(row * IMAGE_SIDE + column) * 3 + i % 3];
        mean += patch[i] / IMAGE_EDGE_INPUTS;
    }
    for (int i = 0; i < IMAGE_EDGE_INPUTS; i++) variance += (patch[i] - mean) * (patch[i] - mean) / IMAGE_EDGE_INPUTS;
    for (int i = 0; i < IMAGE_EDGE_INPUTS; i++) patch[i] = (patch[i] - mean) / sqrt(variance + IMAGE_PATCH_VARIANCE);
}

/* The sum over i of filter[i] values[i], the filter in its units. */
static inline double naive_response(int count, const int16_t *filter, const double *values) {
    double sum = 0;
    for (int i = 0; i < count; i++) sum += filter[i] * IMAGE_FILTERS_UNIT * values[i];
    return sum;
}

/* pooled [NAIVE_POOLED, 2 IMAGE_EDGES] */
static inline void naive_pooled(const image_filters *filters, const double *image, double *pooled) {
    double patch[IMAGE_EDGE_INPUTS];
    memset(pooled, 0, NAIVE_POOLED * 2 * IMAGE_EDGES * sizeof *pooled);
    for (int y = 0; y < IMAGE_EDGE_SIDE; y++)
        for (int x = 0; x < IMAGE_EDGE_SIDE; x++) {
            double *at = pooled + (y / IMAGE_POOL * IMAGE_POOLED_SIDE + x / IMAGE_POOL) * 2 * IMAGE_EDGES;
            naive_patch(image, y, x, patch);
            for (int f = 0; f < IMAGE_EDGES; f++) {
                double z = naive_response(IMAGE_EDGE_INPUTS, filters->edges + f * IMAGE_EDGE_INPUTS, patch);
                at[z > 0 ? f : IMAGE_EDGES + f] += fabs(z) / (IMAGE_POOL * IMAGE_POOL);
            }
        }
}

/* mixed [NAIVE_POOLED, IMAGE_COMPONENTS] */
static inline void naive_mixed(const image_filters *filters, const double *pooled, double *mixed) {
    for (int i = 0; i < NAIVE_POOLED; i++)
        for (int c = 0; c < IMAGE_COMPONENTS; c++)
            mixed[i * IMAGE_COMPONENTS + c] = filters->component_offsets[c] * IMAGE_FILTERS_UNIT +
                                              naive_response(2 * IMAGE_EDGES, filters->components + c * 2 * IMAGE_EDGES,
                                                             pooled + i * 2 * IMAGE_EDGES);
}

static inline void naive_window(const double *mixed, int y, int x, double *window) {
    for (int i = 0; i < IMAGE_PATTERN_INPUTS; i++) {
        int k = i / IMAGE_COMPONENTS, row = y + k / IMAGE_PATTERN_WINDOW, column = x + k % IMAGE_PATTERN_WINDOW;
        window[i] = mixed[(row * IMAGE_POOLED_SIDE + column) * IMAGE_COMPONENTS + i % IMAGE_COMPONENTS];
    }
}

/* features [IMAGE_FEATURES] of image [IMAGE_SIDE, IMAGE_SIDE, 3] */
static inline void naive_features(const image_filters *filters, const double *image, double *features) {
    double pooled[NAIVE_POOLED * 2 * IMAGE_EDGES], mixed[NAIVE_POOLED * IMAGE_COMPONENTS], window[IMAGE_PATTERN_INPUTS];
    double *edges = features + IMAGE_FEATURES_COLOURS, *patterns = edges + IMAGE_FEATURES_EDGES;
    const int16_t *scales = filters->scales;
    memset(features, 0, IMAGE_FEATURES * sizeof *features);
    for (int i = 0; i < IMAGE_SIDE * IMAGE_SIDE * 3; i++) {
        int y = i / 3 / IMAGE_SIDE, x = i / 3 % IMAGE_SIDE, quarter = y / 16 * 2 + x / 16;
        features[quarter * 3 + i % 3] += image[i] / 256 * scales[0] * IMAGE_FILTERS_UNIT;
    }
    naive_pooled(filters, image, pooled);
    for (int i = 0; i < NAIVE_POOLED * 2 * IMAGE_EDGES; i++)
        edges[i % (2 * IMAGE_EDGES)] += pooled[i] / NAIVE_POOLED * scales[1] * IMAGE_FILTERS_UNIT;
    naive_mixed(filters, pooled, mixed);
    for (int i = 0; i < NAIVE_WINDOWS; i++) {
        naive_window(mixed, i / IMAGE_PATTERN_SIDE, i % IMAGE_PATTERN_SIDE, window);
        for (int f = 0; f < IMAGE_PATTERNS; f++) {
            double z = filters->pattern_offsets[f] * IMAGE_FILTERS_UNIT +
                       naive_response(IMAGE_PATTERN_INPUTS, filters->patterns + f * IMAGE_PATTERN_INPUTS, window);
            patterns[z > 0 ? f : IMAGE_PATTERNS + f] += fabs(z) / NAIVE_WINDOWS * scales[2] * IMAGE_FILTERS_UNIT;
        }
    }
}

#endif
