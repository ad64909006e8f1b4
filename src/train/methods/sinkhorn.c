#include "train/methods/sinkhorn.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "core/clones.h"
#include "core/memory.h"
#include "core/parallel.h"
#include "ops/scalar.inc"

/* Rows or columns of a matrix that a task takes. */
#define STRIP 64

/* Scalings beyond this factor are taken into the potentials. */
#define LARGEST_SCALING 1e4

struct sinkhorn {
    enot_context *context;
    const cost *cost;
    int64_t rows;
    real *costs, *kernel;       /* [rows, rows]: C, and exp((f + g - C) / eps) */
    real *f, *g;                /* [rows]: potentials */
    real *u, *v;                /* [rows]: scalings beside them */
    real *sums;                 /* [rows]: mean of K_ij v_j over a row */
    real *column_shares;        /* [strips, rows]: of the sums of u_i K_ij over a column */
    real *repeated, *gradients; /* [threads, rows, dim] */
    real *weights;              /* [threads, rows] */
};

/* What the tasks of one call share. */
typedef struct job {
    sinkhorn *s;
    const real *x, *y;
    real epsilon, factor;
    real *pull;
} job;

enot_status sinkhorn_create(enot_context *context, const cost *c, int64_t rows, sinkhorn **out) {
    sinkhorn *s;
    TRY(MEMORY_NEW(context, 1, "Sinkhorn iterations", &s));
    *s = (sinkhorn){.context = context, .cost = c, .rows = rows};
    real **matrices[] = {&s->costs, &s->kernel}, **vectors[] = {&s->f, &s->g, &s->u, &s->v, &s->sums};
    real **points[] = {&s->repeated, &s->gradients};
    enot_status status = MEMORY_NEW(context, context->threads * rows, "Sinkhorn iterations", &s->weights);
    if (!status) status = MEMORY_NEW(context, (rows + STRIP - 1) / STRIP * rows, "Sinkhorn iterations", &s->column_shares);
    for (int i = 0; i < 2 && !status; i++) status = MEMORY_NEW(context, rows * rows, "Sinkhorn iterations", matrices[i]);
    for (int i = 0; i < 5 && !status; i++) status = MEMORY_NEW(context, rows, "Sinkhorn iterations", vectors[i]);
    for (int i = 0; i < 2 && !status; i++)
        status = MEMORY_NEW(context, context->threads * rows * c->dim, "Sinkhorn iterations", points[i]);
    if (status) {
        sinkhorn_destroy(s);
        return status;
    }
    *out = s;
    return ENOT_OK;
}

void sinkhorn_destroy(sinkhorn *s) {
    if (!s) return;
    real *all[] = {s->costs, s->kernel, s->f, s->g, s->u, s->v, s->sums, s->column_shares, s->repeated, s->gradients, s->weights};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) memory_destroy(all[i]);
    memory_destroy(s);
}

static int64_t strip_end(const sinkhorn *s, int64_t index) {
    return (index + 1) * STRIP < s->rows ? (index + 1) * STRIP : s->rows;
}

/* By strips of rows or of columns. */
static void run(job *j, parallel_task task) {
    parallel_for(j->s->context, (j->s->rows + STRIP - 1) / STRIP, task, j);
}

/* The worker's [rows, dim], each row the point. */
static real *repeat(const sinkhorn *s, int worker, const real *point) {
    int64_t dim = s->cost->dim;
    real *out = s->repeated + worker * s->rows * dim;
    for (int64_t j = 0; j < s->rows; j++) memcpy(out + j * dim, point, (size_t)dim * sizeof *out);
    return out;
}

static void cost_task(void *user, int64_t index, int worker) {
    const job *j = user;
    const sinkhorn *s = j->s;
    for (int64_t i = index * STRIP; i < strip_end(s, index); i++)
        s->cost->kind->value(s->cost, s->rows, repeat(s, worker, j->x + i * s->cost->dim), j->y, s->costs + i * s->rows);
}

/* ---- the logarithmic domain: f = softmin of C - g over a row, g = softmin of C - f over a column ---- */

CLONES static real row_softmin(int64_t count, real epsilon, const real *costs, const real *g) {
    real least = costs[0] - g[0], sum = 0, inverse = 1 / epsilon;
    for (int64_t j = 1; j < count; j++) least = costs[j] - g[j] < least ? costs[j] - g[j] : least;
#pragma omp simd reduction(+ : sum)
    for (int64_t j = 0; j < count; j++) sum += scalar_exp((least - costs[j] + g[j]) * inverse);
    return least - epsilon * (real)log((double)sum / (double)count);
}

static void row_softmin_task(void *user, int64_t index, int worker) {
    const job *j = user;
    sinkhorn *s = j->s;
    for (int64_t i = index * STRIP; i < strip_end(s, index); i++)
        s->f[i] = row_softmin(s->rows, j->epsilon, s->costs + i * s->rows, s->g);
}

/* Of a strip of columns: least[columns] and sums[columns] are scratch. */
CLONES static void column_softmin(const sinkhorn *s, real epsilon, int64_t first, int64_t columns, real *least, real *sums) {
    real inverse = 1 / epsilon;
    for (int64_t j = 0; j < columns; j++) least[j] = s->costs[first + j] - s->f[0];
    for (int64_t i = 1; i < s->rows; i++)
        for (int64_t j = 0; j < columns; j++) {
            real value = s->costs[i * s->rows + first + j] - s->f[i];
            least[j] = value < least[j] ? value : least[j];
        }
    for (int64_t j = 0; j < columns; j++) sums[j] = 0;
    for (int64_t i = 0; i < s->rows; i++) {
        const real *row = s->costs + i * s->rows + first;
#pragma omp simd
        for (int64_t j = 0; j < columns; j++) sums[j] += scalar_exp((least[j] - row[j] + s->f[i]) * inverse);
    }
    for (int64_t j = 0; j < columns; j++) s->g[first + j] = least[j] - epsilon * (real)log((double)sums[j] / (double)s->rows);
}

static void column_softmin_task(void *user, int64_t index, int worker) {
    const job *j = user;
    real least[STRIP], sums[STRIP];
    column_softmin(j->s, j->epsilon, index * STRIP, strip_end(j->s, index) - index * STRIP, least, sums);
}

/* ---- scalings ---- */

CLONES static void kernel_row(int64_t count, real epsilon, real f, const real *g, const real *costs, real *kernel) {
    real inverse = 1 / epsilon;
#pragma omp simd
    for (int64_t j = 0; j < count; j++) kernel[j] = scalar_exp((f + g[j] - costs[j]) * inverse);
}

static void kernel_task(void *user, int64_t index, int worker) {
    const job *j = user;
    const sinkhorn *s = j->s;
    for (int64_t i = index * STRIP; i < strip_end(s, index); i++)
        kernel_row(s->rows, j->epsilon, s->f[i], s->g, s->costs + i * s->rows, s->kernel + i * s->rows);
}

CLONES static real scaled_mean(int64_t count, const real *kernel, const real *v) {
    real sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int64_t j = 0; j < count; j++) sum += kernel[j] * v[j];
    return sum / (real)count;
}

/* to += factor from */
CLONES static void add(int64_t count, real factor, const real *from, real *to) {
    for (int64_t j = 0; j < count; j++) to[j] += factor * from[j];
}

/* New scalings u of a strip of rows, and its share of the sums of u_i K_ij over the columns, while a row is in the cache. */
static void rows_task(void *user, int64_t index, int worker) {
    const sinkhorn *s = ((const job *)user)->s;
    real *shares = s->column_shares + index * s->rows;
    memset(shares, 0, (size_t)s->rows * sizeof *shares);
    for (int64_t i = index * STRIP; i < strip_end(s, index); i++) {
        const real *row = s->kernel + i * s->rows;
        s->sums[i] = scaled_mean(s->rows, row, s->v);
        add(s->rows, 1 / s->sums[i], row, shares);
    }
}

/* Of a batch with itself the kernel is symmetric and needs no second sums. */
static void symmetric_rows_task(void *user, int64_t index, int worker) {
    const sinkhorn *s = ((const job *)user)->s;
    for (int64_t i = index * STRIP; i < strip_end(s, index); i++)
        s->sums[i] = scaled_mean(s->rows, s->kernel + i * s->rows, s->v);
}

/* v = 1 over the mean of u_i K_ij over the rows, from the strips' shares in their order. */
static void set_columns(sinkhorn *s) {
    int64_t strips = (s->rows + STRIP - 1) / STRIP;
    memset(s->v, 0, (size_t)s->rows * sizeof *s->v);
    for (int64_t k = 0; k < strips; k++) add(s->rows, 1 / (real)s->rows, s->column_shares + k * s->rows, s->v);
    for (int64_t j = 0; j < s->rows; j++) s->v[j] = 1 / s->v[j];
}

static void set_ones(int64_t count, real *values) {
    for (int64_t i = 0; i < count; i++) values[i] = 1;
}

/* Takes the scalings into the potentials. */
static void absorb(job *j) {
    sinkhorn *s = j->s;
    for (int64_t i = 0; i < s->rows; i++) {
        s->f[i] += j->epsilon * (real)log((double)s->u[i]);
        s->g[i] += j->epsilon * (real)log((double)s->v[i]);
    }
    set_ones(s->rows, s->u);
    set_ones(s->rows, s->v);
    run(j, kernel_task);
}

static int is_moderate(real scaling) { return scaling < LARGEST_SCALING && scaling > 1 / LARGEST_SCALING; }

static int is_large(const sinkhorn *s) {
    for (int64_t i = 0; i < s->rows; i++)
        if (!is_moderate(s->u[i]) || !is_moderate(s->v[i])) return 1;
    return 0;
}

/* How far the rows' marginal was from uniform with the scalings that the sums come with. */
static double deviation(const sinkhorn *s) {
    double sum = 0;
    for (int64_t i = 0; i < s->rows; i++) sum += fabs((double)(s->u[i] * s->sums[i]) - 1);
    return sum / (double)s->rows;
}

/* Returns the deviation before. */
static double iterate(job *j) {
    sinkhorn *s = j->s;
    run(j, rows_task);
    double before = deviation(s);
    for (int64_t i = 0; i < s->rows; i++) s->u[i] = 1 / s->sums[i];
    set_columns(s);
    return before;
}

/* The same where u = v: the mean of the old and the new logarithm converges at once (Feydy et al. 2019). */
static double iterate_symmetric(job *j) {
    sinkhorn *s = j->s;
    run(j, symmetric_rows_task);
    double before = deviation(s);
    for (int64_t i = 0; i < s->rows; i++) s->u[i] = s->v[i] = (real)sqrt((double)(s->u[i] / s->sums[i]));
    return before;
}

/* Potentials that leave no row and no column of the kernel without a large entry. */
static void begin(job *j, int symmetric) {
    sinkhorn *s = j->s;
    memset(s->g, 0, (size_t)s->rows * sizeof *s->g);
    run(j, cost_task);
    run(j, row_softmin_task);
    if (symmetric)
        for (int64_t i = 0; i < s->rows; i++) s->f[i] = s->g[i] = s->f[i] / 2;
    else
        run(j, column_softmin_task);
    set_ones(s->rows, s->u);
    set_ones(s->rows, s->v);
    run(j, kernel_task);
}

static double value_of(const sinkhorn *s) {
    double sum = 0;
    for (int64_t i = 0; i < s->rows; i++) sum += (double)s->f[i] + (double)s->g[i];
    return sum / (double)s->rows;
}

double sinkhorn_solve(sinkhorn *s, const real *x, const real *y, const sinkhorn_options *o, int64_t *iterations) {
    job j = {.s = s, .x = x, .y = y, .epsilon = (real)o->epsilon};
    int symmetric = x == y;
    int64_t done = 0;
    begin(&j, symmetric);
    while (done < o->iterations) {
        double before = (symmetric ? iterate_symmetric : iterate)(&j);
        done++;
        if (before <= o->tolerance) break;
        if (is_large(s)) absorb(&j);
    }
    absorb(&j);
    if (iterations) *iterations = done;
    return value_of(s);
}

/* ---- the gradient ---- */

/* sum over j of weights_j rows_j, added to out[dim]. */
CLONES static void add_weighted(int64_t count, int64_t dim, const real *weights, const real *rows, real *out) {
    for (int64_t j = 0; j < count; j++)
        for (int64_t k = 0; k < dim; k++) out[k] += weights[j] * rows[j * dim + k];
}

static void pull_task(void *user, int64_t index, int worker) {
    const job *j = user;
    const sinkhorn *s = j->s;
    int64_t dim = s->cost->dim;
    real share = j->factor / ((real)s->rows * (real)s->rows);
    real *gradients = s->gradients + worker * s->rows * dim, *weights = s->weights + worker * s->rows;
    for (int64_t i = index * STRIP; i < strip_end(s, index); i++) {
        s->cost->kind->gradient(s->cost, s->rows, j->y, repeat(s, worker, j->x + i * dim), gradients);
        for (int64_t k = 0; k < s->rows; k++) weights[k] = share * s->kernel[i * s->rows + k];
        add_weighted(s->rows, dim, weights, gradients, j->pull + i * dim);
    }
}

void sinkhorn_pull(sinkhorn *s, const real *x, const real *y, real factor, real *pull) {
    run(&(job){.s = s, .x = x, .y = y, .factor = factor, .pull = pull}, pull_task);
}

double sinkhorn_mean_cost(sinkhorn *s, const real *x, const real *y) {
    double sum = 0;
    run(&(job){.s = s, .x = x, .y = y}, cost_task);
    for (int64_t i = 0; i < s->rows; i++) {
        real row = 0;
        for (int64_t j = 0; j < s->rows; j++) row += s->costs[i * s->rows + j];
        sum += (double)row;
    }
    return sum / ((double)s->rows * (double)s->rows);
}

double sinkhorn_operations(const sinkhorn *s) { return 4 * (double)s->rows * (double)s->rows; }
