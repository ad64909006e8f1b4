/*
 * max over g, min over T of mean (c(x, T(x)) - g(T(x))) + mean g(y), without a penalty (Korotin et al. 2021, MM:R): the map
 * descends in every step, on a batch of its own, and the critic ascends in every inner-th one.
 */
#include "core/memory.h"
#include "train/methods/parts.h"

typedef struct training {
    enot_context *context;
    method_problem problem;
    optimizer critic_optimizer;
    passes *mapper, *critic;
    real *x, *y, *moved, *slope, *pull;                  /* [batch, dim] */
    real *cost, *moved_value, *value, *raise, *lower;    /* [batch]; raise, lower: d (- dual) / d g at y and at T(x) */
} training;

static void end(void *user) {
    training *t = user;
    if (!t) return;
    passes_destroy(t->mapper);
    passes_destroy(t->critic);
    real *all[] = {t->x, t->y, t->moved, t->slope, t->pull, t->cost, t->moved_value, t->value, t->raise, t->lower};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) memory_destroy(all[i]);
    memory_destroy(t);
}

static enot_status create_parts(enot_context *context, training *t) {
    const method_problem *p = &t->problem;
    int64_t batch = p->settings->batch, numbers = batch * p->t->dim;
    TRY(passes_create(context, p->t, &p->f->net, batch, 1, p->settings->precision, &t->mapper));
    TRY(passes_create(context, p->t, &p->g->net, batch, 0, p->settings->precision, &t->critic));
    real **matrices[] = {&t->x, &t->y, &t->moved, &t->slope, &t->pull};
    real **vectors[] = {&t->cost, &t->moved_value, &t->value, &t->raise, &t->lower};
    for (int i = 0; i < 5; i++) TRY(MEMORY_NEW(context, numbers, "a training step", matrices[i]));
    for (int i = 0; i < 5; i++) TRY(MEMORY_NEW(context, batch, "a training step", vectors[i]));
    for (int64_t i = 0; i < batch; i++) t->raise[i] = -(t->lower[i] = 1 / (real)batch);
    return ENOT_OK;
}

static enot_status begin(enot_context *context, const method_problem *problem, void **out) {
    training *t;
    TRY(MEMORY_NEW(context, 1, "a training step", &t));
    *t = (training){.context = context, .problem = *problem,
                    .critic_optimizer = optimizer_every(problem->settings, problem->settings->inner)};
    enot_status status = create_parts(context, t);
    if (status) {
        end(t);
        return status;
    }
    *out = t;
    return ENOT_OK;
}

static double mean(const real *values, int64_t count) {
    double sum = 0;
    for (int64_t i = 0; i < count; i++) sum += (double)values[i];
    return sum / (double)count;
}

/* The map's gradient; leaves the critic's passes at T(x). Returns the mean of c(x, T(x)) - g(T(x)). */
static double descend(training *t) {
    const method_problem *p = &t->problem;
    const cost *cost = &p->t->cost;
    int64_t batch = p->settings->batch;
    passes_map(t->mapper, t->x, t->moved);
    passes_potential(t->critic, t->moved, t->moved_value, t->slope);
    cost->kind->value(cost, batch, t->x, t->moved, t->cost);
    cost->kind->gradient(cost, batch, t->x, t->moved, t->pull);
    for (int64_t i = 0; i < batch * p->t->dim; i++) t->pull[i] = (t->pull[i] - t->slope[i]) / (real)batch;
    passes_pull(t->mapper, t->pull, 0, p->f->gradient);
    return mean(t->cost, batch) - mean(t->moved_value, batch);
}

/* The critic's gradient, after descend. Returns the mean of g(y). */
static double ascend(training *t) {
    const method_problem *p = &t->problem;
    passes_push(t->critic, t->lower, 0, p->g->gradient);
    passes_potential(t->critic, t->y, t->value, NULL);
    passes_push(t->critic, t->raise, 1, p->g->gradient);
    return mean(t->value, p->settings->batch);
}

static void train_step(void *user, int64_t number, step_losses *losses, double *operations) {
    training *t = user;
    const method_problem *p = &t->problem;
    int critic_too = number % p->settings->inner == 0;
    passes_load(t->mapper, p->f->parameters);
    passes_load(t->critic, p->g->parameters);
    draw_batch(t->context, p, p->source, number, t->x);
    losses->amortisation = descend(t);
    if (critic_too) {
        draw_batch(t->context, p, p->target, number, t->y);
        losses->dual = losses->amortisation + ascend(t);
        optimizer_update(t->context, &t->critic_optimizer, ops_select(), p->g);
    }
    optimizer_update(t->context, &p->settings->optimizer, ops_select(), p->f);
    losses->potential = -losses->dual;
    *operations = (critic_too ? 12 : 8) * passes_operations(t->mapper);
}

const method method_maxmin = {
    .name = "maxmin",
    .forms = METHOD_EVERY_FORM,
    .coefficient = METHOD_HAS_NONE,
    .inner = 15,
    .inner_most = 1000,
    .begin = begin,
    .step = train_step,
    .end = end,
};
