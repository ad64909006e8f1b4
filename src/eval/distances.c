#include "eval/distances.h"

#include <math.h>

#include "core/clones.h"
#include "core/memory.h"
#include "core/parallel.h"

#define ROW_BLOCK 64

void points_locate(const double *rows, int64_t count, int64_t dim, double *shift, double *scale) {
    double size = 0;
    for (int64_t c = 0; c < dim; c++) shift[c] = 0;
    for (int64_t i = 0; i < count; i++)
        for (int64_t c = 0; c < dim; c++) shift[c] += (rows[i * dim + c] - rows[c]) / (double)count;
    for (int64_t c = 0; c < dim; c++) shift[c] += rows[c];
    for (int64_t i = 0; i < count; i++)
        for (int64_t c = 0; c < dim; c++) size = fmax(size, fabs(rows[i * dim + c] - shift[c]));
    *scale = size > 0 && isfinite(size) ? ldexp(1, ilogb(size)) : 1;
}

enot_status point_set_create(enot_context *context, const double *rows, int64_t count, int64_t dim, const double *shift,
                             double scale, point_set *set) {
    *set = (point_set){.count = count, .dim = dim, .tile_count = (count + DISTANCES_TILE - 1) / DISTANCES_TILE};
    int64_t cells;
    if (__builtin_mul_overflow(set->tile_count * DISTANCES_TILE, dim, &cells))
        return context_fail_memory(context, SIZE_MAX, "points");
    TRY(MEMORY_NEW(context, cells, "points", &set->rows));
    TRY(MEMORY_NEW(context, cells, "points", &set->tiles));
    for (int64_t i = 0; i < count; i++) {
        float *tile = set->tiles + i / DISTANCES_TILE * DISTANCES_TILE * dim + i % DISTANCES_TILE;
        for (int64_t c = 0; c < dim; c++)
            tile[c * DISTANCES_TILE] = set->rows[i * dim + c] = (float)((rows[i * dim + c] - shift[c]) / scale);
    }
    return ENOT_OK;
}

void point_set_destroy(point_set *set) {
    memory_destroy(set->rows);
    memory_destroy(set->tiles);
    *set = (point_set){0};
}

static inline void tile_distances(const float *restrict point, const float *restrict tile, int64_t dim,
                                  float *restrict distances) {
    float squares[DISTANCES_TILE] = {0};
    for (int64_t c = 0; c < dim; c++)
#pragma omp simd
        for (int j = 0; j < DISTANCES_TILE; j++) {
            float difference = point[c] - tile[c * DISTANCES_TILE + j];
            squares[j] += difference * difference;
        }
#pragma omp simd
    for (int j = 0; j < DISTANCES_TILE; j++) distances[j] = sqrtf(squares[j]);
}

CLONES void distances_row(const float *point, const point_set *set, float *distances) {
    for (int64_t t = 0; t < set->tile_count; t++)
        tile_distances(point, set->tiles + t * DISTANCES_TILE * set->dim, set->dim, distances + t * DISTANCES_TILE);
}

CLONES static double row_sum(const float *point, const point_set *set) {
    float distances[DISTANCES_TILE];
    double total = 0;
    for (int64_t t = 0; t < set->tile_count; t++) {
        tile_distances(point, set->tiles + t * DISTANCES_TILE * set->dim, set->dim, distances);
        int64_t left = set->count - t * DISTANCES_TILE;
        int used = left < DISTANCES_TILE ? (int)left : DISTANCES_TILE;
        double sum = 0;
#pragma omp simd reduction(+ : sum)
        for (int j = 0; j < used; j++) sum += (double)distances[j];
        total += sum;
    }
    return total;
}

typedef struct row_sums {
    const point_set *from, *to;
    double *sums;
} row_sums;

static void row_sums_block(void *user, int64_t index, int worker) {
    const row_sums *r = user;
    (void)worker;
    int64_t begin = index * ROW_BLOCK, end = begin + ROW_BLOCK;
    if (end > r->from->count) end = r->from->count;
    for (int64_t i = begin; i < end; i++) r->sums[i] = row_sum(r->from->rows + i * r->from->dim, r->to);
}

void distances_row_sums(enot_context *context, const point_set *from, const point_set *to, double *sums) {
    row_sums r = {from, to, sums};
    parallel_for(context, (from->count + ROW_BLOCK - 1) / ROW_BLOCK, row_sums_block, &r);
}
