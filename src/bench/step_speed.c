#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/product_speed.h"
#include "bench/summary.h"
#include "core/clock.h"
#include "core/memory.h"
#include "fit/plan.h"
#include "train/methods/enot.h"
#include "train/trainer.h"

/* Rows of each table to train on; a few hundred of them judge the map before the first step and are not used again. */
#define ROWS 16384
#define VALIDATION 0.01

#define SOURCE "measure:gaussian:dim=%lld"
#define TARGET "measure:gaussian_mixture:dim=%lld,components=3,scale=1"

/* No evaluation comes within this many steps, and at this rate networks of any size stay finite. */
#define ENDLESS_STEPS (INT64_C(1) << 40)
#define LEARNING_RATE 1e-4

/* A round is a stretch of steps and one of products, each so many seconds if there is time for LEAST_ROUNDS of them. */
#define STRETCH 0.25
#define LEAST_ROUNDS 5
#define MOST_SECONDS 86400.0

#define PASSES 12

typedef struct bench {
    enot_context *context;
    enot_samples *samples[2]; /* source, target */
    plan *plan;
    trainer *trainer;
    product_speed *products;
    int64_t rounds;
    double stretch;        /* seconds */
    double *step_seconds;  /* [rounds] of one step */
    double *product_speed; /* [rounds] operations a second */
} bench;

/* A table of a measure's rows. */
static enot_status draw_table(enot_context *context, const char *format, int64_t dim, enot_samples **out) {
    char spec[128];
    double *rows = NULL;
    enot_samples *endless;
    snprintf(spec, sizeof spec, format, (long long)dim);
    TRY(enot_samples_open(context, spec, NULL, &endless));
    enot_status status = MEMORY_NEW(context, ROWS * dim, "rows to train on", &rows);
    if (!status) status = enot_samples_rows(context, endless, 0, ROWS, rows);
    if (!status) status = enot_samples_from_rows(context, rows, ROWS, dim, out);
    memory_destroy(rows);
    enot_samples_destroy(endless);
    return status;
}

static enot_status create_training(bench *b, const enot_fit_options *options, int64_t dim) {
    enot_context *context = b->context;
    enot_fit_options o = *options;
    if (o.method != ENOT_METHOD_ENOT)
        return context_fail(context, ENOT_ERR_ARGUMENT, "what is measured is the step of method enot: leave the method out");
    o.steps = ENDLESS_STEPS;
    o.minutes = o.budget = ENOT_AUTO;
    o.patience = 0;
    if (o.validation == ENOT_AUTO) o.validation = VALIDATION;
    if (o.learning_rate == ENOT_AUTO) o.learning_rate = LEARNING_RATE;
    TRY(draw_table(context, SOURCE, dim, &b->samples[0]));
    TRY(draw_table(context, TARGET, dim, &b->samples[1]));
    TRY(plan_create(context, b->samples[0], b->samples[1], &o, &b->plan));
    plan *p = b->plan;
    return plan_create_trainer(context, p, 0, &b->trainer);
}

/* *step_seconds of an even number of steps, so that both directions count alike. */
static enot_status time_steps(bench *b, double *step_seconds) {
    double started = clock_seconds(), passed;
    int64_t steps = 0;
    do {
        TRY(trainer_step(b->context, b->trainer));
        TRY(trainer_step(b->context, b->trainer));
        steps += 2;
        passed = clock_seconds() - started;
    } while (passed < b->stretch);
    *step_seconds = passed / (double)steps;
    return ENOT_OK;
}

/* One round more than is kept: the first one brings threads, caches and clock rate to speed. */
static enot_status run_rounds(bench *b) {
    for (int64_t i = -1; i < b->rounds; i++) {
        int64_t kept = i < 0 ? 0 : i;
        TRY(time_steps(b, &b->step_seconds[kept]));
        b->product_speed[kept] = product_speed_measure(b->products, b->stretch);
    }
    return ENOT_OK;
}

static enot_status plan_rounds(bench *b, double seconds) {
    b->stretch = fmin(STRETCH, seconds / (2 * LEAST_ROUNDS));
    b->rounds = (int64_t)fmax(LEAST_ROUNDS, seconds / (2 * b->stretch));
    TRY(MEMORY_NEW(b->context, b->rounds, "a measurement", &b->step_seconds));
    return MEMORY_NEW(b->context, b->rounds, "a measurement", &b->product_speed);
}

static void summarise(bench *b, enot_step_speed *found) {
    double peak = summary_median(b->product_speed, b->rounds);
    found->step_seconds = summary_median(b->step_seconds, b->rounds);
    found->step_seconds_least = b->step_seconds[0];
    found->step_seconds_most = b->step_seconds[b->rounds - 1];
    found->steps_per_second = 1 / found->step_seconds;
    found->product_gflops = peak / 1e9;
    found->weights = (double)(mlp_weight_count(&b->trainer->f.net.mlp) + mlp_weight_count(&b->trainer->g.net.mlp)) / 2;
    found->fraction = PASSES * 2 * (double)b->plan->settings.batch * found->weights * found->steps_per_second / peak;
    found->threads = b->context->threads;
    found->precision = method_enot_precision(b->trainer->training);
    summary_name_kernels(b->context, found->isa, sizeof found->isa);
}

static enot_status measure_training(bench *b, const enot_fit_options *options, int64_t dim, double seconds,
                                    enot_step_speed *found) {
    if (!(seconds > 0 && seconds <= MOST_SECONDS))
        return context_fail(b->context, ENOT_ERR_ARGUMENT,
                            "a measurement of %g seconds: give more than 0 and at most %g", seconds, MOST_SECONDS);
    TRY(plan_rounds(b, seconds));
    TRY(create_training(b, options, dim));
    TRY(product_speed_create(b->context, &b->products));
    TRY(run_rounds(b));
    summarise(b, found);
    return ENOT_OK;
}

static void bench_destroy(bench *b) {
    product_speed_destroy(b->products);
    trainer_destroy(b->trainer);
    plan_destroy(b->plan);
    enot_samples_destroy(b->samples[0]);
    enot_samples_destroy(b->samples[1]);
    memory_destroy(b->step_seconds);
    memory_destroy(b->product_speed);
}

enot_status enot_measure_step(enot_context *context, const enot_fit_options *options, int64_t dim, double seconds,
                              enot_step_speed *speed) {
    enot_fit_options o = ENOT_FIT_OPTIONS_INIT;
    if (options) memcpy(&o, options, options->size < sizeof o ? options->size : sizeof o);
    enot_step_speed found = ENOT_STEP_SPEED_INIT;
    bench b = {.context = context};
    enot_status status = measure_training(&b, &o, dim, seconds, &found);
    bench_destroy(&b);
    if (status) return status;
    found.size = speed->size < sizeof found ? speed->size : sizeof found;
    memcpy(speed, &found, found.size);
    return ENOT_OK;
}
