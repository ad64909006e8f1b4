#include "space/tile.h"

#include "core/clones.h"

/* Half of a tile's columns: what one register of AVX2 holds. */
typedef double half __attribute__((vector_size(TILE_COLUMNS / 2 * sizeof(double))));
typedef half unaligned_half __attribute__((aligned(sizeof(double)), may_alias));

static void add_some(const half total[TILE_ROWS * 2], tile_results results) {
    const double *sums = (const double *)total;
    for (int64_t r = 0; r < results.height; r++)
        for (int64_t l = 0; l < results.width; l++) results.at[r * results.pitch + l] += sums[r * TILE_COLUMNS + l];
}

CLONES void tile_add(int64_t count, const double *const rows[TILE_ROWS], int64_t step, const double *columns, int64_t pitch, tile_results results) {
    half total[TILE_ROWS * 2] = {0};
    for (int64_t k = 0; k < count; k++) {
        const half *column = (const half *)(columns + k * pitch);
#pragma GCC unroll 4
        for (int r = 0; r < TILE_ROWS; r++) {
            total[2 * r] += rows[r][k * step] * column[0];
            total[2 * r + 1] += rows[r][k * step] * column[1];
        }
    }
    if (results.height < TILE_ROWS || results.width < TILE_COLUMNS) {
        add_some(total, results);
        return;
    }
#pragma GCC unroll 4
    for (int r = 0; r < TILE_ROWS; r++) {
        unaligned_half *row = (unaligned_half *)(results.at + r * results.pitch);
        row[0] += total[2 * r];
        row[1] += total[2 * r + 1];
    }
}
