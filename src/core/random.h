/*
 * Counter-based random numbers (Philox4x32-10; Salmon et al. 2011). A draw depends on its key and counter only, never on what
 * was drawn before, so results repeat on any number of threads and a run resumes from (seed, step).
 */
#ifndef ENOT_CORE_RANDOM_H
#define ENOT_CORE_RANDOM_H

#include <stdint.h>

/* Who draws. One value a purpose, so that no two purposes share numbers. */
typedef enum random_stream {
    RANDOM_STREAM_INIT,
    RANDOM_STREAM_SPLIT,
    RANDOM_STREAM_BATCH_SOURCE,
    RANDOM_STREAM_BATCH_TARGET,
    RANDOM_STREAM_SMOOTH_SOURCE,
    RANDOM_STREAM_SMOOTH_TARGET,
    RANDOM_STREAM_MEASURE,
    RANDOM_STREAM_EVALUATE,
    RANDOM_STREAM_MEASURE_NORMALS,
    RANDOM_STREAM_PROJECTION
} random_stream;

/* The draws of one (seed, stream, row): a sequence that starts afresh for every row. */
typedef struct random_row {
    uint32_t key[2], counter[4];
    uint32_t words[4];
    int left;
} random_row;

random_row random_row_start(uint64_t seed, random_stream stream, uint64_t row);

uint32_t random_bits(random_row *row);
/* Uniform in [0, 1), 53 bits. */
double random_uniform(random_row *row);
/* Standard normal (Box and Muller). */
double random_normal(random_row *row);
/* out[count] = what so many calls of random_normal return, within rounding, in a fraction of the time. */
void random_normals(random_row *row, int64_t count, double *out);
/* Uniform in 0 .. count - 1, count >= 1. */
int64_t random_below(random_row *row, int64_t count);

#endif
