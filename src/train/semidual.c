#include "train/semidual.h"

#include <math.h>

#include "core/least.h"
#include "core/memory.h"
#include "core/parallel.h"
#include "net/apply.h"
#include "train/methods/conjugate.h"

/* More steps find lower minima only where g is least smooth, and tell maps apart no better (docs/method.md, "Which map is kept"). */
#define ITERATIONS 10

/* Largest entry of the gradient in y at which a point is good enough, in root mean squares of x. */
#define TOLERANCE 1e-3

typedef struct search {
    const semidual_rows *rows;
    real tolerance;
    conjugate conjugate;
    passes *critic;
    real *points;  /* [n, dim]: y* */
    real *minimum; /* [n] */
    real *value;   /* [m]: g(y) */
} search;

static void minimum_task(void *user, int64_t index, int worker) {
    const search *s = user;
    int64_t first = index * PASSES_ROWS, count = least(PASSES_ROWS, s->rows->n - first), at = first * s->conjugate.t->dim;
    conjugate_solve(&s->conjugate, worker, count, s->rows->x + at, s->rows->moved + at, ITERATIONS, s->tolerance, s->points + at);
    conjugate_values(&s->conjugate, worker, count, s->rows->x + at, s->points + at, s->minimum + first);
}

static double root_mean_square(int64_t count, const real *values) {
    double sum = 0;
    for (int64_t i = 0; i < count; i++) sum += (double)values[i] * (double)values[i];
    return sqrt(sum / (double)count);
}

static void destroy(search *s) {
    conjugate_destroy(&s->conjugate);
    passes_destroy(s->critic);
    memory_destroy(s->points);
    memory_destroy(s->minimum);
    memory_destroy(s->value);
}

static enot_status allocate(enot_context *context, const transport *t, search *s) {
    const char *purpose = "the scores of maps";
    TRY(MEMORY_NEW(context, s->rows->n * t->dim, purpose, &s->points));
    TRY(MEMORY_NEW(context, s->rows->n, purpose, &s->minimum));
    return MEMORY_NEW(context, s->rows->m, purpose, &s->value);
}

static enot_status find_minima(enot_context *context, const transport *t, const architecture *g, const real *weights, search *s) {
    TRY(passes_create(context, t, &g->mlp, PASSES_ROWS, 0, ENOT_PRECISION_F32, &s->critic));
    TRY(conjugate_create(context, t, s->critic, &s->conjugate));
    passes_load(s->critic, weights);
    parallel_for(context, (s->rows->n + PASSES_ROWS - 1) / PASSES_ROWS, minimum_task, s);
    return ENOT_OK;
}

static double add_up(const search *s, double *terms) {
    int64_t n = s->rows->n, m = s->rows->m;
    double sum = 0, value = 0;
    for (int64_t i = 0; i < n; i++) sum += terms[i] = s->minimum[i];
    for (int64_t i = 0; i < m; i++) value += terms[n + i] = s->value[i];
    return sum / (double)n + value / (double)m;
}

enot_status semidual_find(enot_context *context, const transport *t, const architecture *g, const real *weights,
                          const semidual_rows *rows, double *value, double *terms) {
    search s = {.rows = rows, .tolerance = (real)(TOLERANCE * root_mean_square(rows->n * t->dim, rows->x))};
    enot_status status = allocate(context, t, &s);
    if (!status) status = apply_potential(context, t, g, weights, rows->y, rows->m, s.value);
    if (!status) status = find_minima(context, t, g, weights, &s);
    if (!status) *value = add_up(&s, terms);
    destroy(&s);
    return status;
}
