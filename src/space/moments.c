#include "space/moments.h"

#include <math.h>
#include <string.h>

#include "core/clones.h"
#include "core/memory.h"
#include "core/parallel.h"

#define LEAST_SHRINKAGE 1e-8
#define ROUNDING 1e-13 /* a spread below this fraction of the mean is rounding, not data */
#define CORRELATION_BLOCK 16

CLONES static void add_mean(const double *rows, int64_t count, int64_t dim, const double *about, double *sum) {
    memset(sum, 0, (size_t)dim * sizeof *sum);
    for (int64_t k = 0; k < count; k++)
#pragma omp simd
        for (int64_t i = 0; i < dim; i++) sum[i] += rows[k * dim + i] - about[i];
    for (int64_t i = 0; i < dim; i++) sum[i] /= (double)count;
}

CLONES static void moments_about(const double *rows, int64_t count, int64_t dim, const double *centre, double *square) {
    memset(square, 0, (size_t)dim * sizeof *square);
    for (int64_t k = 0; k < count; k++)
#pragma omp simd
        for (int64_t i = 0; i < dim; i++) {
            double difference = rows[k * dim + i] - centre[i];
            square[i] += difference * difference;
        }
    for (int64_t i = 0; i < dim; i++) square[i] /= (double)count;
}

void moments_columns(const double *rows, int64_t count, int64_t dim, double *mean, double *variance) {
    /* The first row is close enough to the mean to keep the digits; variance serves as scratch until it is computed. */
    add_mean(rows, count, dim, rows, variance);
    for (int64_t i = 0; i < dim; i++) mean[i] = rows[i] + variance[i];
    moments_about(rows, count, dim, mean, variance);
    for (int64_t i = 0; i < dim; i++) {
        variance[i] *= count > 1 ? (double)count / (double)(count - 1) : 0;
        if (sqrt(variance[i]) <= ROUNDING * fabs(mean[i])) variance[i] = 0;
    }
}

/* Rows that are standardised at a time, so that no second table of them is needed. */
#define ROWS 32

typedef struct product {
    const double *rows; /* [count, dim] */
    int64_t count, dim;
    const double *mean, *factor; /* [dim]: standard = (row - mean) factor, columns of mean 0 and variance 1 or 0 */
    double *scratch;             /* [threads, ROWS, dim] */
    double *correlation;         /* [dim, dim], lower triangle */
} product;

/* standard [ROWS, dim]: the rows from number first on; returns how many. */
CLONES static int64_t standardise(const product *p, int64_t first, double *restrict standard) {
    int64_t left = p->count - first, rows = left < ROWS ? left : ROWS, dim = p->dim;
    for (int64_t k = 0; k < rows; k++)
#pragma omp simd
        for (int64_t i = 0; i < dim; i++)
            standard[k * dim + i] = (p->rows[(first + k) * dim + i] - p->mean[i]) * p->factor[i];
    return rows;
}

CLONES static void product_block(void *user, int64_t index, int worker) {
    const product *p = user;
    int64_t begin = index * CORRELATION_BLOCK, dim = p->dim;
    int64_t end = begin + CORRELATION_BLOCK < dim ? begin + CORRELATION_BLOCK : dim;
    double *standard = p->scratch + worker * ROWS * dim;
    for (int64_t first = 0, rows; first < p->count; first += rows) {
        rows = standardise(p, first, standard);
        for (const double *row = standard; row < standard + rows * dim; row += dim)
            for (int64_t i = begin; i < end; i++) {
                double *sums = p->correlation + i * dim, factor = row[i];
#pragma omp simd
                for (int64_t j = 0; j < i; j++) sums[j] += factor * row[j];
            }
    }
}

/* Sum over rows k and pairs i != j of (z_ki z_kj)^2, in one pass over the numbers. */
CLONES static double pair_squares(const product *p) {
    double total = 0, *standard = p->scratch;
    for (int64_t first = 0, rows; first < p->count; first += rows) {
        rows = standardise(p, first, standard);
        for (const double *row = standard; row < standard + rows * p->dim; row += p->dim) {
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
    return total;
}

static double shrinkage(const product *p) {
    if (p->count < 4) return 1;
    double squares = 0, n = (double)p->count;
    for (int64_t i = 0; i < p->dim; i++)
        for (int64_t j = 0; j < i; j++) squares += 2 * p->correlation[i * p->dim + j] * p->correlation[i * p->dim + j];
    if (!(squares > 0)) return 1;
    double shift = (n - 1) / n; /* the mean of z_i z_j over the rows is shift * r_ij */
    double spread = pair_squares(p) - n * shift * shift * squares;
    double variances = n / ((n - 1) * (n - 1) * (n - 1)) * spread;
    return fmin(1, fmax(LEAST_SHRINKAGE, variances / squares));
}

static void shrink(const product *p) {
    double keep = 1 - shrinkage(p);
    for (int64_t i = 0; i < p->dim; i++) {
        double *row = p->correlation + i * p->dim;
        row[i] = 1;
        for (int64_t j = 0; j < i; j++) {
            row[j] *= keep;
            p->correlation[j * p->dim + i] = row[j];
        }
    }
}

enot_status moments_correlation(enot_context *context, const double *rows, int64_t count, int64_t dim,
                                double *correlation) {
    double *numbers;
    TRY(MEMORY_NEW(context, (2 + context->threads * ROWS) * dim, "standardised rows", &numbers));
    double *mean = numbers, *factor = mean + dim;
    moments_columns(rows, count, dim, mean, factor);
    for (int64_t i = 0; i < dim; i++) factor[i] = factor[i] > 0 ? 1 / sqrt(factor[i]) : 0;
    memset(correlation, 0, (size_t)(dim * dim) * sizeof *correlation);
    product p = {rows, count, dim, mean, factor, factor + dim, correlation};
    parallel_for(context, (dim + CORRELATION_BLOCK - 1) / CORRELATION_BLOCK, product_block, &p);
    for (int64_t i = 0; i < dim * dim; i++) correlation[i] /= (double)(count > 1 ? count - 1 : 1);
    shrink(&p);
    memory_destroy(numbers);
    return ENOT_OK;
}
