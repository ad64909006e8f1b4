/* Samples in memory, or a built-in measure to draw them from. */
#ifndef ENOT_DATA_SAMPLES_H
#define ENOT_DATA_SAMPLES_H

#include "core/context.h"
#include "measures/measure.h"

struct enot_samples {
    char *name;    /* file or spec, "" for rows from memory */
    int64_t count; /* -1: a measure */
    int64_t dim;
    double *rows;         /* [count, dim], NULL for a measure */
    char **columns;       /* [dim] names, NULL if the file has none */
    measure *measure;     /* NULL for a table */
    uint64_t seed;        /* of the measure */
    uint64_t fingerprint; /* of the numbers (of spec and seed for a measure): equal samples, equal fingerprints */
};

#endif
