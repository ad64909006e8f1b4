/*
 * Benchmark pairs whose optimal map is known (Korotin et al. 2021): the source is a mixture of Gaussians, the map the
 * gradient of a convex network. Files are safetensors with metadata format = w2bench-mix3to10.
 */
#ifndef ENOT_MEASURES_W2BENCH_H
#define ENOT_MEASURES_W2BENCH_H

#include "core/context.h"

typedef struct w2bench w2bench;

enot_status w2bench_open(enot_context *context, const char *path, w2bench **out);
void w2bench_close(w2bench *bench);

int64_t w2bench_dim(const w2bench *bench);

/* x [count, dim], rows first .. of the endless table of seed: x = maps[k] (std z) + centers[k], k uniform, z normal. */
void w2bench_draw_source(const w2bench *bench, uint64_t seed, int64_t first, int64_t count, double *x);

/* y = T*(x), both [count, dim], may be the same array. The result for a row does not depend on the others. */
void w2bench_map(const w2bench *bench, const double *x, int64_t count, double *y);

#endif
