/*
 * Both networks descend ENOT's losses on one batch: in one direction, in both at once, or in the two by turns. Rows are drawn, and
 * weighed where batches are calibrated, from within the step.
 */
#include "train/methods/enot.h"

#include "train/batches/calibration.h"

typedef struct training {
    enot_context *context;
    method_problem problem;
    step *step;
    calibration *calibration; /* NULL: all rows of a batch weigh the same */
} training;

static void destroy(void *user) {
    training *t = user;
    step_destroy(t->step);
    calibration_destroy(t->calibration);
}

static enot_status create(enot_context *context, const method_problem *p, void *user) {
    training *t = user;
    const settings *s = p->settings;
    *t = (training){.context = context, .problem = *p};
    if (s->calibrated) TRY(calibration_create(context, p->t->dim, p->t->scale, s->batch, &t->calibration));
    return step_create(context, p->t, &p->f->net.mlp, &p->g->net.mlp, s->batch, s->expectile, s->coefficient,
                       settings_both_at_once(s), s->precision, s->candidates, &t->step);
}

/* What is needed to draw one step's batch: mapped side first. */
typedef struct drawing {
    training *training;
    const feed *from, *to;
    int64_t number;
    double smoothing;
    int reversed;
} drawing;

static void draw(void *user, int64_t first, int64_t count, real *x, real *y) {
    const drawing *d = user;
    const method_problem *p = &d->training->problem;
    const cost *c = &p->t->cost;
    const manifold *m = c->kind->manifold;
    feed_draw(d->from, d->number, p->settings->batch, d->smoothing, first, count, x);
    feed_draw(d->to, d->number, p->settings->batch, d->smoothing, first, count, y);
    if (!m) return;
    m->project(c, count, x);
    m->project(c, count, y);
}

/* The calibration has the source first. */
static void weigh(void *user, const real *const points[2], real *const weights[2]) {
    const drawing *d = user;
    int source = d->reversed, target = 1 - d->reversed;
    calibration_weigh(d->training->context, d->training->calibration, d->number,
                      (const real *const[2]){points[source], points[target]}, (real *const[2]){weights[source], weights[target]});
}

static double operations_of(const method_problem *p) {
    double passes = settings_both_at_once(p->settings) ? 18 : p->t->form == ENOT_FORM_VECTOR_FIELD ? 9 : 12;
    return passes * architecture_pass_operations(&p->f->net, p->settings->batch);
}

static step_network parts_of(const network *n) { return (step_network){&n->net.mlp, n->parameters, n->gradient}; }

static enot_status train_step(void *user, int64_t number, step_losses *losses, double *operations) {
    training *t = user;
    const method_problem *p = &t->problem;
    int reversed = settings_reversed(p->settings, number);
    network *mapper = reversed ? p->g : p->f, *critic = reversed ? p->f : p->g;
    drawing d = {t, reversed ? p->target : p->source, reversed ? p->source : p->target, number,
                 settings_smoothing(p->settings, number), reversed};
    const step_network networks[2] = {parts_of(mapper), parts_of(critic)};
    step_gradients(t->step, &(step_batch){draw, t->calibration ? weigh : NULL, &d}, &networks[0], &networks[1], losses);
    *operations = operations_of(p);
    if (!step_losses_finite(losses)) return ENOT_OK;
    optimizer_update(t->context, &p->settings->optimizer, ops_select(), mapper);
    optimizer_update(t->context, &p->settings->optimizer, ops_select(), critic);
    return ENOT_OK;
}

static real *state(const void *user, int64_t *count) {
    const training *t = user;
    return t->calibration ? calibration_means(t->calibration, count) : NULL;
}

const char *method_enot_precision(const void *user) { return step_precision(((const training *)user)->step); }

const method method_enot = {
    .name = "enot",
    .forms = METHOD_EVERY_FORM,
    .rate = 1,
    .inner = METHOD_HAS_NONE,
    .critic = 1,
    .size = sizeof(training),
    .create = create,
    .step = train_step,
    .state = state,
    .destroy = destroy,
};
