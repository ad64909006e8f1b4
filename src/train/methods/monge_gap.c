/*
 * T alone, without potentials (Uscidda and Cuturi 2023): the Sinkhorn divergence between T(x) and y says whether T arrives, the
 * Monge gap mean c(x, T(x)) - OT_eps(x, T(x)) whether it goes the cheapest way. Couplings are constants in the gradient.
 */
#include "core/memory.h"
#include "train/methods/parts.h"
#include "train/methods/sinkhorn.h"

/* Part of the mean cost that epsilon is, and how exact couplings are. */
#define EPSILON 0.01
#define TOLERANCE 0.01

typedef struct training {
    enot_context *context;
    method_problem problem;
    passes *mapper;
    sinkhorn *sinkhorn;
    real *x, *y, *moved, *pull; /* [batch, dim] */
    real *cost;                 /* [batch] */
    int64_t iterations;         /* in the last step */
} training;

static void destroy(void *user) {
    training *t = user;
    passes_destroy(t->mapper);
    sinkhorn_destroy(t->sinkhorn);
    real *all[] = {t->x, t->y, t->moved, t->pull, t->cost};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) memory_destroy(all[i]);
}

static enot_status create(enot_context *context, const method_problem *problem, void *user) {
    training *t = user;
    *t = (training){.context = context, .problem = *problem};
    const method_problem *p = &t->problem;
    int64_t batch = p->settings->batch;
    real **matrices[] = {&t->x, &t->y, &t->moved, &t->pull};
    TRY(passes_create(context, p->t, &p->f->net.mlp, batch, 1, p->settings->precision, &t->mapper));
    TRY(sinkhorn_create(context, &p->t->cost, batch, &t->sinkhorn));
    for (int i = 0; i < 4; i++) TRY(MEMORY_NEW(context, batch * p->t->dim, "a training step", matrices[i]));
    return MEMORY_NEW(context, batch, "a training step", &t->cost);
}

/* factor OT_eps(T(x), to), whose gradient in T(x) joins the pull with the factor `share`. */
static double transport_term(training *t, const real *to, double epsilon, double factor, double share) {
    const sinkhorn_options options = {epsilon, t->problem.settings->inner, TOLERANCE};
    int64_t iterations;
    double value = sinkhorn_solve(t->sinkhorn, t->moved, to, &options, &iterations);
    sinkhorn_pull(t->sinkhorn, t->moved, to, (real)share, t->pull);
    t->iterations += iterations;
    return factor * value;
}

/* lambda mean c(x, T(x)), the pull begins with its gradient. *cost: the mean. */
static double cost_term(training *t, double *cost) {
    const method_problem *p = &t->problem;
    const struct cost *c = &p->t->cost;
    int64_t batch = p->settings->batch;
    double sum = 0, lambda = p->settings->coefficient;
    c->kind->value(c, batch, t->x, t->moved, t->cost);
    c->kind->gradient(c, batch, t->x, t->moved, t->pull);
    for (int64_t i = 0; i < batch; i++) sum += (double)t->cost[i];
    for (int64_t i = 0; i < batch * p->t->dim; i++) t->pull[i] *= (real)(lambda / (double)batch);
    *cost = sum / (double)batch;
    return lambda * *cost;
}

/* The loss and, in t->pull, its gradient in T(x); less OT_eps(y, y) / 2, which is constant. *cost: mean c(x, T(x)). */
static double monge_gap_loss(training *t, double *cost) {
    double lambda = t->problem.settings->coefficient, loss = cost_term(t, cost);
    double epsilon = EPSILON * sinkhorn_mean_cost(t->sinkhorn, t->moved, t->y);
    /* Both arguments of OT_eps(T(x), T(x)) are T(x), so half of it has the gradient of one argument. */
    loss += transport_term(t, t->moved, epsilon, -.5, -1);
    loss += transport_term(t, t->y, epsilon, 1, 1);
    return loss + transport_term(t, t->x, EPSILON * sinkhorn_mean_cost(t->sinkhorn, t->moved, t->x), -lambda, -lambda);
}

static enot_status train_step(void *user, int64_t number, step_losses *losses, double *operations) {
    training *t = user;
    const method_problem *p = &t->problem;
    t->iterations = 0;
    passes_load(t->mapper, p->f->parameters);
    draw_batch(t->context, p, p->source, number, t->x);
    draw_batch(t->context, p, p->target, number, t->y);
    passes_map(t->mapper, t->x, t->moved);
    losses->amortisation = losses->potential = monge_gap_loss(t, &losses->dual);
    passes_pull(t->mapper, t->pull, 0, p->f->gradient);
    optimizer_update(t->context, &p->settings->optimizer, ops_select(), p->f);
    *operations = 3 * passes_operations(t->mapper) + (double)t->iterations * sinkhorn_operations(t->sinkhorn);
    return ENOT_OK;
}

const method method_monge_gap = {
    .name = "monge-gap",
    .forms = METHOD_FORM(ENOT_FORM_VECTOR_FIELD),
    .coefficient = 1,
    .rate = 0.2,
    .inner = 200,
    .inner_most = 1000000,
    .size = sizeof(training),
    .create = create,
    .step = train_step,
    .destroy = destroy,
};
