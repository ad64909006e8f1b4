#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/memory.h"
#include "fit/budget.h"
#include "fit/checkpoint.h"
#include "fit/evaluate.h"
#include "fit/plan.h"
#include "fit/record.h"
#include "map/map.h"

/* A fit on its way. */
typedef struct run {
    enot_context *context;
    const enot_fit_options *options;
    plan *plan;
    trainer *trainers[2]; /* from source to target; of the reverse pair, NULL if there is none */
    checkpoint_identity identity;
    double started, earlier;  /* seconds: on the clock, and of runs before this one */
    double checkpointed;      /* on the clock */
    double bytes;             /* see enot_progress */
} run;

static double seconds_so_far(const run *r) { return clock_seconds() - r->started + r->earlier; }

static enot_status write_checkpoint(run *r) {
    if (!r->options->checkpoint) return ENOT_OK;
    r->checkpointed = clock_seconds();
    return checkpoint_write(r->context, r->options->checkpoint, &r->identity, r->trainers, seconds_so_far(r));
}

/* The one that trains longer says how far the fit is. */
static const trainer *last_trainer(const run *r) {
    return r->trainers[1] && r->trainers[1]->done > r->trainers[0]->done ? r->trainers[1] : r->trainers[0];
}

/* Nonzero if the user wants to stop. */
static int report_progress(const run *r, const char *stage) {
    if (!r->options->progress) return 0;
    const trainer *t = last_trainer(r);
    enot_progress progress = {sizeof progress, stage, t->done, r->plan->settings.optimizer.steps, seconds_so_far(r),
                              duals_leave(&r->plan->duals, t->dual), t->latest.mismatch, t->best.mismatch,
                              settings_smoothing(&r->plan->settings, t->done), r->bytes};
    return r->options->progress(r->options->progress_user, &progress);
}

static enot_status cancel(run *r) {
    TRY(write_checkpoint(r));
    return context_fail(r->context, ENOT_ERR_CANCELLED, "stopped at step %lld of %lld", (long long)last_trainer(r)->done,
                        (long long)r->plan->settings.optimizer.steps);
}

static int finished(const run *r) {
    return trainer_finished(r->trainers[0]) && (!r->trainers[1] || trainer_finished(r->trainers[1]));
}

/* Averaged weights: of the snapshot that is kept, or of this moment. */
typedef enum weights_kind { WEIGHTS_BEST, WEIGHTS_LATEST } weights_kind;

static void copy_weights(const run *r, weights_kind kind, const enot_map *map) {
    map_network networks[MAP_NETWORKS];
    int count = map_networks(map, networks);
    for (int i = 0; i < count; i++) {
        const trainer *t = r->trainers[i / 2];
        const real *best = i % 2 ? t->best.g : t->best.f, *latest = i % 2 ? t->g.average : t->f.average;
        memcpy(networks[i].weights, kind == WEIGHTS_BEST ? best : latest, (size_t)architecture_weights(networks[i].net) * sizeof(real));
    }
}

static enot_status copy_record(enot_context *context, const char *record, char **out) {
    *out = strdup(record);
    return *out ? ENOT_OK : context_fail_memory(context, strlen(record), "the record of a fit");
}

/* A map with a copy of the plan's coordinates and weights. */
static enot_status make_map(run *r, weights_kind kind, enot_map **out) {
    const plan *p = r->plan;
    const settings *s = &p->settings;
    network_sizes sizes = settings_sizes(s);
    coordinates *c;
    enot_map *map;
    TRY(coordinates_copy(r->context, p->coordinates, &c));
    TRY(map_create(r->context, c, &map));
    enot_status status = map_set_networks(r->context, map, s->form, &s->cost, &sizes);
    if (!status && s->reverse) status = map_add_reverse(r->context, map);
    if (!status) status = copy_record(r->context, p->record, &map->options);
    if (status) {
        enot_map_destroy(map);
        return status;
    }
    copy_weights(r, kind, map);
    const snapshot *best = &r->trainers[0]->best;
    map->t.ridge = (real)settings_ridge(s, best->step > 0 ? best->step - 1 : 0);
    map->scale = s->scale;
    map->origin = (map_origin){s->seed, {p->samples[0]->fingerprint, p->samples[1]->fingerprint}, s->validation, best->step,
                               best->smoothing};
    *out = map;
    return ENOT_OK;
}

/* Shows the user the map as it is now. */
static enot_status show_snapshot(run *r) {
    enot_map *map;
    TRY(make_map(r, WEIGHTS_LATEST, &map));
    r->options->snapshot(r->options->snapshot_user, map);
    enot_map_destroy(map);
    return ENOT_OK;
}

static enot_status train(run *r) {
    double interval = r->options->checkpoint_seconds;
    r->checkpointed = clock_seconds();
    while (!finished(r)) {
        for (int side = 0; side < 2; side++)
            if (r->trainers[side] && !trainer_finished(r->trainers[side])) TRY(trainer_step(r->context, r->trainers[side]));
        if (r->options->snapshot && trainer_evaluated(r->trainers[0])) TRY(show_snapshot(r));
        if (report_progress(r, "train")) return cancel(r);
        if (interval > 0 && clock_seconds() - r->checkpointed >= interval) TRY(write_checkpoint(r));
    }
    return ENOT_OK;
}

static enot_status make_report(run *r, enot_map *map, enot_report *report) {
    const split *source = &r->plan->splits[0], *target = &r->plan->splits[1];
    *report = (enot_report)ENOT_REPORT_INIT;
    TRY(evaluate_map(r->context, map, (evaluate_side){source, SPLIT_REPORT}, (evaluate_side){target, SPLIT_REPORT},
                     evaluate_rows(map), r->plan->settings.seed, report));
    report->steps = map->origin.steps;
    report->smoothing = map->origin.smoothing;
    report->held_out = source->held_out && target->held_out;
    report->seconds = seconds_so_far(r);
    return record_report(r->context, report, &map->report);
}

static enot_status finish(run *r, enot_map **map, enot_report *report) {
    enot_map *made;
    enot_report found;
    for (int side = 0; side < 2; side++) trainer_end_steps(r->trainers[side]);
    TRY(make_map(r, WEIGHTS_BEST, &made));
    enot_status status = make_report(r, made, &found);
    if (status) {
        enot_map_destroy(made);
        return status;
    }
    if (report) *report = found;
    *map = made;
    return ENOT_OK;
}

static enot_status resume(run *r) {
    if (!r->options->resume) return ENOT_OK;
    if (!r->options->checkpoint)
        return context_fail(r->context, ENOT_ERR_ARGUMENT, "resume needs the checkpoint to resume from");
    return checkpoint_read(r->context, r->options->checkpoint, &r->identity, r->trainers, &r->earlier);
}

/* What is known of the map before a value that is not finite is kept; the message of the failure stays. */
static void rescue(run *r, enot_map **map) {
    char message[CONTEXT_MESSAGE_CAPACITY];
    memcpy(message, r->context->message, sizeof message);
    if (finish(r, map, NULL) != ENOT_OK) *map = NULL;
    memcpy(r->context->message, message, sizeof message);
}

static enot_status fit(run *r, const enot_samples *source, const enot_samples *target, enot_map **map, enot_report *report) {
    enot_context *context = r->context;
    TRY(plan_create(context, source, target, r->options, &r->plan));
    plan *p = r->plan;
    TRY(plan_create_judges(context, p));
    r->identity = (checkpoint_identity){p->record, {source->fingerprint, target->fingerprint}};
    for (int side = 0; side <= p->settings.reverse; side++) TRY(plan_create_trainer(context, p, side, &r->trainers[side]));
    TRY(resume(r));
    r->bytes = plan_bytes(context, p, r->trainers[0]);
    if (r->bytes > 0 && report_progress(r, "start")) return cancel(r);
    enot_status status = train(r);
    if (status == ENOT_ERR_NONFINITE) rescue(r, map);
    if (status) return status;
    report_progress(r, "report");
    return finish(r, map, report);
}

enot_status enot_fit(enot_context *context, const enot_samples *source, const enot_samples *target,
                     const enot_fit_options *options, enot_map **map, enot_report *report) {
    enot_fit_options o = ENOT_FIT_OPTIONS_INIT;
    if (options) memcpy(&o, options, options->size < sizeof o ? options->size : sizeof o);
    run r = {.context = context, .options = &o, .started = clock_seconds()};
    *map = NULL;
    enot_status status = budget_plan(context, source, target, 1, &o);
    if (!status) status = fit(&r, source, target, map, report);
    for (int side = 0; side < 2; side++) trainer_destroy(r.trainers[side]);
    plan_destroy(r.plan);
    return status;
}
