/* Euclidean distances between many points, in float, by direct differences. */
#ifndef ENOT_EVAL_DISTANCES_H
#define ENOT_EVAL_DISTANCES_H

#include "core/context.h"

#define DISTANCES_TILE 64

/* shift [dim]: the mean of rows [count, dim]. *scale: a power of two near their size, so that no square leaves float's
 * range. */
void points_locate(const double *rows, int64_t count, int64_t dim, double *shift, double *scale);

/* Points (row - shift) / scale twice over: by rows, and by tiles of 64 points whose coordinates lie side by side. */
typedef struct point_set {
    int64_t count, dim, tile_count;
    float *rows;  /* [count, dim] */
    float *tiles; /* [tile_count, dim, 64], zero beyond count */
} point_set;

/* Fills *set, which owns its memory also on failure. */
enot_status point_set_create(enot_context *context, const double *rows, int64_t count, int64_t dim, const double *shift,
                             double scale, point_set *set);
void point_set_destroy(point_set *set);

/* Distances from point [dim] to every point of set: distances [tile_count * 64], the last ones beyond count
 * meaningless. */
void distances_row(const float *point, const point_set *set, float *distances);

/*
 * from_sums[i] = sum of the distances from row i of `from` to the points of `to`, and to_sums[j], unless NULL, from row j of `to` to
 * those of `from`, in double. With from == to each pair is computed once; to_sums must be NULL. The same for any thread count.
 */
enot_status distances_sums(enot_context *context, const point_set *from, const point_set *to, double *from_sums, double *to_sums);

#endif
