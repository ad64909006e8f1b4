#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bench/w2_truth.h"
#include "core/clock.h"
#include "core/memory.h"
#include "fit/budget.h"
#include "train/batches/growth.h"

/* Seconds from the start to the first score, and how the distance grows. */
#define FIRST_SCORE 0.1
#define SCORE_GROWTH 1.4

typedef struct bench {
    enot_context *context;
    const enot_w2_options *options;
    enot_samples *samples[2]; /* source, target */
    w2_truth *truth;
    plan *plan;
    trainer *trainer;
    enot_w2_score score;
} bench;

static enot_status open_side(bench *b, const char *kind, const char *path, int side) {
    char spec[4096];
    if (snprintf(spec, sizeof spec, "measure:%s:%s", kind, path) >= (int)sizeof spec)
        return context_fail(b->context, ENOT_ERR_ARGUMENT, "the path of the benchmark pair is too long: %.60s...", path);
    return enot_samples_open(b->context, spec, NULL, &b->samples[side]);
}

static enot_status begin_training(bench *b, const enot_fit_options *fit) {
    double started = clock_seconds();
    TRY(plan_create(b->context, b->samples[0], b->samples[1], fit, &b->plan));
    TRY(plan_create_trainer(b->context, b->plan, 0, &b->trainer));
    b->score.seconds = clock_seconds() - started;
    return ENOT_OK;
}

/* Nonzero *stop if the user has seen enough. */
static enot_status take_score(bench *b, int *stop) {
    double started = clock_seconds();
    const trainer *t = b->trainer;
    const plan *p = b->plan;
    b->score.steps = t->done;
    b->score.samples = growth_rows_before(&p->settings, t->done);
    b->score.operations = t->operations;
    b->score.dual = t->done > 0 ? duals_leave(&p->duals, t->dual) : NAN;
    TRY(w2_truth_score(b->context, b->truth, p, t, &b->score));
    b->score.scoring_seconds += clock_seconds() - started;
    *stop = b->options->scored ? b->options->scored(b->options->user, &b->score) : 0;
    return ENOT_OK;
}

static int is_last_step(const bench *b) {
    return trainer_finished(b->trainer) || (b->options->stopping && b->options->stopping(b->options->user));
}

static enot_status train(bench *b) {
    int stop;
    double next = FIRST_SCORE;
    TRY(take_score(b, &stop));
    for (int last = stop || trainer_finished(b->trainer); !last; last = last || stop) {
        double started = clock_seconds();
        TRY(trainer_step(b->context, b->trainer));
        b->score.seconds += clock_seconds() - started;
        last = is_last_step(b);
        if (b->score.seconds < next && !last) continue;
        TRY(take_score(b, &stop));
        while (next <= b->score.seconds) next *= SCORE_GROWTH;
    }
    return ENOT_OK;
}

static enot_status run(bench *b, const char *path, enot_fit_options *fit) {
    TRY(w2_truth_create(b->context, path, b->options->rows, &b->truth));
    TRY(open_side(b, "w2bench", path, 0));
    TRY(open_side(b, "w2bench_target", path, 1));
    TRY(budget_plan(b->context, b->samples[0], b->samples[1], 0, fit));
    TRY(begin_training(b, fit));
    return train(b);
}

enot_status enot_bench_w2(enot_context *context, const char *path, const enot_fit_options *fit,
                          const enot_w2_options *options, enot_w2_score *last) {
    enot_fit_options f = ENOT_FIT_OPTIONS_INIT;
    enot_w2_options o = ENOT_W2_OPTIONS_INIT;
    if (fit) memcpy(&f, fit, fit->size < sizeof f ? fit->size : sizeof f);
    if (options) memcpy(&o, options, options->size < sizeof o ? options->size : sizeof o);
    f.patience = 0;
    f.resume = 0;
    bench b = {.context = context, .options = &o, .score = ENOT_W2_SCORE_INIT};
    enot_status status = o.rows < 2 ? context_fail(context, ENOT_ERR_ARGUMENT, "%lld rows to score on: give at least 2",
                                                   (long long)o.rows)
                                    : run(&b, path, &f);
    trainer_destroy(b.trainer);
    plan_destroy(b.plan);
    w2_truth_destroy(b.truth);
    enot_samples_destroy(b.samples[0]);
    enot_samples_destroy(b.samples[1]);
    if (status) return status;
    b.score.size = last->size < sizeof b.score ? last->size : sizeof b.score;
    memcpy(last, &b.score, b.score.size);
    return ENOT_OK;
}
