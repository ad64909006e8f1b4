/* The kernel of products in double: a tile of sums that stay in registers. */
#ifndef ENOT_SPACE_TILE_H
#define ENOT_SPACE_TILE_H

#include <stdint.h>

enum { TILE_ROWS = 4, TILE_COLUMNS = 8 };

/* Where a tile's sums are added to, [height, width] of them: the first numbers of its first rows, which begin `pitch` numbers apart. */
typedef struct tile_results {
    double *at;
    int64_t pitch, height, width;
} tile_results;

/*
 * results[r, l] += the sum over k < count of rows[r][k step] columns[k pitch + l], taken in the order of k. All TILE_ROWS rows and TILE_COLUMNS
 * columns are read. columns are aligned to 64 bytes, pitch is a multiple of 8.
 */
void tile_add(int64_t count, const double *const rows[TILE_ROWS], int64_t step, const double *columns, int64_t pitch, tile_results results);

#endif
