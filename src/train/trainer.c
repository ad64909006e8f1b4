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
    t->method = method_for(t->settings);
    return method_begin(context, t->method, &(method_problem){t->settings, &t->t, t->source, t->target, &t->f, &t->g}, &t->training);
}

static void keep(trainer *t) {
    memcpy(t->best.f, t->f.average, (size_t)t->f.weight_count * sizeof(real));
    memcpy(t->best.g, t->g.average, (size_t)t->g.weight_count * sizeof(real));
    t->best.step = t->done;
    t->best.mismatch = t->latest.mismatch;
    t->best.merit = t->judge ? judge_merit(t->judge, &t->latest) : 0;
    t->best.smoothing = settings_smoothing(t->settings, t->done > 0 ? t->done - 1 : 0);
}

static enot_status judge_now(enot_context *context, const trainer *t, judge_score *score) {
    return judge_map(context, t->judge, &t->t, &(judge_networks){&t->f.net, &t->g.net, t->f.average, t->g.average}, score);
}

enot_status trainer_judge(enot_context *context, trainer *t) { return t->judge ? judge_now(context, t, &t->latest) : ENOT_OK; }

static enot_status evaluate_start(enot_context *context, trainer *t) {
    if (!t->judge) return ENOT_OK;
    TRY(judge_score_create(context, t->judge, &t->start));
    TRY(judge_score_create(context, t->judge, &t->latest));
    TRY(judge_now(context, t, &t->start));
    t->latest.mismatch = t->start.mismatch;
    t->latest.semidual = t->start.semidual;
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

/* The start is given up only for a map that is better beyond doubt; after that the judge's merit counts. */
static enot_status evaluate(enot_context *context, trainer *t) {
    if (!t->judge) return ENOT_OK;
    TRY(trainer_judge(context, t));
    if (!isfinite(t->latest.mismatch)) return fail_nonfinite(context, t);
    t->stale++;
    if (!(judge_merit(t->judge, &t->latest) > t->best.merit) || !judge_better(t->judge, &t->latest, &t->start)) return ENOT_OK;
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
    network_destroy(&t->f);
    network_destroy(&t->g);
    memory_destroy(t->best.f);
    memory_destroy(t->best.g);
    judge_score_destroy(&t->start);
    judge_score_destroy(&t->latest);
    memory_destroy(t->input_scale);
    memory_destroy(t);
}

enot_status trainer_step(enot_context *context, trainer *t) {
    step_losses losses = {.dual = t->dual};
    double operations = 0;
    t->t.ridge = (real)settings_ridge(t->settings, t->done);
    TRY(t->method->step(t->training, t->done, &losses, &operations));
    t->operations += operations;
    if (!step_losses_finite(&losses)) return fail_nonfinite(context, t);
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
    trainer_vector more[3] = {{.name = "training"}, {.name = "f.optimizer"}, {.name = "g.optimizer"}};
    if (t->method->state) more[0].values = t->method->state(t->training, &more[0].count);
    more[1].values = network_own(&t->f, &more[1].count);
    more[2].values = network_own(&t->g, &more[2].count);
    for (int i = 0; i < 3; i++)
        if (more[i].values) vectors[count++] = more[i];
    return count;
}
