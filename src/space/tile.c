#include "space/tile.h"

#include "core/clones.h"

/* Half of a tile's columns: what one register of AVX2 holds. */
typedef double half __attribute__((vector_size(TILE_COLUMNS / 2 * sizeof(double))));

CLONES void tile_sum(int64_t count, const double *const rows[TILE_ROWS], int64_t step, const double *columns, int64_t pitch,
                     double sums[TILE_ROWS * TILE_COLUMNS]) {
    half total[TILE_ROWS * 2] = {0};
    for (int64_t k = 0; k < count; k++) {
        const half *column = (const half *)(columns + k * pitch);
#pragma GCC unroll 4
        for (int r = 0; r < TILE_ROWS; r++) {
            total[2 * r] += rows[r][k * step] * column[0];
            total[2 * r + 1] += rows[r][k * step] * column[1];
        }
    }
#pragma GCC unroll 8
    for (int i = 0; i < TILE_ROWS * 2; i++) ((half *)sums)[i] = total[i];
}
