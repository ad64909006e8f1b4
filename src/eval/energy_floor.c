/*
 * With signs s_i = +1 in one half and -1 in the other and the matrix D of distances, the sums over pairs within the
 * halves and across them follow from q = s^T D s and the total t: within (t + q) / 2, across (t - q) / 2, every pair
 * counted twice. D s is computed for sixteen splits at a time while a row of D is at hand, so D is never stored.
 */
#include "eval/energy_floor.h"

#include <stdlib.h>

#include "core/clones.h"
#include "core/memory.h"
#include "core/parallel.h"
#include "core/random.h"
#include "eval/distances.h"

#define LANES 16
#define ROW_BLOCK 64

typedef struct halves {
    point_set points; /* an even number */
    int64_t splits, groups;
    float *signs; /* [groups, points, LANES] +1 or -1 */
    int64_t blocks;
    double *forms;  /* [blocks, groups * LANES] each block's part of s^T D s */
    double *totals; /* [blocks] each block's part of the sum of D */
    float *scratch; /* [threads, padded points] a row of D */
    int64_t *order; /* [points] */
} halves;

/* sums[l] = sum over j of row[j] signs[j, l]: in float over a tile, in double over tiles. */
CLONES static void signed_sums(const float *restrict row, const float *restrict signs, int64_t count,
                               double *restrict sums) {
    for (int l = 0; l < LANES; l++) sums[l] = 0;
    for (int64_t first = 0; first < count; first += DISTANCES_TILE) {
        int64_t end = first + DISTANCES_TILE < count ? first + DISTANCES_TILE : count;
        float part[LANES] = {0};
        for (int64_t j = first; j < end; j++)
#pragma omp simd
            for (int l = 0; l < LANES; l++) part[l] += row[j] * signs[j * LANES + l];
        for (int l = 0; l < LANES; l++) sums[l] += (double)part[l];
    }
}

static void add_row(const halves *h, int64_t i, const float *row, double *forms) {
    int64_t count = h->points.count;
    for (int64_t g = 0; g < h->groups; g++) {
        double sums[LANES];
        const float *signs = h->signs + g * count * LANES;
        signed_sums(row, signs, count, sums);
        for (int l = 0; l < LANES; l++) forms[g * LANES + l] += (double)signs[i * LANES + l] * sums[l];
    }
}

static void rows_block(void *user, int64_t index, int worker) {
    const halves *h = user;
    int64_t begin = index * ROW_BLOCK, end = begin + ROW_BLOCK, count = h->points.count;
    if (end > count) end = count;
    float *row = h->scratch + worker * h->points.tile_count * DISTANCES_TILE;
    for (int64_t i = begin; i < end; i++) {
        distances_row(h->points.rows + i * h->points.dim, &h->points, row);
        add_row(h, i, row, h->forms + index * h->groups * LANES);
        for (int64_t j = 0; j < count; j++) h->totals[index] += (double)row[j];
    }
}

/* Split k: a random half of the points gets +1 (the first half of a partial shuffle). */
static void draw_signs(halves *h, uint64_t seed) {
    int64_t count = h->points.count, *order = h->order;
    for (int64_t k = 0; k < h->splits; k++) {
        float *signs = h->signs + k / LANES * count * LANES + k % LANES;
        random_row row = random_row_start(seed, RANDOM_STREAM_EVALUATE, (uint64_t)k);
        for (int64_t i = 0; i < count; i++) {
            order[i] = i;
            signs[i * LANES] = -1;
        }
        for (int64_t i = 0; i < count / 2; i++) {
            int64_t other = i + random_below(&row, count - i), chosen = order[other];
            order[other] = order[i];
            order[i] = chosen;
            signs[chosen * LANES] = 1;
        }
    }
}

static int ascending(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Turns the sums over blocks into the distance of each split and those into mean and quantile. */
static void summarise(halves *h, double *mean, double *quantile95) {
    double total = 0, half = (double)(h->points.count / 2), sum = 0;
    for (int64_t b = 1; b < h->blocks; b++)
        for (int64_t k = 0; k < h->splits; k++) h->forms[k] += h->forms[b * h->groups * LANES + k];
    for (int64_t b = 0; b < h->blocks; b++) total += h->totals[b];
    for (int64_t k = 0; k < h->splits; k++) {
        double across = (total - h->forms[k]) / 2, within = (total + h->forms[k]) / 2;
        h->forms[k] = across / (half * half) - within / (half * (half - 1));
        sum += h->forms[k];
    }
    qsort(h->forms, (size_t)h->splits, sizeof *h->forms, ascending);
    double place = .95 * (double)(h->splits - 1);
    int64_t below = (int64_t)place, above = below + 1 < h->splits ? below + 1 : below;
    *mean = sum / (double)h->splits;
    *quantile95 = h->forms[below] + (place - (double)below) * (h->forms[above] - h->forms[below]);
}

static enot_status allocate(enot_context *context, halves *h) {
    int64_t count = h->points.count;
    h->groups = (h->splits + LANES - 1) / LANES;
    h->blocks = (count + ROW_BLOCK - 1) / ROW_BLOCK;
    TRY(MEMORY_NEW(context, h->groups * count * LANES, "random halves", &h->signs));
    TRY(MEMORY_NEW(context, h->blocks * h->groups * LANES, "distances of halves", &h->forms));
    TRY(MEMORY_NEW(context, h->blocks, "distances of halves", &h->totals));
    TRY(MEMORY_NEW(context, context->threads * h->points.tile_count * DISTANCES_TILE, "distances", &h->scratch));
    return MEMORY_NEW(context, count, "random halves", &h->order);
}

static void release(halves *h) {
    point_set_destroy(&h->points);
    memory_destroy(h->signs);
    memory_destroy(h->forms);
    memory_destroy(h->totals);
    memory_destroy(h->scratch);
    memory_destroy(h->order);
}

static enot_status make_points(enot_context *context, const double *rows, int64_t count, int64_t dim, point_set *points,
                               double *scale) {
    double *shift;
    TRY(MEMORY_NEW(context, dim, "a mean", &shift));
    points_locate(rows, count, dim, shift, scale);
    enot_status status = point_set_create(context, rows, count, dim, shift, *scale, points);
    memory_destroy(shift);
    return status;
}

enot_status energy_floor(enot_context *context, const double *rows, int64_t count, int64_t dim, int64_t splits,
                         uint64_t seed, double *mean, double *quantile95) {
    if (count < 4)
        return context_fail(context, ENOT_ERR_DATA, "a noise floor needs four rows, there are %lld: give more rows",
                            (long long)count);
    halves h = {.splits = splits};
    double scale;
    int64_t used = count < ENERGY_FLOOR_ROWS ? count / 2 * 2 : ENERGY_FLOOR_ROWS;
    enot_status status = make_points(context, rows, used, dim, &h.points, &scale);
    if (status == ENOT_OK) status = allocate(context, &h);
    if (status == ENOT_OK) {
        draw_signs(&h, seed);
        parallel_for(context, h.blocks, rows_block, &h);
        summarise(&h, mean, quantile95);
        *mean *= scale;
        *quantile95 *= scale;
    }
    release(&h);
    return status;
}
