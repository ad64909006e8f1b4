/*
 * The dual with conjugates that are solved for (Amos 2023): from T(x) L-BFGS goes on to y* = argmin c(x, y) - g(y), the critic
 * ascends the dual at y*, and the map descends mean |T(x) - y*|^2 to begin closer the next time.
 */
#include "core/least.h"
#include "core/memory.h"
#include "core/parallel.h"
#include "train/methods/conjugate.h"
#include "train/methods/dual.h"

/* Largest entry of the gradient in y at which a point is good enough; the published one (gtol). */
#define TOLERANCE 0.1

typedef struct training {
    enot_context *context;
    method_problem problem;
    passes *mapper;
    dual dual;
    conjugate conjugate;
    int64_t blocks;
    real *x, *y, *moved, *best, *pull; /* [batch, dim]; best: y* */
    int64_t *evaluated;                /* [blocks] points in the last step */
} training;

static void destroy(void *user) {
    training *t = user;
    passes_destroy(t->mapper);
    dual_destroy(&t->dual);
    conjugate_destroy(&t->conjugate);
    void *all[] = {t->x, t->y, t->moved, t->best, t->pull, t->evaluated};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) memory_destroy(all[i]);
}

static enot_status create(enot_context *context, const method_problem *problem, void *user) {
    training *t = user;
    *t = (training){.context = context, .problem = *problem, .blocks = (problem->settings->batch + PASSES_ROWS - 1) / PASSES_ROWS};
    const method_problem *p = &t->problem;
    int64_t batch = p->settings->batch, dim = p->t->dim;
    TRY(passes_create(context, p->t, &p->f->net.mlp, batch, 1, p->settings->precision, &t->mapper));
    TRY(dual_create(context, p, &t->dual));
    TRY(conjugate_create(context, p->t, t->dual.critic, &t->conjugate));
    real **matrices[] = {&t->x, &t->y, &t->moved, &t->best, &t->pull};
    for (int i = 0; i < 5; i++) TRY(MEMORY_NEW(context, batch * dim, "a training step", matrices[i]));
    return MEMORY_NEW(context, t->blocks, "a training step", &t->evaluated);
}

static void conjugate_task(void *user, int64_t index, int worker) {
    training *t = user;
    const settings *settings = t->problem.settings;
    int64_t first = index * PASSES_ROWS, count = least(PASSES_ROWS, settings->batch - first), at = first * t->problem.t->dim;
    t->evaluated[index] =
        conjugate_solve(&t->conjugate, worker, count, t->x + at, t->moved + at, settings->inner, (real)TOLERANCE, t->best + at);
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
