#include "train/trainer.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"

/* Weight of the newest step in the running mean of the dual estimate. */
static const double DUAL_SHARE = 0.02;

/* Takes net over, also on failure. */
static enot_status create_network(enot_context *context, const settings *s, uint32_t index, architecture net, network *out) {
    TRY(network_create(context, net, s->optimizer.kind, out));
    architecture_initialise(context, &out->net, s->seed, index, out->parameters);
    memcpy(out->average, out->parameters, (size_t)out->weight_count * sizeof(real));
    return ENOT_OK;
}

static enot_status create_networks(enot_context *context, trainer *t) {
    network_sizes sizes = settings_sizes(t->settings);
    architecture f = {0}, g = {0};
    enot_status status = architecture_create_pair(context, &t->t, &sizes, &f, &g);
    if (status) {
        architecture_destroy(&f);
        architecture_destroy(&g);
        return status;
    }
    status = create_network(context, t->settings, 0, f, &t->f);
    if (!status) return create_network(context, t->settings, 1, g, &t->g);
    architecture_destroy(&g);
    return status;
}

static enot_status create_parts(enot_context *context, const coordinates *c, trainer *t) {
    TRY(transport_create_scale(context, &t->t.cost, c->spread, &t->input_scale));
    t->t.scale = t->input_scale;
    TRY(create_networks(context, t));
    TRY(MEMORY_NEW(context, t->f.weight_count, "the best weights", &t->best.f));
    TRY(MEMORY_NEW(context, t->g.weight_count, "the best weights", &t->best.g));
    const settings *s = t->settings;
    if (s->calibrated) TRY(calibration_create(context, t->t.dim, t->input_scale, s->batch, &t->calibration));
    t->method = settings_for_images(s) ? &method_enot_images : method_of(s->method);
    if (t->method)
        return method_begin(context, t->method, &(method_problem){s, &t->t, t->source, t->target, &t->f, &t->g}, &t->training);
    return step_create(context, &t->t, &t->f.net.mlp, &t->g.net.mlp, s->batch, s->expectile, s->coefficient,
                       settings_both_at_once(s), s->precision, s->candidates, &t->step);
}

static void keep(trainer *t) {
    memcpy(t->best.f, t->f.average, (size_t)t->f.weight_count * sizeof(real));
    memcpy(t->best.g, t->g.average, (size_t)t->g.weight_count * sizeof(real));
    t->best.step = t->done;
    t->best.mismatch = t->latest.mismatch;
    t->best.smoothing = settings_smoothing(t->settings, t->done > 0 ? t->done - 1 : 0);
}

static enot_status evaluate_start(enot_context *context, trainer *t) {
    if (!t->judge) return ENOT_OK;
    TRY(MEMORY_NEW(context, judge_rows(t->judge), "the scores of maps", &t->start.shares));
    TRY(MEMORY_NEW(context, judge_rows(t->judge), "the scores of maps", &t->latest.shares));
    TRY(judge_map(context, t->judge, &t->t, &t->f.net, t->f.average, &t->start));
    t->latest.mismatch = t->start.mismatch;
    keep(t);
    return ENOT_OK;
}

static enot_status fail_nonfinite(enot_context *context, const trainer *t) {
    return context_fail(context, ENOT_ERR_NONFINITE,
                        "training met a value that is not finite at step %lld: lower the learning rate (now %g) or lambda "
                        "(now %g); the best map before it was that of step %lld",
                        (long long)t->done, t->settings->optimizer.learning_rate, t->settings->coefficient,
                        (long long)t->best.step);
}

static int all_finite(const step_losses *l) {
    return isfinite(l->amortisation) && isfinite(l->potential) && isfinite(l->dual);
}

/* The start is given up only for a map that is better beyond doubt; after that the least mismatch counts. */
static enot_status evaluate(enot_context *context, trainer *t) {
    if (!t->judge) return ENOT_OK;
    TRY(judge_map(context, t->judge, &t->t, &t->f.net, t->f.average, &t->latest));
    if (!isfinite(t->latest.mismatch)) return fail_nonfinite(context, t);
    t->stale++;
    if (!(t->latest.mismatch < t->best.mismatch) || !judge_better(t->judge, &t->latest, &t->start)) return ENOT_OK;
    keep(t);
    t->stale = 0;
    return ENOT_OK;
}

enot_status trainer_create(enot_context *context, const settings *s, const cost *inner, const feed *source,
                           const feed *target, const judge *judge, trainer **out) {
    trainer *t;
    TRY(MEMORY_NEW(context, 1, "the training", &t));
    *t = (trainer){.settings = s, .source = source, .target = target, .judge = judge,
                   .t = {s->form, *inner, source->dim, NULL}};
    if (s->form == ENOT_FORM_DOT_PRODUCT) t->t.cost.kind = &cost_dot_product;
    enot_status status = create_parts(context, source->coordinates, t);
    if (!status) status = evaluate_start(context, t);
    if (status) {
        trainer_destroy(t);
        return status;
    }
    *out = t;
    return ENOT_OK;
}

void trainer_destroy(trainer *t) {
    if (!t) return;
    trainer_end_steps(t);
    calibration_destroy(t->calibration);
    network_destroy(&t->f);
    network_destroy(&t->g);
    memory_destroy(t->best.f);
    memory_destroy(t->best.g);
    memory_destroy(t->start.shares);
    memory_destroy(t->latest.shares);
    memory_destroy(t->input_scale);
    memory_destroy(t);
}

/* What is needed to draw one step's batch: mapped side first. */
typedef struct drawing {
    enot_context *context;
    const feed *from, *to;
    int64_t step, batch;
    double smoothing;
    const cost *cost;
    calibration *calibration;
    int reversed;
} drawing;

static void draw(void *user, int64_t first, int64_t count, real *x, real *y) {
    const drawing *d = user;
    const manifold *m = d->cost->kind->manifold;
    feed_draw(d->from, d->step, d->batch, d->smoothing, first, count, x);
    feed_draw(d->to, d->step, d->batch, d->smoothing, first, count, y);
    if (!m) return;
    m->project(d->cost, count, x);
    m->project(d->cost, count, y);
}

/* The calibration has the source first. */
static void weigh(void *user, const real *const points[2], real *const weights[2]) {
    const drawing *d = user;
    int source = d->reversed, target = 1 - d->reversed;
    calibration_weigh(d->context, d->calibration, d->step, (const real *const[2]){points[source], points[target]},
                      (real *const[2]){weights[source], weights[target]});
}

static double operations_of_a_step(const trainer *t) {
    double passes = settings_both_at_once(t->settings) ? 18 : t->t.form == ENOT_FORM_VECTOR_FIELD ? 9 : 12;
    return passes * architecture_pass_operations(&t->f.net, t->settings->batch);
}

/* Both networks' updates by ENOT's losses. */
static enot_status descend(enot_context *context, trainer *t, step_losses *losses) {
    const settings *s = t->settings;
    int reversed = settings_reversed(s, t->done);
    network *mapper = reversed ? &t->g : &t->f, *critic = reversed ? &t->f : &t->g;
    drawing d = {context, reversed ? t->target : t->source, reversed ? t->source : t->target, t->done, s->batch,
                 settings_smoothing(s, t->done), &t->t.cost, t->calibration, reversed};
    step_gradients(t->step, &(step_batch){draw, t->calibration ? weigh : NULL, &d}, &(step_network){&mapper->net.mlp, mapper->parameters, mapper->gradient},
                   &(step_network){&critic->net.mlp, critic->parameters, critic->gradient}, losses);
    t->operations += operations_of_a_step(t);
    if (!all_finite(losses)) return fail_nonfinite(context, t);
    const ops *ops = ops_select();
    optimizer_update(context, &s->optimizer, ops, mapper);
    optimizer_update(context, &s->optimizer, ops, critic);
    return ENOT_OK;
}

/* The same by those of another method. */
static enot_status follow_method(enot_context *context, trainer *t, step_losses *losses) {
    double operations = 0;
    losses->dual = t->dual;
    TRY(t->method->step(t->training, t->done, losses, &operations));
    t->operations += operations;
    return all_finite(losses) ? ENOT_OK : fail_nonfinite(context, t);
}

enot_status trainer_step(enot_context *context, trainer *t) {
    const settings *s = t->settings;
    step_losses losses;
    t->t.ridge = (real)settings_ridge(s, t->done);
    TRY(t->method ? follow_method(context, t, &losses) : descend(context, t, &losses));
    t->dual = t->done == 0 ? losses.dual : t->dual + DUAL_SHARE * (losses.dual - t->dual);
    t->done++;
    return trainer_evaluated(t) ? evaluate(context, t) : ENOT_OK;
}

int trainer_evaluated(const trainer *t) {
    const settings *s = t->settings;
    return t->done > 0 && (t->done % s->evaluate_every == 0 || t->done == s->optimizer.steps);
}

void trainer_end_steps(trainer *t) {
    if (!t) return;
    step_destroy(t->step);
    t->step = NULL;
    method_end(t->method, t->training);
    t->training = NULL;
}

int trainer_finished(const trainer *t) {
    const settings *s = t->settings;
    return t->done >= s->optimizer.steps || (s->patience > 0 && t->stale >= s->patience);
}

int trainer_state(trainer *t, trainer_vector vectors[TRAINER_VECTORS]) {
    vectors[0] = (trainer_vector){"f", t->f.parameters, NETWORK_STATE_VECTORS * t->f.weight_count};
    vectors[1] = (trainer_vector){"g", t->g.parameters, NETWORK_STATE_VECTORS * t->g.weight_count};
    vectors[2] = (trainer_vector){"best.f", t->best.f, t->f.weight_count};
    vectors[3] = (trainer_vector){"best.g", t->best.g, t->g.weight_count};
    int count = 4;
    trainer_vector more[3] = {{.name = "calibration"}, {.name = "f.optimizer"}, {.name = "g.optimizer"}};
    if (t->calibration) more[0].values = calibration_means(t->calibration, &more[0].count);
    more[1].values = network_own(&t->f, &more[1].count);
    more[2].values = network_own(&t->g, &more[2].count);
    for (int i = 0; i < 3; i++)
        if (more[i].values) vectors[count++] = more[i];
    return count;
}
