/* Filters from patches: whitening, then k-means of directions (Coates and Ng 2012). In double, the same on every
 * machine up to rounding. */
#ifndef ENOT_TESTS_SPHERICAL_MEANS_H
#define ENOT_TESTS_SPHERICAL_MEANS_H

#include "core/linalg.h"
#include "numeric.h"

enum { MEANS_ROUNDS = 12 };
#define MEANS_RIDGE 0.1 /* of the mean eigenvalue, added to all: directions of little variance are not blown up */

static inline double dot(int64_t count, const double *a, const double *b) {
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int64_t i = 0; i < count; i++) sum += a[i] * b[i];
    return sum;
}

/* mean [dim], vectors [dim, dim] and values [dim] of the covariance of rows [count, dim], in linalg_eigen's order */
static inline void principal_axes(enot_context *context, const double *rows, int64_t count, int64_t dim, double *mean,
                                  double *vectors, double *values) {
    double *row = calloc((size_t)dim, sizeof *row);
    memset(mean, 0, (size_t)dim * sizeof *mean);
    memset(vectors, 0, (size_t)(dim * dim) * sizeof *vectors);
    for (int64_t i = 0; i < count * dim; i++) mean[i % dim] += rows[i] / (double)count;
    for (int64_t i = 0; i < count; i++) {
        for (int64_t j = 0; j < dim; j++) row[j] = rows[i * dim + j] - mean[j];
        for (int64_t j = 0; j < dim; j++)
            for (int64_t k = 0; k < dim; k++) vectors[j * dim + k] += row[j] * row[k] / (double)count;
    }
    require(context, linalg_eigen(context, dim, vectors, values));
    free(row);
}

/* white [dim, dim] = C^-1/2, C the covariance with its eigenvalues raised by the ridge. */
static inline void whitening(int64_t dim, const double *vectors, const double *values, double *white) {
    double ridge = 0;
    for (int64_t k = 0; k < dim; k++) ridge += MEANS_RIDGE * values[k] / (double)dim;
    memset(white, 0, (size_t)(dim * dim) * sizeof *white);
    for (int64_t k = 0; k < dim; k++)
        for (int64_t i = 0; i < dim; i++)
            for (int64_t j = 0; j < dim; j++)
                white[i * dim + j] += vectors[k * dim + i] * vectors[k * dim + j] / sqrt(values[k] + ridge);
}

/* One round: each row goes to the direction it has the largest product with, either sign; sums [count, dim] collect
 * them. */
static inline void collect(const double *rows, int64_t row_count, int64_t dim, const double *directions, int64_t count,
                           double *sums) {
    for (int64_t i = 0; i < row_count; i++) {
        const double *row = rows + i * dim;
        double largest = 0;
        int64_t nearest = 0;
        for (int64_t f = 0; f < count; f++) {
            double product = dot(dim, directions + f * dim, row);
            if (fabs(product) > fabs(largest)) largest = product, nearest = f;
        }
        for (int64_t j = 0; j < dim; j++) sums[nearest * dim + j] += largest * row[j];
    }
}

static inline void to_unit(int64_t dim, const double *vector, double *unit) {
    double length = sqrt(dot(dim, vector, vector));
    for (int64_t j = 0; j < dim && length > 0; j++) unit[j] = vector[j] / length; /* a direction without rows stays */
}

/* directions [count, dim] of rows [row_count, dim], from count rows at equal distances. */
static inline void spherical_means(const double *rows, int64_t row_count, int64_t dim, int64_t count,
                                   double *directions) {
    double *sums = malloc((size_t)(count * dim) * sizeof *sums);
    for (int64_t f = 0; f < count; f++) to_unit(dim, rows + f * (row_count / count) * dim, directions + f * dim);
    for (int round = 0; round < MEANS_ROUNDS; round++) {
        memset(sums, 0, (size_t)(count * dim) * sizeof *sums);
        collect(rows, row_count, dim, directions, count, sums);
        for (int64_t f = 0; f < count; f++) to_unit(dim, sums + f * dim, directions + f * dim);
    }
    free(sums);
}

/* out [count, dim] = in [count, dim] matrix, symmetric */
static inline void multiply_symmetric(const double *in, int64_t count, int64_t dim, const double *matrix, double *out) {
    for (int64_t i = 0; i < count; i++)
        for (int64_t j = 0; j < dim; j++) out[i * dim + j] = dot(dim, in + i * dim, matrix + j * dim);
}

/*
 * filters [count, dim] whose responses filter . (row - mean) to rows have the variance 1: the directions of the
 * whitened rows, for rows as they are. mean [dim]
 */
static inline void learn_directions(enot_context *context, const double *rows, int64_t row_count, int64_t dim,
                                    int64_t count, double *mean, double *filters) {
    double *matrices = malloc((size_t)(2 * dim * dim + dim + (row_count + count) * dim) * sizeof *matrices);
    double *vectors = matrices, *white = vectors + dim * dim, *values = white + dim * dim, *whitened = values + dim;
    double *directions = whitened + row_count * dim;
    principal_axes(context, rows, row_count, dim, mean, vectors, values);
    whitening(dim, vectors, values, white);
    for (int64_t i = 0; i < row_count; i++)
        for (int64_t j = 0; j < dim; j++)
            whitened[i * dim + j] = dot(dim, rows + i * dim, white + j * dim) - dot(dim, mean, white + j * dim);
    spherical_means(whitened, row_count, dim, count, directions);
    multiply_symmetric(directions, count, dim, white, filters);
    for (int64_t f = 0; f < count; f++) {
        double variance = 0;
        for (int64_t i = 0; i < row_count; i++)
            variance += pow(dot(dim, directions + f * dim, whitened + i * dim), 2) / (double)row_count;
        for (int64_t j = 0; j < dim; j++) filters[f * dim + j] /= sqrt(variance);
    }
    free(matrices);
}

#endif
