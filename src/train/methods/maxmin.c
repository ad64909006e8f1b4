/*
 * max over g, min over T of mean (c(x, T(x)) - g(T(x))) + mean g(y), without a penalty (Korotin et al. 2021, MM:R): the map
 * descends in every step, on a batch of its own, and the critic ascends in every inner-th one.
 */
#include "core/memory.h"
#include "train/methods/dual.h"

typedef struct training {
    enot_context *context;
    method_problem problem;
    optimizer critic_optimizer;
    passes *mapper;
    dual dual;
    real *x, *y, *moved, *slope, *pull; /* [batch, dim] */
} training;

static void destroy(void *user) {
    training *t = user;
    passes_destroy(t->mapper);
    dual_destroy(&t->dual);
    real *all[] = {t->x, t->y, t->moved, t->slope, t->pull};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) memory_destroy(all[i]);
}

static enot_status create(enot_context *context, const method_problem *problem, void *user) {
    training *t = user;
    *t = (training){.context = context, .problem = *problem,
                    .critic_optimizer = optimizer_every(problem->settings, problem->settings->inner)};
    const method_problem *p = &t->problem;
    real **matrices[] = {&t->x, &t->y, &t->moved, &t->slope, &t->pull};
    TRY(passes_create(context, p->t, &p->f->net.mlp, p->settings->batch, 1, p->settings->precision, &t->mapper));
    TRY(dual_create(context, p, &t->dual));
    for (int i = 0; i < 5; i++) TRY(MEMORY_NEW(context, p->settings->batch * p->t->dim, "a training step", matrices[i]));
    return ENOT_OK;
}

/* The map's gradient of mean (c(x, T(x)) - g(T(x))), which is returned; leaves the critic at T(x). */
static double descend(training *t) {
    const method_problem *p = &t->problem;
    int64_t batch = p->settings->batch;
    passes_load(t->mapper, p->f->parameters);
    passes_map(t->mapper, t->x, t->moved);
    double loss = dual_visit(&t->dual, t->x, t->moved, t->slope);
    p->t->cost.kind->gradient(&p->t->cost, batch, t->x, t->moved, t->pull);
    for (int64_t i = 0; i < batch * p->t->dim; i++) t->pull[i] = (t->pull[i] - t->slope[i]) / (real)batch;
    passes_pull(t->mapper, t->pull, 0, p->f->gradient);
    return loss;
}

static enot_status train_step(void *user, int64_t number, step_losses *losses, double *operations) {
    training *t = user;
    const method_problem *p = &t->problem;
    int critic_too = number % p->settings->inner == 0;
    draw_batch(t->context, p, p->source, number, t->x);
    losses->amortisation = descend(t);
    if (critic_too) {
        draw_batch(t->context, p, p->target, number, t->y);
        losses->dual = losses->amortisation + dual_ascend(&t->dual, t->y, 0);
        optimizer_update(t->context, &t->critic_optimizer, ops_select(), p->g);
    }
    optimizer_update(t->context, &p->settings->optimizer, ops_select(), p->f);
    losses->potential = -losses->dual;
    *operations = (critic_too ? 12 : 8) * passes_operations(t->mapper);
    return ENOT_OK;
}

const method method_maxmin = {
    .name = "maxmin",
    .forms = METHOD_EVERY_FORM,
    .coefficient = METHOD_HAS_NONE,
    .rate = 1,
    .inner = 15, /* K_T of the benchmark's authors */
    .inner_most = 1000,
    .critic = 1,
    .size = sizeof(training),
    .create = create,
    .step = train_step,
    .destroy = destroy,
};
