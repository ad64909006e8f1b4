#include "space/matrix.h"

#include <string.h>

#include "core/least.h"
#include "space/tile.h"

/* Columns of the matrix that are laid side by side at a time, and rows that they are laid so for. */
#define COLUMNS 128
#define BLOCK 128

/* packed[count, TILE_COLUMNS]: as many rows of the matrix, turned, zero beyond the last one. */
static void pack(const double *matrix, int64_t dim, int64_t count, int64_t units, double *packed) {
    if (units < TILE_COLUMNS) memset(packed, 0, (size_t)(count * TILE_COLUMNS) * sizeof *packed);
    for (int64_t l = 0; l < units; l++)
        for (int64_t j = 0; j < count; j++) packed[j * TILE_COLUMNS + l] = matrix[l * dim + j];
}

/* results[rows, dim]: the first units of each row; a tile of fewer rows repeats the last one. */
static void add_units(const double *packed, int64_t count, int64_t units, int64_t rows, const double *parts, int64_t stride, double *results,
                      int64_t dim) {
    for (int64_t first = 0; first < rows; first += TILE_ROWS) {
        const double *part[TILE_ROWS];
        for (int64_t r = 0; r < TILE_ROWS; r++) part[r] = parts + least(first + r, rows - 1) * stride;
        tile_add(count, part, 1, packed, TILE_COLUMNS, (tile_results){results + first * dim, dim, least(TILE_ROWS, rows - first), units});
    }
}

void matrix_add_products(const double *matrix, int64_t dim, int64_t first, int64_t count, int64_t rows, const double *parts,
                         int64_t stride, double *results) {
    double packed[COLUMNS * TILE_COLUMNS] __attribute__((aligned(64)));
    for (int64_t row = 0; row < rows; row += BLOCK)
        for (int64_t begin = 0; begin < count; begin += COLUMNS)
            for (int64_t i = 0; i < dim; i += TILE_COLUMNS) {
                int64_t columns = least(count - begin, COLUMNS), units = least(dim - i, TILE_COLUMNS);
                pack(matrix + i * dim + first + begin, dim, columns, units, packed);
                add_units(packed, columns, units, least(rows - row, BLOCK), parts + row * stride + begin, stride, results + row * dim + i, dim);
            }
}

void matrix_multiply(int64_t dim, const double *a, const double *b, double *out) {
    memset(out, 0, (size_t)(dim * dim) * sizeof *out);
    for (int64_t i = 0; i < dim; i++)
        for (int64_t k = 0; k < dim; k++)
            for (int64_t j = 0; j < dim; j++) out[i * dim + j] += a[i * dim + k] * b[k * dim + j];
}
