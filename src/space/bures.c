/*
 * With Cholesky factors Sx = X X^T and Sy = Y Y^T and the singular values Y^T X = U diag(s) V^T,
 *
 *     forward[0] = s^-1/2 U^T Y^T = s^1/2 V^T X^-1
 *     forward[1] = s^-1/2 V^T X^T = s^1/2 U^T Y^-1        variance = s
 *
 * Columns of very different scales keep their digits: the factors come from the well-conditioned correlations, the
 * columns are taken by falling scale, Jacobi's method then finds small singular values as accurately as large ones, and
 * of the two forms of an entry the one with the smaller rounding error is used (the first where the column's scale is
 * below s^1/2).
 */
#include "space/bures.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/linalg.h"
#include "core/memory.h"

typedef struct ranked {
    double scale;
    int64_t column;
} ranked;

static int by_falling_scale(const void *left, const void *right) {
    const ranked *a = left, *b = right;
    if (a->scale != b->scale) return a->scale < b->scale ? 1 : -1;
    return a->column < b->column ? -1 : a->column > b->column;
}

static void rank_columns(int64_t dim, const bures_side side[2], ranked *order) {
    for (int64_t i = 0; i < dim; i++) order[i] = (ranked){sqrt(side[0].deviation[i]) * sqrt(side[1].deviation[i]), i};
    qsort(order, (size_t)dim, sizeof *order, by_falling_scale);
}

/* factor: rows in the given order, factor factor^T = covariance. */
static enot_status factorise(enot_context *context, int64_t dim, const bures_side *side, const ranked *order,
                             double *factor) {
    for (int64_t i = 0; i < dim; i++)
        for (int64_t j = 0; j < dim; j++)
            factor[i * dim + j] = side->correlation[order[i].column * dim + order[j].column];
    TRY(linalg_cholesky(context, dim, factor));
    for (int64_t i = 0; i < dim; i++)
        for (int64_t j = 0; j <= i; j++) factor[i * dim + j] *= side->deviation[order[i].column];
    return ENOT_OK;
}

/* columns: row j = column j of Y^T X, for lower triangular X and Y; from small terms to large. */
static void cross_product(int64_t dim, const double *x, const double *y, double *columns) {
    for (int64_t k = dim - 1; k >= 0; k--)
        for (int64_t j = 0; j <= k; j++) {
            double factor = x[k * dim + j], *column = columns + j * dim;
#pragma omp simd
            for (int64_t i = 0; i <= k; i++) column[i] += factor * y[k * dim + i];
        }
}

/* row = vector factor^T */
static void multiply_row(int64_t dim, const double *factor, const double *vector, double *row) {
    for (int64_t k = 0; k < dim; k++) {
        double sum = 0;
#pragma omp simd reduction(+ : sum)
        for (int64_t i = 0; i <= k; i++) sum += vector[i] * factor[k * dim + i];
        row[k] = sum;
    }
}

/* row factor = vector */
static void solve_row(int64_t dim, const double *factor, const double *vector, double *row) {
    memcpy(row, vector, (size_t)dim * sizeof *row);
    for (int64_t k = dim - 1; k >= 0; k--) {
        double value = row[k] /= factor[k * dim + k];
#pragma omp simd
        for (int64_t j = 0; j < k; j++) row[j] -= value * factor[k * dim + j];
    }
}

/* Each singular vector with the factor of its own side and of the other; forward's columns back in their own order. */
static void compose(int64_t dim, const double *s, const double *own, const double *own_factor, const double *other,
                    const double *other_factor, const ranked *order, double *scratch, double *forward) {
    double *product = scratch, *quotient = scratch + dim;
    for (int64_t r = 0; r < dim; r++) {
        double root = sqrt(s[r]);
        multiply_row(dim, other_factor, other + r * dim, product);
        solve_row(dim, own_factor, own + r * dim, quotient);
        for (int64_t k = 0; k < dim; k++)
            forward[r * dim + order[k].column] = order[k].scale < root ? product[k] / root : quotient[k] * root;
    }
}

static void fix_signs(int64_t dim, double *forward[2]) {
    for (int64_t r = 0; r < dim; r++) {
        double *row = forward[0] + r * dim, largest = 0;
        for (int64_t i = 0; i < dim; i++)
            if (fabs(row[i]) > fabs(largest)) largest = row[i];
        if (largest >= 0) continue;
        for (int64_t i = 0; i < dim; i++) {
            row[i] = -row[i];
            forward[1][r * dim + i] = -forward[1][r * dim + i];
        }
    }
}

enot_status bures_coordinates(enot_context *context, int64_t dim, const bures_side side[2], double *forward[2],
                              double *variance) {
    enot_status status;
    ranked *order = NULL;
    double *matrices = NULL;
    if ((status = MEMORY_NEW(context, dim, "an order of columns", &order)) != ENOT_OK) goto done;
    if ((status = MEMORY_NEW(context, 4 * dim * dim + 2 * dim, "covariance factors", &matrices)) != ENOT_OK) goto done;
    double *x = matrices, *y = x + dim * dim, *left = y + dim * dim, *right = left + dim * dim;
    double *scratch = right + dim * dim;

    rank_columns(dim, side, order);
    if ((status = factorise(context, dim, &side[0], order, x)) != ENOT_OK) goto done;
    if ((status = factorise(context, dim, &side[1], order, y)) != ENOT_OK) goto done;
    cross_product(dim, x, y, left);
    if ((status = linalg_svd(context, dim, left, variance, right)) != ENOT_OK) goto done;
    compose(dim, variance, right, x, left, y, order, scratch, forward[0]);
    compose(dim, variance, left, y, right, x, order, scratch, forward[1]);
    fix_signs(dim, forward);
done:
    memory_destroy(order);
    memory_destroy(matrices);
    return status;
}
