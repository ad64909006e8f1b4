/*
 * A training in progress: both networks, their batches, the best snapshot so far. Between two calls of trainer_step its whole
 * state is what trainer_state lists, so it can be written down and taken up again.
 */
#ifndef ENOT_TRAIN_TRAINER_H
#define ENOT_TRAIN_TRAINER_H

#include "train/batches/feed.h"
#include "train/judge.h"
#include "train/methods/method.h"
#include "train/settings.h"

/* Averaged weights worth keeping. */
typedef struct snapshot {
    real *f, *g; /* [weight_count of each network] */
    int64_t step;
    double mismatch, smoothing;
    double merit; /* judge_merit */
} snapshot;

typedef struct trainer {
    const settings *settings;
    const feed *source, *target;
    const judge *judge; /* NULL: nothing is evaluated and there is no best snapshot */
    transport t;
    real *input_scale;
    network f, g; /* f maps the source; g the target, or is the critic alone in form vector_field */
    const method *method;
    void *training;           /* the method's; NULL after the last step */
    double operations;        /* of all steps since the training was created */
    int64_t done;             /* steps */
    double dual;              /* running mean of the dual estimate, inner units */
    judge_score start, latest; /* of the map that training begins with, and of the last evaluation */
    int64_t stale;            /* evaluations since the best one */
    snapshot best;
} trainer;

/* inner: the cost in inner coordinates. The feeds and the judge, which may be NULL, are kept by reference. Evaluates the starting map. */
enot_status trainer_create(enot_context *context, const settings *s, const cost *inner, const feed *source,
                           const feed *target, const judge *judge, trainer **out);
void trainer_destroy(trainer *t);

/* One update of both networks and, every so often, an evaluation. ENOT_ERR_NONFINITE if a loss or a weight is not finite. */
enot_status trainer_step(enot_context *context, trainer *t);

/* Scores the map as it is, in latest. */
enot_status trainer_judge(enot_context *context, trainer *t);

/* After the last step: gives back the memory that only steps need. */
void trainer_end_steps(trainer *t);

/* Whether the last step ended with an evaluation. */
int trainer_evaluated(const trainer *t);

/* All steps done, or no map has been better for as many evaluations as patience says. */
int trainer_finished(const trainer *t);

/* The real vectors of the state, in a fixed order. Fills at most capacity entries and returns their number. */
typedef struct trainer_vector {
    const char *name;
    real *values;
    int64_t count;
} trainer_vector;
#define TRAINER_VECTORS 7
int trainer_state(trainer *t, trainer_vector vectors[TRAINER_VECTORS]);

#endif
