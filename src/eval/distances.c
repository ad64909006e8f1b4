#include "eval/distances.h"

#include <math.h>

#include "core/clones.h"
#include "core/memory.h"
#include "core/parallel.h"

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

/* Points of tile number index. */
static int64_t tile_points(const point_set *set, int64_t index) {
    int64_t left = set->count - index * DISTANCES_TILE;
    return left < DISTANCES_TILE ? left : DISTANCES_TILE;
}

/*
 * All pairs of a tile's points, from_rows [rows, dim], and another tile's: from_sums [rows] += each row's sum, and unless to_sums is
 * NULL to_sums [used] += each column's. In double, but for columns in float over the rows of the tile.
 */
CLONES static void add_tile(const float *from_rows, int64_t rows, const float *tile, int64_t used, int64_t dim,
                            double *restrict from_sums, double *restrict to_sums) {
    float distances[DISTANCES_TILE], columns[DISTANCES_TILE] = {0};
    for (int64_t i = 0; i < rows; i++) {
        double sum = 0;
        tile_distances(from_rows + i * dim, tile, dim, distances);
#pragma omp simd reduction(+ : sum)
        for (int64_t j = 0; j < used; j++) sum += (double)distances[j];
        from_sums[i] += sum;
#pragma omp simd
        for (int j = 0; j < DISTANCES_TILE; j++) columns[j] += distances[j];
    }
    for (int64_t j = 0; j < used && to_sums; j++) to_sums[j] += (double)columns[j];
}

/*
 * The tiles of `from` are dealt out to GROUPS tasks, each with column sums of its own. If the sets are one and the same, a pair of
 * tiles is met once and its columns count for the other tile's rows.
 */
#define GROUPS 16

typedef struct pair_sums {
    const point_set *from, *to;
    double *from_sums; /* [from] */
    double *columns;   /* [GROUPS, to], NULL: not wanted */
} pair_sums;

static void sum_group(void *user, int64_t group, int worker) {
    const pair_sums *p = user;
    const point_set *from = p->from, *to = p->to;
    double *columns = p->columns ? p->columns + group * to->count : NULL;
    for (int64_t f = group; f < from->tile_count; f += GROUPS)
        for (int64_t t = from == to ? f : 0; t < to->tile_count; t++) {
            int own = from == to && t == f;
            add_tile(from->rows + f * DISTANCES_TILE * from->dim, tile_points(from, f), to->tiles + t * DISTANCES_TILE * to->dim,
                     tile_points(to, t), to->dim, p->from_sums + f * DISTANCES_TILE,
                     columns && !own ? columns + t * DISTANCES_TILE : NULL);
        }
}

static void add_columns(const pair_sums *p, double *sums) {
    for (int g = 0; g < GROUPS; g++)
        for (int64_t i = 0; i < p->to->count; i++) sums[i] += p->columns[g * p->to->count + i];
}

enot_status distances_sums(enot_context *context, const point_set *from, const point_set *to, double *from_sums, double *to_sums) {
    pair_sums p = {.from = from, .to = to, .from_sums = from_sums};
    int wants_columns = from == to || to_sums;
    if (wants_columns) TRY(MEMORY_NEW(context, GROUPS * to->count, "sums of distances", &p.columns));
    for (int64_t i = 0; i < from->count; i++) from_sums[i] = 0;
    parallel_for(context, GROUPS, sum_group, &p);
    for (int64_t i = 0; to_sums && i < to->count; i++) to_sums[i] = 0;
    if (wants_columns) add_columns(&p, to_sums ? to_sums : from_sums);
    memory_destroy(p.columns);
    return ENOT_OK;
}
