#include "space/moments.h"

#include <math.h>
#include <string.h>

#include "core/clones.h"
#include "core/least.h"
#include "core/memory.h"
#include "core/parallel.h"
#include "space/tile.h"

#define LEAST_SHRINKAGE 1e-8
#define ROUNDING 1e-13 /* a spread below this fraction of the mean is rounding, not data */

/* Columns that a task takes. */
#define BLOCK 16

static int64_t blocks_of(int64_t dim) { return (dim + BLOCK - 1) / BLOCK; }

typedef struct moments {
    const row_list *rows;
    double *mean, *variance; /* [dim] */
} moments;

/* mean[columns] = that of row - about. */
CLONES static void mean_about(const row_list *rows, int64_t first, int64_t columns, const double *about, double *restrict mean) {
    for (int64_t i = 0; i < columns; i++) mean[i] = 0;
    for (int64_t k = 0; k < rows->count; k++) {
        const double *row = row_list_at(rows, k) + first;
        row_list_ask(rows, k, first, columns);
#pragma omp simd
        for (int64_t i = 0; i < columns; i++) mean[i] += row[i] - about[i];
    }
    for (int64_t i = 0; i < columns; i++) mean[i] /= (double)rows->count;
}

CLONES static void square_about(const row_list *rows, int64_t first, int64_t columns, const double *centre, double *restrict square) {
    for (int64_t i = 0; i < columns; i++) square[i] = 0;
    for (int64_t k = 0; k < rows->count; k++) {
        const double *row = row_list_at(rows, k) + first;
        row_list_ask(rows, k, first, columns);
#pragma omp simd
        for (int64_t i = 0; i < columns; i++) square[i] += (row[i] - centre[i]) * (row[i] - centre[i]);
    }
    for (int64_t i = 0; i < columns; i++) square[i] /= (double)rows->count;
}

static void columns_block(void *user, int64_t index, int worker) {
    const moments *m = user;
    int64_t first = index * BLOCK, columns = least(BLOCK, m->rows->dim - first), count = m->rows->count;
    const double *row = row_list_at(m->rows, 0) + first; /* close enough to the mean to keep the digits */
    double *mean = m->mean + first, *variance = m->variance + first, shift[BLOCK];
    mean_about(m->rows, first, columns, row, shift);
    for (int64_t i = 0; i < columns; i++) mean[i] = row[i] + shift[i];
    square_about(m->rows, first, columns, mean, variance);
    for (int64_t i = 0; i < columns; i++) {
        variance[i] *= count > 1 ? (double)count / (double)(count - 1) : 0;
        if (sqrt(variance[i]) <= ROUNDING * fabs(mean[i])) variance[i] = 0;
    }
}

void moments_columns(enot_context *context, const row_list *rows, double *mean, double *variance) {
    parallel_for(context, blocks_of(rows->dim), columns_block, &(moments){rows, mean, variance});
}

/* Rows that are standardised at a time, so that no second table of them is needed; rows a task of the shrinkage. */
#define ROWS 32
#define CHUNK 1024

static int64_t chunks_of(int64_t count) { return (count + CHUNK - 1) / CHUNK; }

typedef struct product {
    const row_list *rows;
    int64_t count, dim;          /* of rows */
    const double *mean, *factor; /* [dim]: standard = (row - mean) factor, columns of mean 0 and variance 1 or 0 */
    int64_t pitch;               /* dim, rounded up to whole tiles */
    double *scratch;             /* [threads, ROWS, pitch], zero beyond dim */
    double *correlation;         /* [dim, dim], lower triangle */
    double *squares;             /* [chunks] */
} product;

/* standard [ROWS, pitch]: the first columns of the rows from number first on; returns how many rows. */
CLONES static int64_t standardise(const product *p, int64_t first, int64_t columns, double *restrict standard) {
    int64_t left = p->count - first, rows = left < ROWS ? left : ROWS;
    for (int64_t k = 0; k < rows; k++) {
        const double *row = row_list_at(p->rows, first + k);
        row_list_ask(p->rows, first + k, 0, columns);
#pragma omp simd
        for (int64_t i = 0; i < columns; i++) standard[k * p->pitch + i] = (row[i] - p->mean[i]) * p->factor[i];
    }
    return rows;
}

/* Rows i .. i + TILE_ROWS - 1 of the correlation, up to the column `end`, add what the standardised rows bring. */
static void add_pairs(const product *p, const double *standard, int64_t rows, int64_t i, int64_t end) {
    const double *left[TILE_ROWS];
    for (int r = 0; r < TILE_ROWS; r++) left[r] = standard + i + r;
    for (int64_t j = 0; j < end; j += TILE_COLUMNS)
        tile_add(rows, left, p->pitch, standard + j, p->pitch,
                 (tile_results){p->correlation + i * p->dim + j, p->dim, least(TILE_ROWS, p->dim - i), least(TILE_COLUMNS, p->dim - j)});
}

/* The longest rows of the triangle first, so that no thread ends with one. */
static void product_block(void *user, int64_t index, int worker) {
    const product *p = user;
    int64_t begin = (blocks_of(p->dim) - 1 - index) * BLOCK, end = least(begin + BLOCK, p->dim);
    double *standard = p->scratch + worker * ROWS * p->pitch;
    for (int64_t first = 0, rows; first < p->count; first += rows) {
        rows = standardise(p, first, end, standard);
        for (int64_t i = begin; i < end; i += TILE_ROWS) add_pairs(p, standard, rows, i, end);
    }
}

/* squares[index]: the sum over a chunk's rows k and pairs i != j of (z_ki z_kj)^2, in one pass over the numbers. */
CLONES static void square_chunk(void *user, int64_t index, int worker) {
    const product *p = user;
    int64_t end = least((index + 1) * CHUNK, p->count);
    double total = 0, *standard = p->scratch + worker * ROWS * p->pitch;
    for (int64_t first = index * CHUNK, rows; first < end; first += rows) {
        rows = standardise(p, first, p->dim, standard);
        for (const double *row = standard; row < standard + rows * p->pitch; row += p->pitch) {
            double squares = 0, fourths = 0;
#pragma omp simd reduction(+ : squares, fourths)
            for (int64_t i = 0; i < p->dim; i++) {
                double square = row[i] * row[i];
                squares += square;
                fourths += square * square;
            }
            total += squares * squares - fourths;
        }
    }
    p->squares[index] = total;
}

static double pair_squares(enot_context *context, product *p) {
    double total = 0;
    parallel_for(context, chunks_of(p->count), square_chunk, p);
    for (int64_t i = 0; i < chunks_of(p->count); i++) total += p->squares[i];
    return total;
}

static double shrinkage(enot_context *context, product *p) {
    if (p->count < 4) return 1;
    double squares = 0, n = (double)p->count;
    for (int64_t i = 0; i < p->dim; i++)
        for (int64_t j = 0; j < i; j++) squares += 2 * p->correlation[i * p->dim + j] * p->correlation[i * p->dim + j];
    if (!(squares > 0)) return 1;
    double shift = (n - 1) / n; /* the mean of z_i z_j over the rows is shift * r_ij */
    double spread = pair_squares(context, p) - n * shift * shift * squares;
    double variances = n / ((n - 1) * (n - 1) * (n - 1)) * spread;
    return fmin(1, fmax(LEAST_SHRINKAGE, variances / squares));
}

static void shrink(enot_context *context, product *p) {
    double keep = 1 - shrinkage(context, p);
    for (int64_t i = 0; i < p->dim; i++) {
        double *row = p->correlation + i * p->dim;
        row[i] = 1;
        for (int64_t j = 0; j < i; j++) {
            row[j] *= keep;
            p->correlation[j * p->dim + i] = row[j];
        }
    }
}

enot_status moments_correlation(enot_context *context, const row_list *rows, const double *mean, const double *variance,
                                double *correlation) {
    int64_t count = rows->count, dim = rows->dim, pitch = (dim + TILE_COLUMNS - 1) / TILE_COLUMNS * TILE_COLUMNS;
    double *numbers;
    TRY(MEMORY_NEW(context, (1 + context->threads * ROWS) * pitch + chunks_of(count), "standardised rows", &numbers));
    double *factor = numbers, *scratch = factor + pitch, *squares = scratch + context->threads * ROWS * pitch;
    for (int64_t i = 0; i < dim; i++) factor[i] = variance[i] > 0 ? 1 / sqrt(variance[i]) : 0;
    memset(correlation, 0, (size_t)(dim * dim) * sizeof *correlation);
    product p = {rows, count, dim, mean, factor, pitch, scratch, correlation, squares};
    parallel_for(context, blocks_of(dim), product_block, &p);
    for (int64_t i = 0; i < dim * dim; i++) correlation[i] /= (double)(count > 1 ? count - 1 : 1);
    shrink(context, &p);
    memory_destroy(numbers);
    return ENOT_OK;
}
