#include <lapacke.h>
#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "cost/cost.h"

/*
 * h(z) = rho/2 |z|^2 + lam/2 |z - P z|^2, P the orthogonal projection on the subspace that the rows of an array span (Klein et al.
 * 2024): with a growing lam displacements come to lie in it. grad h*(u) = P u / rho + (u - P u) / (rho + lam).
 * numbers: an orthonormal basis, [array.rows, dim].
 */
enum { RHO, LAM };

/* basis[rows, columns]: orthonormal rows that span what those of the array do. */
static enot_status orthonormalise(enot_context *context, const cost_array *a, double *basis) {
    lapack_int k = (lapack_int)a->rows, dim = (lapack_int)a->columns;
    double *tau, largest = 0;
    for (int64_t i = 0; i < a->rows * a->columns; i++) basis[i] = a->values[i];
    TRY(MEMORY_NEW(context, k, "the basis of a cost", &tau));
    int failed = LAPACKE_dgelqf(LAPACK_ROW_MAJOR, k, dim, basis, dim, tau) != 0, dependent = 0;
    for (int64_t i = 0; i < k; i++) largest = fmax(largest, fabs(basis[i * dim + i]));
    for (int64_t i = 0; i < k; i++) dependent |= !(fabs(basis[i * dim + i]) > 1e-10 * largest);
    failed = failed || LAPACKE_dorglq(LAPACK_ROW_MAJOR, k, dim, k, basis, dim, tau) != 0;
    memory_destroy(tau);
    if (!failed && !dependent) return ENOT_OK;
    return context_fail(context, ENOT_ERR_DATA, "cost elastic_subspace: the rows of the basis are linearly dependent: leave some out");
}

/* (rho + lam)/2 I - lam/2 B'B, B the basis. */
static void metric(const cost *c, double *matrix) {
    double rho = c->parameters[RHO], lam = c->parameters[LAM];
    for (int64_t i = 0; i < c->dim; i++)
        for (int64_t j = 0; j < c->dim; j++) {
            double inside = 0;
            for (int64_t k = 0; k < c->array.rows; k++) inside += (double)c->numbers[k * c->dim + i] * (double)c->numbers[k * c->dim + j];
            matrix[i * c->dim + j] = ((i == j) * (rho + lam) - lam * inside) / 2;
        }
}

static enot_status prepare(enot_context *context, cost *c) {
    const cost_array *a = &c->array;
    int64_t count = a->rows * c->dim;
    double *basis;
    if (!a->values || a->columns != c->dim || a->rows > c->dim)
        return context_fail(context, ENOT_ERR_ARGUMENT,
                            "cost elastic_subspace needs basis=FILE whose rows span the subspace, of %lld columns and at most as many "
                            "rows%s", (long long)c->dim, a->values ? ": the file has another shape" : "");
    TRY(MEMORY_NEW(context, count, "the basis of a cost", &c->numbers));
    TRY(MEMORY_NEW(context, count, "the basis of a cost", &basis));
    enot_status status = orthonormalise(context, a, basis);
    for (int64_t i = 0; i < count; i++) c->numbers[i] = (real)basis[i];
    memory_destroy(basis);
    return status;
}

static real product(int64_t dim, const real *a, const real *b) {
    real sum = 0;
    for (int64_t j = 0; j < dim; j++) sum += a[j] * b[j];
    return sum;
}

/* z[dim] becomes inside P z + outside (z - P z); the basis being orthonormal, directions may be done by turns. */
static void weigh(const cost *c, real inside, real outside, real *z) {
    for (int64_t j = 0; j < c->dim; j++) z[j] *= outside;
    for (int64_t k = 0; k < c->array.rows; k++) {
        const real *direction = c->numbers + k * c->dim;
        real along = (inside / outside - 1) * product(c->dim, direction, z);
        for (int64_t j = 0; j < c->dim; j++) z[j] += along * direction[j];
    }
}

static void value(const cost *c, int64_t rows, const real *x, const real *y, real *out) {
    real rho = (real)c->parameters[RHO], lam = (real)c->parameters[LAM];
    for (int64_t i = 0; i < rows; i++, x += c->dim, y += c->dim) {
        real square = 0;
        for (int64_t j = 0; j < c->dim; j++) square += (x[j] - y[j]) * (x[j] - y[j]);
        out[i] = (rho + lam) / 2 * square;
        for (int64_t k = 0; k < c->array.rows; k++) {
            real along = product(c->dim, c->numbers + k * c->dim, x) - product(c->dim, c->numbers + k * c->dim, y);
            out[i] -= lam / 2 * along * along;
        }
    }
}

static void gradient(const cost *c, int64_t rows, const real *x, const real *y, real *out) {
    real rho = (real)c->parameters[RHO], lam = (real)c->parameters[LAM];
    for (int64_t i = 0; i < rows; i++, x += c->dim, y += c->dim, out += c->dim) {
        for (int64_t j = 0; j < c->dim; j++) out[j] = y[j] - x[j];
        weigh(c, rho, rho + lam, out);
    }
}

static void conjugate_product(const cost *c, int64_t rows, const real *u, const real *v, real *out) {
    real inside = (real)(1 / c->parameters[RHO]), outside = (real)(1 / (c->parameters[RHO] + c->parameters[LAM]));
    memcpy(out, v, (size_t)(rows * c->dim) * sizeof *out);
    for (int64_t i = 0; i < rows; i++) weigh(c, inside, outside, out + i * c->dim);
}

static void conjugate(const cost *c, int64_t rows, const real *u, real *out) { conjugate_product(c, rows, u, u, out); }

static double degree(const cost *c) { return 2; }

const cost_kind cost_elastic_subspace = {
    .name = "elastic_subspace",
    .formula = "rho/2 |z|^2 + lam/2 |z - Pz|^2, P projecting on the subspace, z = x - y",
    .parameters = {{"rho", 1, 0, 1e300, 0}, {"lam", 1, 0, 1e300, 1}},
    .array = "basis",
    .array_meaning = "rows that span the subspace",
    .translation_invariant = 1,
    .prepare = prepare,
    .degree = degree,
    .metric = metric,
    .value = value,
    .gradient = gradient,
    .conjugate = conjugate,
    .conjugate_product = conjugate_product,
};
