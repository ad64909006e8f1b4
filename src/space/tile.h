/* The kernel of products in double: a tile of sums that stay in registers. */
#ifndef ENOT_SPACE_TILE_H
#define ENOT_SPACE_TILE_H

#include <stdint.h>

enum { TILE_ROWS = 4, TILE_COLUMNS = 8 };

/*
 * sums[TILE_ROWS, TILE_COLUMNS]: over k < count, rows[r][k step] times the TILE_COLUMNS numbers from columns[k pitch] on. columns and
 * sums are aligned to 64 bytes, pitch is a multiple of 8. Each sum is taken in the order of k.
 */
void tile_sum(int64_t count, const double *const rows[TILE_ROWS], int64_t step, const double *columns, int64_t pitch,
              double sums[TILE_ROWS * TILE_COLUMNS]);

#endif
