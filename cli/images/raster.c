#include "images/raster.h"

#include <stdlib.h>
#include <string.h>

/* count pixels of row y from x on. */
static void load(const raster *source, int64_t y, int64_t x, int64_t count, float *values) {
    size_t first = (size_t)((y * source->width + x) * source->channels), length = (size_t)(count * source->channels);
    if (source->bytes == NULL) {
        memcpy(values, source->values + first, length * sizeof *values);
        return;
    }
    for (size_t i = 0; i < length; i++) values[i] = (float)(source->bytes[first + i] / 127.5 - 1);
}

void raster_copy(const raster *source, float *values) {
    for (int64_t y = 0; y < source->height; y++)
        load(source, y, 0, source->width, values + y * source->width * source->channels);
}

/*
 * Along one axis, with lengths in units of 1 / size of a source pixel: source pixel j covers [j size, (j + 1) size),
 * wanted pixel i covers [i side, (i + 1) side). All of it is exact in whole numbers.
 */
typedef struct span {
    int64_t first, end; /* source pixels that wanted pixel i meets */
} span;

static span span_of(int64_t i, int64_t side, int64_t size) {
    return (span){i * side / size, ((i + 1) * side + size - 1) / size};
}

/* The part of wanted pixel i that lies in source pixel j. */
static double part_of(int64_t i, int64_t j, int64_t side, int64_t size) {
    int64_t low = i * side > j * size ? i * side : j * size;
    int64_t high = (i + 1) * side < (j + 1) * size ? (i + 1) * side : (j + 1) * size;
    return (double)(high - low) / (double)side;
}

/* pixels [side, channels] to reduced [size, channels]. */
static void reduce_row(const float *pixels, int64_t side, int64_t size, int64_t channels, double *reduced) {
    memset(reduced, 0, (size_t)(size * channels) * sizeof *reduced);
    for (int64_t i = 0; i < size; i++) {
        span met = span_of(i, side, size);
        for (int64_t j = met.first; j < met.end; j++) {
            double part = part_of(i, j, side, size);
            for (int64_t c = 0; c < channels; c++) reduced[i * channels + c] += part * (double)pixels[j * channels + c];
        }
    }
}

typedef struct resizing {
    const raster *source;
    int64_t side, left, top, size;
    float *pixels;          /* [side, channels], one row of the square */
    double *reduced, *sums; /* [size, channels] */
    int64_t reduced_row;    /* of the square, that reduced holds; -1: none */
} resizing;

/* A row is met twice where an edge cuts it, and more often where the picture grows. */
static void load_reduced(resizing *work, int64_t y) {
    if (y == work->reduced_row) return;
    load(work->source, work->top + y, work->left, work->side, work->pixels);
    reduce_row(work->pixels, work->side, work->size, work->source->channels, work->reduced);
    work->reduced_row = y;
}

static void resize_row(resizing *work, int64_t i, float *values) {
    int64_t length = work->size * work->source->channels;
    span met = span_of(i, work->side, work->size);
    memset(work->sums, 0, (size_t)length * sizeof *work->sums);
    for (int64_t y = met.first; y < met.end; y++) {
        double part = part_of(i, y, work->side, work->size);
        load_reduced(work, y);
        for (int64_t k = 0; k < length; k++) work->sums[k] += part * work->reduced[k];
    }
    for (int64_t k = 0; k < length; k++) values[k] = (float)work->sums[k];
}

int raster_resize(const raster *source, int64_t size, float *values) {
    int64_t side = source->width < source->height ? source->width : source->height;
    size_t length = (size_t)(size * source->channels);
    resizing work = {source, side, (source->width - side) / 2, (source->height - side) / 2, size, NULL, NULL, NULL, -1};
    work.pixels = malloc((size_t)(side * source->channels) * sizeof *work.pixels);
    work.reduced = malloc(length * sizeof *work.reduced);
    work.sums = malloc(length * sizeof *work.sums);
    int ready = work.pixels != NULL && work.reduced != NULL && work.sums != NULL;
    for (int64_t i = 0; ready && i < size; i++) resize_row(&work, i, values + (size_t)i * length);
    free(work.pixels);
    free(work.reduced);
    free(work.sums);
    return ready ? 0 : -1;
}
