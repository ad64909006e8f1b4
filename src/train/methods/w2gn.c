/*
 * The dual with cycles in place of a minimum (Korotin et al. 2019), form dot_product: T = grad phi_f, its inverse S = grad phi_g.
 * The critic ascends the dual at T(x), which is constant there; both networks descend lambda times the mean of
 * |S(T(x)) - x|^2 + |T(S(y)) - y|^2, which makes them each other's inverse.
 */
#include "core/memory.h"
#include "train/methods/dual.h"

/* A network at the points of its side, and at those that come from the other one. */
typedef struct side {
    network *network;
    const feed *feed;
    passes *own, *cycled;
    real *points, *moved, *back, *pull; /* [batch, dim]: x, T(x), S(T(x)), and a gradient in one of them */
} side;

typedef struct training {
    enot_context *context;
    method_problem problem;
    side sides[2]; /* source with f, target with g */
    dual dual;
} training;

static void destroy_side(side *s) {
    passes_destroy(s->own);
    passes_destroy(s->cycled);
    real *all[] = {s->points, s->moved, s->back, s->pull};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) memory_destroy(all[i]);
}

static void destroy(void *user) {
    training *t = user;
    for (int i = 0; i < 2; i++) destroy_side(&t->sides[i]);
    dual_destroy(&t->dual);
}

static enot_status create_side(enot_context *context, const method_problem *p, side *s) {
    int64_t batch = p->settings->batch;
    real **matrices[] = {&s->points, &s->moved, &s->back, &s->pull};
    TRY(passes_create(context, p->t, &s->network->net.mlp, batch, 1, p->settings->precision, &s->own));
    TRY(passes_create(context, p->t, &s->network->net.mlp, batch, 1, p->settings->precision, &s->cycled));
    for (int i = 0; i < 4; i++) TRY(MEMORY_NEW(context, batch * p->t->dim, "a training step", matrices[i]));
    return ENOT_OK;
}

static enot_status create(enot_context *context, const method_problem *problem, void *user) {
    training *t = user;
    *t = (training){.context = context, .problem = *problem,
                    .sides = {{.network = problem->f, .feed = problem->source},
                              {.network = problem->g, .feed = problem->target}}};
    for (int i = 0; i < 2; i++) TRY(create_side(context, &t->problem, &t->sides[i]));
    return dual_create(context, &t->problem, &t->dual);
}

/* From a side to the other and back: both networks' gradients of lambda mean |S(T(x)) - x|^2, += if accumulate; the mean. */
static double cycle(training *t, side *from, side *to, int accumulate) {
    const method_problem *p = &t->problem;
    int64_t batch = p->settings->batch;
    real factor = 2 * (real)p->settings->coefficient / (real)batch;
    double sum = 0;
    passes_map(from->own, from->points, from->moved);
    passes_map(to->cycled, from->moved, from->back);
    for (int64_t i = 0; i < batch * p->t->dim; i++) {
        real error = from->back[i] - from->points[i];
        sum += (double)(error * error);
        from->back[i] = factor * error;
    }
    passes_pull(to->cycled, from->back, accumulate, to->network->gradient);
    passes_pull_points(to->cycled, from->back, from->pull);
    passes_pull(from->own, from->pull, accumulate, from->network->gradient);
    return sum / (double)batch;
}

static enot_status train_step(void *user, int64_t number, step_losses *losses, double *operations) {
    training *t = user;
    const method_problem *p = &t->problem;
    side *source = &t->sides[0], *target = &t->sides[1];
    for (int i = 0; i < 2; i++) {
        passes_load(t->sides[i].own, t->sides[i].network->parameters);
        passes_load(t->sides[i].cycled, t->sides[i].network->parameters);
        draw_batch(t->context, p, t->sides[i].feed, number, t->sides[i].points);
    }
    losses->amortisation = cycle(t, source, target, 0);
    losses->amortisation += cycle(t, target, source, 1);
    losses->dual = dual_visit(&t->dual, source->points, source->moved, NULL);
    losses->dual += dual_ascend(&t->dual, target->points, 1);
    losses->potential = p->settings->coefficient * losses->amortisation - losses->dual;
    for (int i = 0; i < 2; i++) optimizer_update(t->context, &p->settings->optimizer, ops_select(), t->sides[i].network);
    *operations = 30 * passes_operations(source->own);
    return ENOT_OK;
}

const method method_w2gn = {
    .name = "w2gn",
    .forms = METHOD_FORM(ENOT_FORM_DOT_PRODUCT),
    .coefficient = 1, /* that of the benchmark's authors, who take means over columns too and multiply by their number */
    .rate = 0.2,
    .inner = METHOD_HAS_NONE,
    .critic = 1,
    .size = sizeof(training),
    .create = create,
    .step = train_step,
    .destroy = destroy,
};
