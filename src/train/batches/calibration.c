#include "train/batches/calibration.h"

#include <lapacke.h>
#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "core/parallel.h"
#include "train/batches/features.h"

/* Rows of a task. */
#define BLOCK_ROWS 64

/* Relative: keeps the equations solvable where features nearly depend on one another. */
#define RIDGE 1e-3

/* One half of a side's batch: its weights take their coefficients from the other half, so that no row weighs itself. */
typedef struct half {
    int64_t first, count;
    double *mean;        /* [features] less the running means */
    real *products;      /* [features, features] */
    double *equations;   /* the same in double */
    double *coefficients; /* [features] of the weights of this half's rows */
} half;

typedef struct side {
    panels values; /* [batch, features] less the running means */
    real *means;   /* [features] over all batches so far */
    half halves[2];
} side;

struct calibration {
    const ops *ops;
    features features;
    int64_t batch;
    real *means; /* both sides' */
    side sides[2];
};

/* A batch on its way. */
typedef struct weighing {
    calibration *c;
    int64_t earlier; /* batches */
    const real *const *points;
    real *const *weights;
    int64_t blocks; /* of a side */
} weighing;

static enot_status create_half(enot_context *context, int64_t count, half *h) {
    TRY(MEMORY_NEW(context, count, "the calibration of batches", &h->mean));
    TRY(MEMORY_NEW(context, count, "the calibration of batches", &h->coefficients));
    TRY(MEMORY_NEW(context, count * count, "the calibration of batches", &h->products));
    return MEMORY_NEW(context, count * count, "the calibration of batches", &h->equations);
}

static enot_status create_side(enot_context *context, int64_t count, int64_t batch, side *s) {
    s->values.rows = batch;
    s->halves[0] = (half){.count = batch / 2};
    s->halves[1] = (half){.first = batch / 2, .count = batch - batch / 2};
    for (int h = 0; h < 2; h++) TRY(create_half(context, count, &s->halves[h]));
    return MEMORY_NEW(context, panels_size(batch, count), "the calibration of batches", &s->values.at);
}

static enot_status create_parts(enot_context *context, calibration *c) {
    int64_t count = c->features.count;
    TRY(MEMORY_NEW(context, 2 * count, "the calibration of batches", &c->means));
    for (int s = 0; s < 2; s++) {
        TRY(create_side(context, count, c->batch, &c->sides[s]));
        c->sides[s].means = c->means + s * count;
    }
    return ENOT_OK;
}

enot_status calibration_create(enot_context *context, int64_t dim, const real *scale, int64_t batch, calibration **out) {
    calibration *c;
    TRY(MEMORY_NEW(context, 1, "the calibration of batches", &c));
    *c = (calibration){.ops = ops_select(), .batch = batch};
    enot_status status = features_create(context, dim, scale, features_choose_count(dim, batch), &c->features);
    if (!status) status = create_parts(context, c);
    if (status) {
        calibration_destroy(c);
        return status;
    }
    *out = c;
    return ENOT_OK;
}

void calibration_destroy(calibration *c) {
    if (!c) return;
    for (int s = 0; s < 2; s++) {
        for (int h = 0; h < 2; h++) {
            half *part = &c->sides[s].halves[h];
            memory_destroy(part->mean);
            memory_destroy(part->coefficients);
            memory_destroy(part->products);
            memory_destroy(part->equations);
        }
        memory_destroy(c->sides[s].values.at);
    }
    memory_destroy(c->means);
    features_destroy(&c->features);
    memory_destroy(c);
}

/* Rows of block number index of a batch. */
static int64_t block_rows(const calibration *c, int64_t first) {
    return c->batch - first < BLOCK_ROWS ? c->batch - first : BLOCK_ROWS;
}

static void values_task(void *user, int64_t index, int worker) {
    const weighing *w = user;
    calibration *c = w->c;
    int64_t which = index / w->blocks, first = index % w->blocks * BLOCK_ROWS, count = block_rows(c, first);
    side *s = &c->sides[which];
    features_of_rows(&c->features, w->points[which] + first * c->features.dim, count, s->values, first);
    for (int64_t p = 0; p < panels_count(c->features.count); p++) {
        real *values = panels_at(s->values, p) + first * PANEL;
        for (int64_t i = 0; i < count; i++)
            for (int64_t j = 0; j < panels_columns(c->features.count, p); j++) values[i * PANEL + j] -= s->means[p * PANEL + j];
    }
}

static void sum_half(const calibration *c, const side *s, half *h) {
    for (int64_t p = 0; p < panels_count(c->features.count); p++) {
        real sum[PANEL] = {0};
        c->ops->sum_rows(h->count, panels_at(s->values, p) + h->first * PANEL, NULL, sum);
        for (int64_t j = 0; j < panels_columns(c->features.count, p); j++) h->mean[p * PANEL + j] = sum[j] / (double)h->count;
    }
}

static void multiply_half(const calibration *c, const side *s, half *h) {
    int64_t count = c->features.count;
    for (int64_t p = 0; p < panels_count(count); p++)
        for (int64_t q = 0; q <= p; q++) {
            const ops_pair pair = {panels_at(s->values, p) + h->first * PANEL, panels_at(s->values, q) + h->first * PANEL, NULL, 0};
            c->ops->product_transposed(panels_columns(count, p), panels_columns(count, q), h->count, &pair, 1, 0,
                                       h->products + p * PANEL * count + q * PANEL, count);
        }
}

static void half_task(void *user, int64_t index, int worker) {
    const weighing *w = user;
    side *s = &w->c->sides[index / 2];
    sum_half(w->c, s, &s->halves[index % 2]);
    multiply_half(w->c, s, &s->halves[index % 2]);
}

/* coefficients = covariance^-1 (running mean - the other half's), the running mean's own noise allowed for; 0 if singular. */
static void solve_half(int64_t count, int64_t earlier, half *h, const half *other) {
    double known = (double)earlier / (double)(earlier + 1);
    for (int64_t i = 0; i < count; i++) {
        for (int64_t j = 0; j <= i; j++)
            h->equations[i * count + j] = h->products[i * count + j] / (double)h->count - h->mean[i] * h->mean[j];
        h->equations[i * count + i] *= 1 + RIDGE;
        h->coefficients[i] = -known * other->mean[i];
    }
    lapack_int info = LAPACKE_dposv_work(LAPACK_COL_MAJOR, 'U', (lapack_int)count, 1, h->equations, (lapack_int)count,
                                         h->coefficients, (lapack_int)count);
    if (info != 0) memset(h->coefficients, 0, (size_t)count * sizeof *h->coefficients);
}

static void solve_task(void *user, int64_t index, int worker) {
    const weighing *w = user;
    half *halves = w->c->sides[index / 2].halves;
    solve_half(w->c->features.count, w->earlier, &halves[index % 2], &halves[1 - index % 2]);
}

/* 1 + <coefficients, the row's values less their mean in its half> */
static void weights_task(void *user, int64_t index, int worker) {
    const weighing *w = user;
    const side *s = &w->c->sides[index / 2];
    const half *h = &s->halves[index % 2];
    double at_mean = 1;
    for (int64_t k = 0; k < w->c->features.count; k++) at_mean -= h->coefficients[k] * h->mean[k];
    for (int64_t i = h->first; i < h->first + h->count; i++) {
        double weight = at_mean;
        for (int64_t p = 0; p < panels_count(w->c->features.count); p++) {
            const real *values = panels_at(s->values, p) + i * PANEL;
            for (int64_t j = 0; j < panels_columns(w->c->features.count, p); j++)
                weight += h->coefficients[p * PANEL + j] * values[j];
        }
        w->weights[index / 2][i] = (real)weight;
    }
}

/* Values are less the running means already. */
static void update_means(calibration *c, int64_t earlier) {
    for (int s = 0; s < 2; s++)
        for (int64_t k = 0; k < c->features.count; k++) {
            double difference = 0;
            for (int h = 0; h < 2; h++) {
                const half *part = &c->sides[s].halves[h];
                difference += part->mean[k] * (double)part->count / (double)c->batch;
            }
            c->sides[s].means[k] += (real)(difference / (double)(earlier + 1));
        }
}

void calibration_weigh(enot_context *context, calibration *c, int64_t index, const real *const points[2],
                       real *const weights[2]) {
    weighing w = {c, index, points, weights, (c->batch + BLOCK_ROWS - 1) / BLOCK_ROWS};
    parallel_for(context, 2 * w.blocks, values_task, &w);
    parallel_for(context, 4, half_task, &w);
    parallel_for(context, 4, solve_task, &w);
    parallel_for(context, 4, weights_task, &w);
    update_means(c, index);
}

real *calibration_means(calibration *c, int64_t *count) {
    *count = 2 * c->features.count;
    return c->means;
}
