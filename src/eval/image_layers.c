#include "eval/image_layers.h"

#include <math.h>
#include <string.h>

#include "core/clones.h"
#include "core/memory.h"

enum {
    PATCHES = IMAGE_POOL * IMAGE_EDGE_SIDE,
    POOLED = IMAGE_POOLED_SIDE * IMAGE_POOLED_SIDE,
    WINDOWS = IMAGE_PATTERN_SIDE * IMAGE_PATTERN_SIDE,
    PATCH_ROW = IMAGE_EDGE_WINDOW * IMAGE_COLOURS, /* values of a patch that are neighbours in memory */
    WINDOW_ROW = IMAGE_PATTERN_WINDOW * IMAGE_COMPONENTS
};

static real *element(panels m, int64_t row, int64_t column) {
    return panels_at(m, column / PANEL) + row * PANEL + column % PANEL;
}

/* filters [count, inputs] to m [inputs, count] */
static void unpack(int64_t count, int64_t inputs, const int16_t *filters, panels m) {
    for (int64_t f = 0; f < count; f++)
        for (int64_t i = 0; i < inputs; i++) *element(m, i, f) = (real)(filters[f * inputs + i] * IMAGE_FILTERS_UNIT);
}

enot_status image_layers_create(enot_context *context, const image_filters *filters, image_layers *layers) {
    *layers = (image_layers){.ops = ops_select(), .filters = filters};
    int64_t size = panels_size(IMAGE_EDGE_INPUTS, IMAGE_EDGES) + panels_size(2 * IMAGE_EDGES, IMAGE_COMPONENTS) +
                   panels_size(IMAGE_PATTERN_INPUTS, IMAGE_PATTERNS);
    TRY(MEMORY_NEW(context, size, "filters of images", &layers->memory));
    real *at = layers->memory;
    layers->edges = panels_take(&at, IMAGE_EDGE_INPUTS, IMAGE_EDGES);
    layers->components = panels_take(&at, 2 * IMAGE_EDGES, IMAGE_COMPONENTS);
    layers->patterns = panels_take(&at, IMAGE_PATTERN_INPUTS, IMAGE_PATTERNS);
    unpack(IMAGE_EDGES, IMAGE_EDGE_INPUTS, filters->edges, layers->edges);
    unpack(IMAGE_COMPONENTS, 2 * IMAGE_EDGES, filters->components, layers->components);
    unpack(IMAGE_PATTERNS, IMAGE_PATTERN_INPUTS, filters->patterns, layers->patterns);
    return ENOT_OK;
}

void image_layers_destroy(image_layers *layers) { memory_destroy(layers->memory); }

int64_t image_scratch_size(void) {
    return panels_size(PATCHES, IMAGE_EDGE_INPUTS) + panels_size(PATCHES, IMAGE_PATTERNS) +
           panels_size(POOLED, 2 * IMAGE_EDGES) + panels_size(POOLED, IMAGE_COMPONENTS) +
           panels_size(WINDOWS, IMAGE_PATTERN_INPUTS);
}

image_scratch image_scratch_at(real *memory) {
    image_scratch s;
    s.patches = panels_take(&memory, PATCHES, IMAGE_EDGE_INPUTS);
    s.responses = panels_take(&memory, PATCHES, IMAGE_PATTERNS);
    s.pooled = panels_take(&memory, POOLED, 2 * IMAGE_EDGES);
    s.mixed = panels_take(&memory, POOLED, IMAGE_COMPONENTS);
    s.windows = panels_take(&memory, WINDOWS, IMAGE_PATTERN_INPUTS);
    return s;
}

/* out [rows, columns] = in [rows, inputs] factor; out may have more rows. */
static void multiply(const ops *ops, int64_t rows, int64_t columns, int64_t inputs, panels in, panels factor,
                     panels out) {
    for (int64_t p = 0; p < panels_count(columns); p++)
        ops->product(rows, panels_columns(columns, p), inputs, in.at, panels_stride(in), panels_at(factor, p),
                     panels_at(out, p), NULL, 0);
}

/* Less its mean, divided by the root of its variance and some more. */
static inline void normalise(real patch[IMAGE_EDGE_INPUTS]) {
    real sum = 0, square = 0;
#pragma omp simd reduction(+ : sum)
    for (int i = 0; i < IMAGE_EDGE_INPUTS; i++) sum += patch[i];
    real mean = sum / IMAGE_EDGE_INPUTS;
#pragma omp simd reduction(+ : square)
    for (int i = 0; i < IMAGE_EDGE_INPUTS; i++) {
        patch[i] -= mean;
        square += patch[i] * patch[i];
    }
    real scale = 1 / (real)sqrt((double)square / IMAGE_EDGE_INPUTS + IMAGE_PATCH_VARIANCE);
#pragma omp simd
    for (int i = 0; i < IMAGE_EDGE_INPUTS; i++) patch[i] *= scale;
}

/* Row `row` of m = values[count]. */
static void put_row(int64_t count, const real *values, int64_t row, panels m) {
    for (int64_t p = 0; p < panels_count(count); p++)
        memcpy(panels_at(m, p) + row * PANEL, values + p * PANEL, (size_t)panels_columns(count, p) * sizeof *values);
}

/* The normalised patches whose upper edges are rows first .. first + IMAGE_POOL - 1 of the image. */
CLONES static void gather_patches(const real *image, int64_t first, panels patches) {
    real patch[IMAGE_EDGE_INPUTS];
    for (int64_t y = 0; y < IMAGE_POOL; y++)
        for (int64_t x = 0; x < IMAGE_EDGE_SIDE; x++) {
            for (int64_t k = 0; k < IMAGE_EDGE_WINDOW; k++)
                memcpy(patch + k * PATCH_ROW, image + ((first + y + k) * IMAGE_SIDE + x) * IMAGE_COLOURS,
                       PATCH_ROW * sizeof *patch);
            normalise(patch);
            put_row(IMAGE_EDGE_INPUTS, patch, y * IMAGE_EDGE_SIDE + x, patches);
        }
}

/* above, below [PANEL]: += the positive and negative parts of z [PANEL], times share. */
static inline void add_parts(const real *restrict z, real share, real *restrict above, real *restrict below) {
#pragma omp simd
    for (int f = 0; f < PANEL; f++) {
        above[f] += share * (z[f] > 0 ? z[f] : 0);
        below[f] += share * (z[f] < 0 ? -z[f] : 0);
    }
}

/* A row of pooled positions, number row: both parts of responses averaged over squares of IMAGE_POOL^2. */
CLONES static void pool(panels responses, int64_t row, panels pooled) {
    for (int64_t q = 0; q < IMAGE_POOLED_SIDE; q++) {
        real *above = element(pooled, row * IMAGE_POOLED_SIDE + q, 0),
             *below = element(pooled, row * IMAGE_POOLED_SIDE + q, PANEL);
        memset(above, 0, PANEL * sizeof *above);
        memset(below, 0, PANEL * sizeof *below);
        for (int64_t y = 0; y < IMAGE_POOL; y++)
            for (int64_t x = 0; x < IMAGE_POOL; x++)
                add_parts(element(responses, y * IMAGE_EDGE_SIDE + q * IMAGE_POOL + x, 0),
                          (real)1 / (IMAGE_POOL * IMAGE_POOL), above, below);
    }
}
_Static_assert(IMAGE_EDGES == PANEL, "one panel holds the positive parts, the next the negative ones");

/* m [rows, columns] += offsets [columns] */
static void add_offsets(int64_t rows, int64_t columns, const int16_t *offsets, panels m) {
    for (int64_t j = 0; j < columns; j++) {
        real offset = (real)(offsets[j] * IMAGE_FILTERS_UNIT);
        for (int64_t i = 0; i < rows; i++) *element(m, i, j) += offset;
    }
}

static void gather_windows(panels mixed, panels windows) {
    real window[IMAGE_PATTERN_INPUTS];
    for (int64_t y = 0; y < IMAGE_PATTERN_SIDE; y++)
        for (int64_t x = 0; x < IMAGE_PATTERN_SIDE; x++) {
            for (int64_t k = 0; k < IMAGE_PATTERN_WINDOW * IMAGE_PATTERN_WINDOW; k++) {
                int64_t position = (y + k / IMAGE_PATTERN_WINDOW) * IMAGE_POOLED_SIDE + x + k % IMAGE_PATTERN_WINDOW;
                memcpy(window + k * IMAGE_COMPONENTS, element(mixed, position, 0), IMAGE_COMPONENTS * sizeof *window);
            }
            put_row(IMAGE_PATTERN_INPUTS, window, y * IMAGE_PATTERN_SIDE + x, windows);
        }
}

static void find_pooled(const image_layers *layers, const real *image, image_scratch *s) {
    for (int64_t row = 0; row < IMAGE_POOLED_SIDE; row++) {
        gather_patches(image, row * IMAGE_POOL, s->patches);
        multiply(layers->ops, PATCHES, IMAGE_EDGES, IMAGE_EDGE_INPUTS, s->patches, layers->edges, s->responses);
        pool(s->responses, row, s->pooled);
    }
}

static void find_patterns(const image_layers *layers, image_scratch *s) {
    const image_filters *filters = layers->filters;
    multiply(layers->ops, POOLED, IMAGE_COMPONENTS, 2 * IMAGE_EDGES, s->pooled, layers->components, s->mixed);
    add_offsets(POOLED, IMAGE_COMPONENTS, filters->component_offsets, s->mixed);
    gather_windows(s->mixed, s->windows);
    multiply(layers->ops, WINDOWS, IMAGE_PATTERNS, IMAGE_PATTERN_INPUTS, s->windows, layers->patterns, s->responses);
    add_offsets(WINDOWS, IMAGE_PATTERNS, filters->pattern_offsets, s->responses);
}

void image_layers_apply(const image_layers *layers, const real *image, image_scratch *s, double *edges,
                        double *patterns) {
    find_pooled(layers, image, s);
    find_patterns(layers, s);
    for (int64_t i = 0; i < POOLED; i++)
        for (int64_t f = 0; f < 2 * IMAGE_EDGES; f++) edges[f] += (double)*element(s->pooled, i, f) / POOLED;
    for (int64_t i = 0; i < WINDOWS; i++)
        for (int64_t f = 0; f < IMAGE_PATTERNS; f++) {
            double z = (double)*element(s->responses, i, f);
            patterns[z > 0 ? f : IMAGE_PATTERNS + f] += fabs(z) / WINDOWS;
        }
}
