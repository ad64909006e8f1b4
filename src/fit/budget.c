#include "fit/budget.h"

#include <math.h>

#include "core/clock.h"
#include "core/context.h"
#include "fit/checkpoint.h"
#include "fit/plan.h"
#include "train/batches/growth.h"

/* What warming up may take, and what timing may take: this part of the time, and at most so many seconds. */
#define TRIAL_PART 0.01
#define TRIAL_SECONDS 2.0

/* No evaluation comes within a trial. */
#define TRIAL_STEPS (INT64_C(1) << 40)

/* *each: seconds a step takes. In pairs, so that both directions count alike where they take turns. */
static enot_status time_steps(enot_context *context, trainer *t, double limit, double *each) {
    double started = clock_seconds(), passed = 0;
    int steps = 0;
    while (steps == 0 || passed < limit) {
        TRY(trainer_step(context, t));
        TRY(trainer_step(context, t));
        steps += 2;
        passed = clock_seconds() - started;
    }
    *each = passed / steps;
    return ENOT_OK;
}

/* *seconds: of one evaluation, about 0 if the training has none. */
static enot_status time_evaluation(enot_context *context, trainer *t, double *seconds) {
    double started = clock_seconds();
    TRY(trainer_judge(context, t));
    *seconds = clock_seconds() - started;
    return ENOT_OK;
}

/* *steps that fit into the seconds together with their evaluations: one a step, or so many in all. */
static enot_status find_steps(enot_context *context, trainer *t, double seconds, int64_t *steps) {
    double evaluations = (double)t->settings->evaluations, step, evaluation, limit = fmin(TRIAL_PART * seconds, TRIAL_SECONDS);
    TRY(time_steps(context, t, limit, &step));
    TRY(time_steps(context, t, limit, &step));
    TRY(time_evaluation(context, t, &evaluation));
    double few = seconds / (step + evaluation), many = (seconds - evaluations * evaluation) / step;
    *steps = (int64_t)fmin(fmax(fmax(few, many), 1), (double)TRIAL_STEPS);
    return ENOT_OK;
}

static enot_status try_steps(enot_context *context, const enot_samples *source, const enot_samples *target, int judged,
                             const enot_fit_options *options, int64_t *steps) {
    enot_fit_options trial = *options;
    plan *p;
    trainer *t;
    trial.steps = TRIAL_STEPS;
    TRY(plan_create(context, source, target, &trial, &p));
    enot_status status = judged ? plan_create_judges(context, p) : ENOT_OK;
    settings s = p->settings;
    p->settings.growing = 0;
    if (!status) status = plan_create_trainer(context, p, 0, &t);
    if (!status) {
        status = find_steps(context, t, 60 * options->minutes / (s.reverse ? 2 : 1), steps);
        *steps = growth_steps_of(&s, *steps * s.batch);
        trainer_destroy(t);
    }
    plan_destroy(p);
    return status;
}

enot_status budget_plan(enot_context *context, const enot_samples *source, const enot_samples *target, int judged,
                        enot_fit_options *o) {
    if ((o->steps != ENOT_AUTO) + (o->minutes != ENOT_AUTO) + (o->budget != ENOT_AUTO) > 1)
        return context_fail(context, ENOT_ERR_ARGUMENT, "steps, minutes and budget each say how long to train: give one of them");
    if (o->minutes == ENOT_AUTO) return ENOT_OK;
    if (o->resume && o->checkpoint) return checkpoint_planned_steps(context, o->checkpoint, &o->steps);
    return try_steps(context, source, target, judged, o, &o->steps);
}
