/* What a fit does where the options say nothing: what was measured best for each kind of problem (docs/method.md). */
#ifndef ENOT_TRAIN_USUAL_H
#define ENOT_TRAIN_USUAL_H

#include "train/settings.h"

typedef struct usual {
    double expectile, coefficient; /* lambda */
    int64_t width, batch, steps;
    double learning_rate, averaging, smoothing_first, smoothing_last;
    enot_optimizer optimizer;
    int64_t layers, candidates, evaluations;
    int64_t patience; /* evaluations without improvement */
    activation activation;
    int64_t soap_steps; /* updates that SOAP's usual rate bears; with more it falls as their root grows */
    double ridge_first, ridge_last, validation;
    int growing; /* the first steps take fewer rows */
} usual;

/* Form, cost, method and whether noise was asked not to be added decide, with the facts. */
usual usual_for(const settings_facts *facts, const settings *s);

enot_form usual_form(const cost_kind *kind);

/* Both sides are measures that never run out. */
int usual_is_endless(const settings_facts *facts);

/* What an optimiser is best begun with. */
typedef struct usual_habits {
    double rate; /* of the problem's usual learning rate, which is Adam's */
    double beta1, beta2;
} usual_habits;

const usual_habits *usual_habits_of(const settings *s, enot_optimizer kind);

/* The learning rate of an optimiser whose kind and steps are known. */
double usual_rate(const usual *u, const usual_habits *h, const optimizer *o);

/* Steps from one set of SOAP's bases to the next. */
int64_t usual_refresh(const settings *s);

#endif
