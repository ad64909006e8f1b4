/* Samples in memory, or a built-in measure to draw them from. */
#ifndef ENOT_DATA_SAMPLES_H
#define ENOT_DATA_SAMPLES_H

#include "core/context.h"
#include "core/image_shape.h"
#include "measures/measure.h"

struct enot_samples {
    char *name;    /* file or spec, "" for rows from memory */
    int64_t count; /* -1: a measure */
    int64_t dim;
    double *rows;         /* [count, dim], NULL for a measure and for images */
    float *pixels;        /* [count, dim] of images, else NULL */
    image_shape image;    /* of a row, zero if rows are no images */
    char **columns;       /* [dim] names, NULL if the file has none */
    measure *measure;     /* NULL for a table */
    uint64_t seed;        /* of the measure */
    uint64_t fingerprint; /* of the numbers (of spec and seed for a measure): equal samples, equal fingerprints */
};

/* Samples of that name and nothing else. */
enot_status samples_create(enot_context *context, const char *name, enot_samples **samples);

/* For numbers that are all there: refuses those that are no measure to map from or to, and takes their fingerprint. */
enot_status samples_finish(enot_context *context, enot_samples *samples);

/* rows[count, dim] = rows first .. first + count - 1, which are there. */
void samples_copy(const enot_samples *samples, int64_t first, int64_t count, double *rows);

#endif
