/*
 * Both networks descend ENOT's losses on one batch: in one direction, in both at once, or in the two by turns. Rows are drawn, and
 * weighed where batches are calibrated, from within the step.
 */
#include "train/methods/enot.h"

#include "train/batches/calibration.h"
#include "train/batches/growth.h"

typedef struct training {
    enot_context *context;
    method_problem problem;
    step *step; /* of so many rows */
    int64_t rows;
    calibration *calibration; /* NULL: all rows of a batch weigh the same */
} training;

static void destroy(void *user) {
    training *t = user;
    step_destroy(t->step);
    calibration_destroy(t->calibration);
}

/* A step for batches of so many rows in the place of another. */
static enot_status resize(training *t, int64_t rows) {
    const method_problem *p = &t->problem;
    const settings *s = p->settings;
    if (t->rows == rows) return ENOT_OK;
    step_destroy(t->step);
    t->step = NULL;
    t->rows = rows;
    return step_create(t->context, p->t, &p->f->net.mlp, &p->g->net.mlp, rows, s->expectile, s->coefficient,
                       settings_both_at_once(s), s->precision, s->candidates, &t->step);
}

static enot_status create(enot_context *context, const method_problem *p, void *user) {
    training *t = user;
    const settings *s = p->settings;
    *t = (training){.context = context, .problem = *p};
    if (s->calibrated) TRY(calibration_create(context, p->t->dim, p->t->scale, s->batch, &t->calibration));
    return resize(t, growth_rows(s, 0));
}

/* What is needed to draw one step's batch: mapped side first. */
typedef struct drawing {
    training *training;
    const feed *from, *to;
    int64_t drawn, whole; /* before this step: rows, and whole batches; whole is below 0 where batches are small */
    double smoothing;
    int reversed;
} drawing;

static void draw(void *user, int64_t first, int64_t count, real *x, real *y) {
    const drawing *d = user;
    const method_problem *p = &d->training->problem;
    const cost *c = &p->t->cost;
    const manifold *m = c->kind->manifold;
    feed_draw(d->from, d->smoothing, d->drawn + first, count, x);
    feed_draw(d->to, d->smoothing, d->drawn + first, count, y);
    if (!m) return;
    m->project(c, count, x);
    m->project(c, count, y);
}

/* The calibration has the source first, and whole batches only: small ones have too few rows for its features. */
static void weigh(void *user, const real *const points[2], real *const weights[2]) {
    const drawing *d = user;
    int source = d->reversed, target = 1 - d->reversed;
    calibration_weigh(d->training->context, d->training->calibration, d->whole,
                      (const real *const[2]){points[source], points[target]}, (real *const[2]){weights[source], weights[target]});
}

static double operations_of(const method_problem *p, int64_t rows) {
    double passes = settings_both_at_once(p->settings) ? 18 : p->t->form == ENOT_FORM_VECTOR_FIELD ? 9 : 12;
    return passes * architecture_pass_operations(&p->f->net, rows);
}

static step_network parts_of(const network *n) { return (step_network){&n->net.mlp, n->parameters, n->gradient}; }

static enot_status train_step(void *user, int64_t number, step_losses *losses, double *operations) {
    training *t = user;
    const method_problem *p = &t->problem;
    int reversed = settings_reversed(p->settings, number);
    network *mapper = reversed ? p->g : p->f, *critic = reversed ? p->f : p->g;
    drawing d = {t, reversed ? p->target : p->source, reversed ? p->source : p->target,
                 growth_rows_before(p->settings, number), number - growth_steps(p->settings), settings_smoothing(p->settings, number), reversed};
    TRY(resize(t, growth_rows(p->settings, number)));
    int calibrated = t->calibration && d.whole >= 0;
    const step_network networks[2] = {parts_of(mapper), parts_of(critic)};
    step_gradients(t->step, &(step_batch){draw, calibrated ? weigh : NULL, &d}, &networks[0], &networks[1], losses);
    *operations = operations_of(p, t->rows);
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
