#include <math.h>
#include <string.h>

#include "core/clones.h"
#include "core/memory.h"
#include "core/random.h"
#include "cost/cost.h"

/*
 * |P z|^2 / |P|_F^2 with a given P or one of independent standard normals. Of a random P the mean is |z|^2 / dim: mean_squared. With fewer
 * rows than columns it does not see what lies in the kernel of P.
 * numbers: P / |P|_F, [padded_rows, dim], rows of zeros at the end.
 */
enum { RANK, SEED };

/* Rows of P that go through the columns together: as many independent sums. */
enum { GROUP = 4 };

static int64_t row_count(const cost *c) { return c->array.values ? c->array.rows : (int64_t)c->parameters[RANK]; }

static int64_t padded_rows(const cost *c) { return (row_count(c) + GROUP - 1) / GROUP * GROUP; }

/* Each of matrix and rank excludes the other, and a seed is for random rows. */
static enot_status check(enot_context *context, const cost *c) {
    const cost_array *a = &c->array;
    double rank = c->parameters[RANK], seed = c->parameters[SEED];
    long long dim = (long long)c->dim;
    if (a->values ? rank != 0 || seed != 0 : rank == 0)
        return context_fail(context, ENOT_ERR_ARGUMENT, "cost projected needs either matrix=FILE, with rows of %lld columns, or rank=K, "
                            "1 to %lld random rows, and with it seed=S if not 0", dim, dim);
    if (a->values && a->columns != c->dim)
        return context_fail(context, ENOT_ERR_ARGUMENT, "cost projected: the matrix has %lld columns, the data %lld: give as many",
                            (long long)a->columns, dim);
    if (rank != floor(rank) || rank > (double)c->dim)
        return context_fail(context, ENOT_ERR_ARGUMENT, "cost projected: rank is %.17g, but must be a whole number from 1 to %lld", rank, dim);
    if (seed != floor(seed))
        return context_fail(context, ENOT_ERR_ARGUMENT, "cost projected: seed is %.17g, but must be a whole number", seed);
    return ENOT_OK;
}

/* matrix[row_count, dim] = P; a random P has the first rows of one with more. */
static void fill(const cost *c, double *matrix) {
    if (c->array.values) {
        memcpy(matrix, c->array.values, (size_t)(c->array.rows * c->dim) * sizeof *matrix);
        return;
    }
    for (int64_t k = 0; k < row_count(c); k++) {
        random_row row = random_row_start((uint64_t)c->parameters[SEED], RANDOM_STREAM_PROJECTION, (uint64_t)k);
        random_normals(&row, c->dim, matrix + k * c->dim);
    }
}

/* c->numbers from P. */
static enot_status normalise(enot_context *context, const double *matrix, cost *c) {
    int64_t count = row_count(c) * c->dim;
    double square = 0;
    for (int64_t i = 0; i < count; i++) square += matrix[i] * matrix[i];
    if (!(square > 0 && isfinite(square)))
        return context_fail(context, ENOT_ERR_DATA, "cost projected: the squares of the matrix add up to %g: give one of numbers around 1",
                            square);
    for (int64_t i = 0; i < count; i++) c->numbers[i] = (real)(matrix[i] / sqrt(square));
    return ENOT_OK;
}

static enot_status prepare(enot_context *context, cost *c) {
    double *matrix;
    TRY(check(context, c));
    TRY(MEMORY_NEW(context, padded_rows(c) * c->dim, "the matrix of a cost", &c->numbers));
    TRY(MEMORY_NEW(context, row_count(c) * c->dim, "the matrix of a cost", &matrix));
    fill(c, matrix);
    enot_status status = normalise(context, matrix, c);
    memory_destroy(matrix);
    return status;
}

/* products[GROUP] = P (x - y) for a group of rows of P. */
CLONES static void project(int64_t dim, const real *group, const real *x, const real *y, real *products) {
    const real *p = group, *q = p + dim, *r = q + dim, *s = r + dim;
    real a = 0, b = 0, c = 0, d = 0;
#pragma omp simd reduction(+ : a, b, c, d)
    for (int64_t j = 0; j < dim; j++) {
        real z = x[j] - y[j];
        a += p[j] * z;
        b += q[j] * z;
        c += r[j] * z;
        d += s[j] * z;
    }
    products[0] = a, products[1] = b, products[2] = c, products[3] = d;
}

/* out += 2 products P, for a group of rows of P. */
CLONES static void add_back(int64_t dim, const real *group, const real *products, real *out) {
    const real *p = group, *q = p + dim, *r = q + dim, *s = r + dim;
    real a = 2 * products[0], b = 2 * products[1], c = 2 * products[2], d = 2 * products[3];
#pragma omp simd
    for (int64_t j = 0; j < dim; j++) out[j] += a * p[j] + b * q[j] + c * r[j] + d * s[j];
}

static void value(const cost *c, int64_t rows, const real *x, const real *y, real *out) {
    for (int64_t i = 0; i < rows; i++, x += c->dim, y += c->dim) {
        out[i] = 0;
        for (int64_t k = 0; k < padded_rows(c); k += GROUP) {
            real products[GROUP];
            project(c->dim, c->numbers + k * c->dim, x, y, products);
            for (int g = 0; g < GROUP; g++) out[i] += products[g] * products[g];
        }
    }
}

static void gradient(const cost *c, int64_t rows, const real *x, const real *y, real *out) {
    for (int64_t i = 0; i < rows; i++, x += c->dim, y += c->dim, out += c->dim) {
        memset(out, 0, (size_t)c->dim * sizeof *out);
        for (int64_t k = 0; k < padded_rows(c); k += GROUP) {
            real products[GROUP];
            project(c->dim, c->numbers + k * c->dim, y, x, products);
            add_back(c->dim, c->numbers + k * c->dim, products, out);
        }
    }
}

static double degree(const cost *c) { return 2; }

const cost_kind cost_projected = {
    .name = "projected",
    .formula = "|P (x - y)|^2 / |P|_F^2, P given or of rank random rows",
    .parameters = {{"rank", 0, 0, 4096, 1}, {"seed", 0, 0, 9007199254740991, 1}},
    .array = "matrix",
    .array_meaning = "P, instead of a rank",
    .translation_invariant = 1,
    .degenerate = 1,
    .prepare = prepare,
    .degree = degree,
    .value = value,
    .gradient = gradient,
};
