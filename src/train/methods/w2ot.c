/*
 * The dual with conjugates that are solved for (Amos 2023): from T(x) L-BFGS goes on to y* = argmin c(x, y) - g(y), the critic
 * ascends the dual at y*, and the map descends mean |T(x) - y*|^2 to begin closer the next time.
 */
#include "core/memory.h"
#include "core/parallel.h"
#include "train/methods/dual.h"
#include "train/methods/lbfgs.h"

/* Largest entry of the gradient in y at which a point is good enough; the published one (gtol). */
#define TOLERANCE 0.1

typedef struct training {
    enot_context *context;
    method_problem problem;
    passes *mapper;
    dual dual;
    lbfgs **solver;                              /* [threads] */
    int threads;
    int64_t blocks;
    real *x, *y, *moved, *best, *pull;           /* [batch, dim]; best: y* */
    real *from;                                  /* [threads, PASSES_ROWS, dim]: the x of a solver's points */
    real *slope;                                 /* the same, of grad g there */
    int64_t *evaluated;                          /* [blocks] points in the last step */
} training;

static void destroy(void *user) {
    training *t = user;
    passes_destroy(t->mapper);
    dual_destroy(&t->dual);
    for (int i = 0; t->solver && i < t->threads; i++) lbfgs_destroy(t->solver[i]);
    void *all[] = {t->solver, t->x, t->y, t->moved, t->best, t->pull, t->from, t->slope, t->evaluated};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) memory_destroy(all[i]);
}

static enot_status create(enot_context *context, const method_problem *problem, void *user) {
    training *t = user;
    *t = (training){.context = context, .problem = *problem, .threads = context->threads,
                    .blocks = (problem->settings->batch + PASSES_ROWS - 1) / PASSES_ROWS};
    const method_problem *p = &t->problem;
    int64_t batch = p->settings->batch, dim = p->t->dim;
    TRY(passes_create(context, p->t, &p->f->net.mlp, batch, 1, p->settings->precision, &t->mapper));
    TRY(dual_create(context, p, &t->dual));
    TRY(MEMORY_NEW(context, t->threads, "a training step", &t->solver));
    for (int i = 0; i < t->threads; i++) TRY(lbfgs_create(context, PASSES_ROWS, dim, &t->solver[i]));
    real **matrices[] = {&t->x, &t->y, &t->moved, &t->best, &t->pull};
    for (int i = 0; i < 5; i++) TRY(MEMORY_NEW(context, batch * dim, "a training step", matrices[i]));
    TRY(MEMORY_NEW(context, t->threads * PASSES_ROWS * dim, "a training step", &t->from));
    TRY(MEMORY_NEW(context, t->threads * PASSES_ROWS * dim, "a training step", &t->slope));
    return MEMORY_NEW(context, t->blocks, "a training step", &t->evaluated);
}

/* A block of points on a worker. */
typedef struct conjugate {
    training *t;
    int worker;
    const real *x; /* of the block's first point */
} conjugate;

/* c(x, y) - g(y) and its gradient in y. */
static void objective(void *user, int64_t count, const int64_t *problem, const real *points, real *values, real *gradients) {
    const conjugate *c = user;
    training *t = c->t;
    const cost *cost = &t->problem.t->cost;
    int64_t dim = t->problem.t->dim;
    real *from = t->from + c->worker * PASSES_ROWS * dim, *slope = t->slope + c->worker * PASSES_ROWS * dim;
    real potential[PASSES_ROWS];
    for (int64_t i = 0; i < count; i++)
        for (int64_t j = 0; j < dim; j++) from[i * dim + j] = c->x[problem[i] * dim + j];
    passes_evaluate(t->dual.critic, c->worker, count, points, potential, slope);
    cost->kind->value(cost, count, from, points, values);
    cost->kind->gradient(cost, count, from, points, gradients);
    for (int64_t i = 0; i < count; i++) values[i] -= potential[i];
    for (int64_t i = 0; i < count * dim; i++) gradients[i] -= slope[i];
}

static void conjugate_task(void *user, int64_t index, int worker) {
    training *t = user;
    int64_t dim = t->problem.t->dim, first = index * PASSES_ROWS, left = t->problem.settings->batch - first;
    conjugate c = {t, worker, t->x + first * dim};
    real *points = t->best + first * dim;
    for (int64_t i = 0; i < (left < PASSES_ROWS ? left : PASSES_ROWS) * dim; i++) points[i] = t->moved[first * dim + i];
    t->evaluated[index] = lbfgs_minimise(t->solver[worker], left < PASSES_ROWS ? left : PASSES_ROWS,
                                         t->problem.settings->inner, (real)TOLERANCE, objective, &c, points);
}

/* Of the batch, in passes' worth of points. */
static double batches_evaluated(const training *t) {
    int64_t sum = 0;
    for (int64_t i = 0; i < t->blocks; i++) sum += t->evaluated[i];
    return (double)sum / (double)t->problem.settings->batch;
}

/* The map's gradient of mean |T(x) - y*|^2, y* constant. Returns that mean. */
static double regress(training *t) {
    const method_problem *p = &t->problem;
    int64_t batch = p->settings->batch;
    double sum = 0;
    for (int64_t i = 0; i < batch * p->t->dim; i++) {
        real difference = t->moved[i] - t->best[i];
        t->pull[i] = 2 * difference / (real)batch;
        sum += (double)(difference * difference);
    }
    passes_pull(t->mapper, t->pull, 0, p->f->gradient);
    return sum / (double)batch;
}

static enot_status train_step(void *user, int64_t number, step_losses *losses, double *operations) {
    training *t = user;
    const method_problem *p = &t->problem;
    passes_load(t->mapper, p->f->parameters);
    passes_load(t->dual.critic, p->g->parameters);
    draw_batch(t->context, p, p->source, number, t->x);
    draw_batch(t->context, p, p->target, number, t->y);
    passes_map(t->mapper, t->x, t->moved);
    parallel_for(t->context, t->blocks, conjugate_task, t);
    losses->amortisation = regress(t);
    losses->dual = dual_visit(&t->dual, t->x, t->best, NULL);
    losses->dual += dual_ascend(&t->dual, t->y, 0);
    losses->potential = -losses->dual;
    optimizer_update(t->context, &p->settings->optimizer, ops_select(), p->f);
    optimizer_update(t->context, &p->settings->optimizer, ops_select(), p->g);
    *operations = (12 + 2 * batches_evaluated(t)) * passes_operations(t->mapper);
    return ENOT_OK;
}

const method method_w2ot = {
    .name = "w2ot",
    .forms = METHOD_EVERY_FORM,
    .coefficient = METHOD_HAS_NONE,
    .rate = 1,
    .inner = 20,
    .inner_most = 1000,
    .critic = 1,
    .size = sizeof(training),
    .create = create,
    .step = train_step,
    .destroy = destroy,
};
