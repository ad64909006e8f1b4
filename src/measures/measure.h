/*
 * Built-in measures: what "measure:NAME[:key=value,...]" names. Each row depends on the seed and its number only, so
 * any block of rows can be drawn at any time, in any order, by several threads.
 */
#ifndef ENOT_MEASURES_MEASURE_H
#define ENOT_MEASURES_MEASURE_H

#include "core/context.h"

typedef struct measure measure;

/* spec: NAME[:key=value,...], or w2bench:FILE and w2bench_target:FILE. */
enot_status measure_open(enot_context *context, const char *spec, measure **out);
void measure_close(measure *m);

int64_t measure_dim(const measure *m);

/* rows [count, dim]: rows first .. first + count - 1 of the endless table that seed stands for. */
void measure_draw(const measure *m, uint64_t seed, int64_t first, int64_t count, double *rows);

#endif
