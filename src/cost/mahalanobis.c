#include <lapacke.h>

#include "core/memory.h"
#include "cost/cost.h"

/* h(z) = z' M z, M symmetric and positive definite; grad h*(u) = M^-1 u / 2. numbers: M, then its inverse, [dim, dim] each. */

static const real *matrix_of(const cost *c) { return c->numbers; }
static const real *inverse_of(const cost *c) { return c->numbers + c->dim * c->dim; }

static int is_matrix(const cost *c) { return c->array.rows == c->dim && c->array.columns == c->dim; }
static int is_weights(const cost *c) {
    return (c->array.rows == 1 || c->array.columns == 1) && c->array.rows * c->array.columns == c->dim;
}

static enot_status check_shape(enot_context *context, const cost *c) {
    long long dim = (long long)c->dim;
    if (c->array.values && (is_matrix(c) || is_weights(c))) return ENOT_OK;
    return context_fail(context, ENOT_ERR_ARGUMENT,
                        "cost mahalanobis needs matrix=FILE with %lld x %lld numbers, or %lld weights of the columns%s", dim, dim, dim,
                        c->array.values ? ": the file has another shape" : "");
}

/* As given, or with the given weights of the columns on its diagonal. */
static void metric(const cost *c, double *matrix) {
    int64_t dim = c->dim;
    for (int64_t i = 0; i < dim; i++)
        for (int64_t j = 0; j < dim; j++)
            matrix[i * dim + j] = is_matrix(c) ? c->array.values[i * dim + j] : i == j ? c->array.values[i] : 0;
}

static enot_status check_symmetry(enot_context *context, int64_t dim, const double *matrix) {
    for (int64_t i = 0; i < dim; i++)
        for (int64_t j = 0; j < i; j++)
            if (matrix[i * dim + j] != matrix[j * dim + i])
                return context_fail(context, ENOT_ERR_DATA, "cost mahalanobis: the matrix is not symmetric at row %lld, column %lld",
                                    (long long)i + 1, (long long)j + 1);
    return ENOT_OK;
}

/* The lower triangle of matrix becomes that of its inverse. */
static enot_status invert(enot_context *context, int64_t dim, double *matrix) {
    lapack_int n = (lapack_int)dim;
    if (LAPACKE_dpotrf(LAPACK_ROW_MAJOR, 'L', n, matrix, n) || LAPACKE_dpotri(LAPACK_ROW_MAJOR, 'L', n, matrix, n))
        return context_fail(context, ENOT_ERR_DATA, "cost mahalanobis: the matrix is not positive definite");
    return ENOT_OK;
}

static enot_status prepare(enot_context *context, cost *c) {
    int64_t dim = c->dim;
    double *matrix;
    TRY(check_shape(context, c));
    TRY(MEMORY_NEW(context, 2 * dim * dim, "the matrix of a cost", &c->numbers));
    TRY(MEMORY_NEW(context, dim * dim, "the matrix of a cost", &matrix));
    metric(c, matrix);
    enot_status status = check_symmetry(context, dim, matrix);
    for (int64_t i = 0; i < dim * dim; i++) c->numbers[i] = (real)matrix[i];
    if (!status) status = invert(context, dim, matrix);
    for (int64_t i = 0; i < dim; i++)
        for (int64_t j = 0; j < dim; j++)
            c->numbers[dim * dim + i * dim + j] = (real)(i > j ? matrix[i * dim + j] : matrix[j * dim + i]);
    memory_destroy(matrix);
    return status;
}

static real row_product(int64_t dim, const real *row, const real *x, const real *y) {
    real sum = 0;
    for (int64_t j = 0; j < dim; j++) sum += row[j] * (x[j] - y[j]);
    return sum;
}

static void value(const cost *c, int64_t rows, const real *x, const real *y, real *out) {
    for (int64_t i = 0; i < rows; i++, x += c->dim, y += c->dim) {
        out[i] = 0;
        for (int64_t j = 0; j < c->dim; j++) out[i] += (x[j] - y[j]) * row_product(c->dim, matrix_of(c) + j * c->dim, x, y);
    }
}

static void gradient(const cost *c, int64_t rows, const real *x, const real *y, real *out) {
    for (int64_t i = 0; i < rows; i++, x += c->dim, y += c->dim)
        for (int64_t j = 0; j < c->dim; j++) *out++ = 2 * row_product(c->dim, matrix_of(c) + j * c->dim, y, x);
}

static void conjugate_product(const cost *c, int64_t rows, const real *u, const real *v, real *out) {
    for (int64_t i = 0; i < rows; i++, v += c->dim)
        for (int64_t j = 0; j < c->dim; j++) {
            const real *row = inverse_of(c) + j * c->dim;
            real sum = 0;
            for (int64_t k = 0; k < c->dim; k++) sum += row[k] * v[k];
            *out++ = sum / 2;
        }
}

static void conjugate(const cost *c, int64_t rows, const real *u, real *out) { conjugate_product(c, rows, u, u, out); }

static double degree(const cost *c) { return 2; }

const cost_kind cost_mahalanobis = {
    .name = "mahalanobis",
    .formula = "(x - y)' M (x - y)",
    .array = "matrix",
    .array_meaning = "M, positive definite, or a weight for each column",
    .translation_invariant = 1,
    .prepare = prepare,
    .degree = degree,
    .metric = metric,
    .value = value,
    .gradient = gradient,
    .conjugate = conjugate,
    .conjugate_product = conjugate_product,
};
