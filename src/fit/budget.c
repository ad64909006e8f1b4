#include "fit/budget.h"

#include <math.h>

#include "core/clock.h"
#include "core/context.h"
#include "fit/checkpoint.h"
#include "fit/plan.h"

/* Of the time: what warming up may take, and what timing may take. At most so many pairs of steps each, and at least one. */
#define TRIAL_PART 0.01
#define TRIAL_PAIRS 20

/* No evaluation comes within a trial. */
#define TRIAL_STEPS (INT64_C(1) << 40)

/* *each: seconds a step takes. In pairs, so that both directions count alike where they take turns. */
static enot_status time_steps(enot_context *context, trainer *t, double limit, double *each) {
    double started = clock_seconds(), passed = 0;
    int steps = 0;
    while (steps == 0 || (steps < 2 * TRIAL_PAIRS && passed < limit)) {
        TRY(trainer_step(context, t));
        TRY(trainer_step(context, t));
        steps += 2;
        passed = clock_seconds() - started;
    }
    *each = passed / steps;
    return ENOT_OK;
}

/* *steps that fit into the seconds together with their evaluations: one a step, or at most SETTINGS_EVALUATIONS. */
static enot_status find_steps(enot_context *context, trainer *t, double seconds, int64_t *steps) {
    double step;
    TRY(time_steps(context, t, TRIAL_PART * seconds, &step));
    TRY(time_steps(context, t, TRIAL_PART * seconds, &step));
    double started = clock_seconds();
    TRY(judge_map(context, t->judge, &t->t, &t->f.net, t->f.average, &t->latest));
    double evaluation = clock_seconds() - started;
    double few = seconds / (step + evaluation), many = (seconds - SETTINGS_EVALUATIONS * evaluation) / step;
    *steps = (int64_t)fmin(fmax(fmax(few, many), 1), (double)TRIAL_STEPS);
    return ENOT_OK;
}

static enot_status try_steps(enot_context *context, const enot_samples *source, const enot_samples *target,
                             const enot_fit_options *options, int64_t *steps) {
    enot_fit_options trial = *options;
    plan *p;
    trainer *t;
    trial.steps = TRIAL_STEPS;
    TRY(plan_create(context, source, target, &trial, &p));
    enot_status status = trainer_create(context, &p->settings, &p->inner, &p->feeds[0], &p->feeds[1], p->judge, &t);
    if (!status) {
        status = find_steps(context, t, 60 * options->minutes, steps);
        trainer_destroy(t);
    }
    plan_destroy(p);
    return status;
}

enot_status budget_plan(enot_context *context, const enot_samples *source, const enot_samples *target,
                        enot_fit_options *o) {
    if ((o->steps != ENOT_AUTO) + (o->minutes != ENOT_AUTO) + (o->budget != ENOT_AUTO) > 1)
        return context_fail(context, ENOT_ERR_ARGUMENT, "steps, minutes and budget each say how long to train: give one of them");
    if (o->minutes == ENOT_AUTO) return ENOT_OK;
    if (o->resume && o->checkpoint) return checkpoint_planned_steps(context, o->checkpoint, &o->steps);
    return try_steps(context, source, target, o, &o->steps);
}
