/*
 * With A = F^T F and B = G^T G the trace of (A^1/2 B A^1/2)^1/2 is the sum of the singular values of F G^T: F = Q A^1/2
 * and G = R B^1/2 with orthogonal Q and R. Unlike eigenvalues of products, whose roots lose half the digits, they leave
 * 0 for equal sets. F comes from the eigenvectors of A, which may be singular.
 */
#include "eval/frechet.h"

#include <math.h>
#include <string.h>

#include "core/clones.h"
#include "core/linalg.h"
#include "core/memory.h"
#include "core/random.h"

/* One side: its mean, its covariance and then a factor of it. */
typedef struct gaussian {
    double *mean;   /* [dim] */
    double *factor; /* [dim, dim] */
    double trace;
} gaussian;

static void find_mean(const double *rows, int64_t count, int64_t dim, double *mean) {
    for (int64_t i = 0; i < count; i++)
        for (int64_t j = 0; j < dim; j++) mean[j] += rows[i * dim + j] / (double)count;
}

/* covariance [dim, dim] += row^T row, the lower triangle */
CLONES static void add_outer(int64_t dim, const double *restrict row, double *restrict covariance) {
    for (int64_t j = 0; j < dim; j++)
#pragma omp simd
        for (int64_t k = 0; k <= j; k++) covariance[j * dim + k] += row[j] * row[k];
}

static void find_covariance(const double *rows, int64_t count, int64_t dim, const double *mean, double *row,
                            double *covariance) {
    for (int64_t i = 0; i < count; i++) {
        for (int64_t j = 0; j < dim; j++) row[j] = (rows[i * dim + j] - mean[j]) / sqrt((double)(count - 1));
        add_outer(dim, row, covariance);
    }
    for (int64_t j = 0; j < dim; j++)
        for (int64_t k = 0; k < j; k++) covariance[k * dim + j] = covariance[j * dim + k];
}

/* The covariance becomes F, F^T F = covariance. */
static enot_status factorise(enot_context *context, int64_t dim, double *values, double *covariance) {
    TRY(linalg_eigen(context, dim, covariance, values));
    for (int64_t k = 0; k < dim; k++)
        for (int64_t j = 0; j < dim; j++) covariance[k * dim + j] *= sqrt(fmax(values[k], 0));
    return ENOT_OK;
}

/* scratch [dim] */
static enot_status fill_gaussian(enot_context *context, int64_t dim, int64_t count, const double *rows, double *scratch,
                                 gaussian *g) {
    find_mean(rows, count, dim, g->mean);
    find_covariance(rows, count, dim, g->mean, scratch, g->factor);
    for (int64_t j = 0; j < dim; j++) g->trace += g->factor[j * dim + j];
    return factorise(context, dim, scratch, g->factor);
}

/* product [n, n] = a b^T */
CLONES static void multiply_transposed(int64_t n, const double *a, const double *b, double *product) {
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < n; j++) {
            double sum = 0;
#pragma omp simd reduction(+ : sum)
            for (int64_t k = 0; k < n; k++) sum += a[i * n + k] * b[j * n + k];
            product[i * n + j] = sum;
        }
}

/* scratch [dim + dim^2] */
static enot_status between(enot_context *context, int64_t dim, const gaussian side[2], double *scratch,
                           double *distance) {
    double *values = scratch, *product = scratch + dim, sum = side[0].trace + side[1].trace;
    multiply_transposed(dim, side[0].factor, side[1].factor, product);
    TRY(linalg_singular_values(context, dim, product, values));
    for (int64_t j = 0; j < dim; j++) {
        double moved = side[0].mean[j] - side[1].mean[j];
        sum += moved * moved - 2 * values[j];
    }
    *distance = fmax(sum, 0); /* rounding leaves equal sets on either side of 0 */
    return ENOT_OK;
}

static int all_finite(int64_t count, const double *values) {
    for (int64_t i = 0; i < count; i++)
        if (!isfinite(values[i])) return 0;
    return 1;
}

static enot_status check_rows(enot_context *context, int64_t count) {
    if (count >= 2) return ENOT_OK;
    return context_fail(context, ENOT_ERR_DATA,
                        "a Frechet distance needs two rows of each side, there are %lld: give more rows",
                        (long long)count);
}

enot_status frechet_distance(enot_context *context, int64_t dim, int64_t count_a, const double *a, int64_t count_b,
                             const double *b, double *distance) {
    double *memory, *scratch;
    TRY(check_rows(context, count_a));
    TRY(check_rows(context, count_b));
    if (!all_finite(count_a * dim, a) || !all_finite(count_b * dim, b)) {
        *distance = NAN;
        return ENOT_OK;
    }
    TRY(MEMORY_NEW(context, 3 * (dim + dim * dim), "covariances of features", &memory));
    gaussian side[2] = {{.mean = memory, .factor = memory + dim}};
    side[1] = (gaussian){.mean = side[0].factor + dim * dim, .factor = side[0].factor + dim * dim + dim};
    scratch = side[1].factor + dim * dim;

    enot_status status = fill_gaussian(context, dim, count_a, a, scratch, &side[0]);
    if (status == ENOT_OK) status = fill_gaussian(context, dim, count_b, b, scratch, &side[1]);
    if (status == ENOT_OK) status = between(context, dim, side, scratch, distance);
    memory_destroy(memory);
    return status;
}

/* The first 2 size of order [count] become different random row numbers, and chosen [2 size, dim] those rows. */
static void choose(int64_t dim, int64_t count, const double *rows, int64_t size, random_row *draw, int64_t *order,
                   double *chosen) {
    for (int64_t i = 0; i < 2 * size; i++) {
        int64_t other = i + random_below(draw, count - i), taken = order[other];
        order[other] = order[i];
        order[i] = taken;
        memcpy(chosen + i * dim, rows + taken * dim, (size_t)dim * sizeof *rows);
    }
}

enot_status frechet_floor(enot_context *context, int64_t dim, int64_t count, const double *rows, int64_t size,
                          int64_t splits, uint64_t seed, double *mean) {
    int64_t *order = NULL;
    double *chosen = NULL, distance = 0, sum = 0;
    if (size < 2 || size > count / 2)
        return context_fail(
            context, ENOT_ERR_DATA,
            "a noise floor of %lld rows needs two rows at least and twice as many to choose from, there are %lld: "
            "compare fewer rows",
            (long long)size, (long long)count);
    enot_status status = MEMORY_NEW(context, count, "an order of rows", &order);
    if (status == ENOT_OK) status = MEMORY_NEW(context, 2 * size * dim, "chosen rows", &chosen);
    for (int64_t i = 0; status == ENOT_OK && i < count; i++) order[i] = i;
    for (int64_t s = 0; status == ENOT_OK && s < splits; s++) {
        random_row draw = random_row_start(seed, RANDOM_STREAM_EVALUATE, (uint64_t)s);
        choose(dim, count, rows, size, &draw, order, chosen);
        status = frechet_distance(context, dim, size, chosen, size, chosen + size * dim, &distance);
        sum += distance;
    }
    if (status == ENOT_OK) *mean = sum / (double)splits;
    memory_destroy(order);
    memory_destroy(chosen);
    return status;
}
