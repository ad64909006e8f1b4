#include "train/methods/conjugate.h"

#include <string.h>

#include "core/memory.h"

enot_status conjugate_create(enot_context *context, const transport *t, passes *critic, conjugate *c) {
    *c = (conjugate){.t = t, .critic = critic, .threads = context->threads};
    TRY(MEMORY_NEW(context, c->threads, "c-transforms", &c->solver));
    for (int i = 0; i < c->threads; i++) TRY(lbfgs_create(context, PASSES_ROWS, t->dim, &c->solver[i]));
    TRY(MEMORY_NEW(context, c->threads * PASSES_ROWS * t->dim, "c-transforms", &c->from));
    return MEMORY_NEW(context, c->threads * PASSES_ROWS * t->dim, "c-transforms", &c->slope);
}

void conjugate_destroy(conjugate *c) {
    for (int i = 0; c->solver && i < c->threads; i++) lbfgs_destroy(c->solver[i]);
    memory_destroy(c->solver);
    memory_destroy(c->from);
    memory_destroy(c->slope);
    *c = (conjugate){0};
}

/* A block of rows on a worker. */
typedef struct block {
    const conjugate *c;
    int worker;
    const real *x; /* of the block's first row */
} block;

/* values[count] = c(x, y) - g(y) of these pairs; slope: grad g. */
static void value_pairs(const conjugate *c, int worker, int64_t count, const real *x, const real *y, real *values, real *slope) {
    const cost *cost = &c->t->cost;
    real potential[PASSES_ROWS];
    passes_evaluate(c->critic, worker, count, y, potential, slope);
    cost->kind->value(cost, count, x, y, values);
    for (int64_t i = 0; i < count; i++) values[i] -= potential[i];
}

static void objective(void *user, int64_t count, const int64_t *problem, const real *points, real *values, real *gradients) {
    const block *b = user;
    const conjugate *c = b->c;
    int64_t dim = c->t->dim;
    real *from = c->from + b->worker * PASSES_ROWS * dim, *slope = c->slope + b->worker * PASSES_ROWS * dim;
    for (int64_t i = 0; i < count; i++) memcpy(from + i * dim, b->x + problem[i] * dim, (size_t)dim * sizeof *from);
    value_pairs(c, b->worker, count, from, points, values, slope);
    c->t->cost.kind->gradient(&c->t->cost, count, from, points, gradients);
    for (int64_t i = 0; i < count * dim; i++) gradients[i] -= slope[i];
}

int64_t conjugate_solve(const conjugate *c, int worker, int64_t count, const real *x, const real *moved, int64_t iterations,
                        real tolerance, real *points) {
    memcpy(points, moved, (size_t)(count * c->t->dim) * sizeof *points);
    return lbfgs_minimise(c->solver[worker], count, iterations, tolerance, objective, &(block){c, worker, x}, points);
}

void conjugate_values(const conjugate *c, int worker, int64_t count, const real *x, const real *points, real *values) {
    value_pairs(c, worker, count, x, points, values, c->slope + worker * PASSES_ROWS * c->t->dim);
}
