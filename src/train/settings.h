/* Everything that decides a fit, resolved: the user's options, and the library's choice where they were left at ENOT_AUTO. */
#ifndef ENOT_TRAIN_SETTINGS_H
#define ENOT_TRAIN_SETTINGS_H

#include "cost/cost.h"
#include "net/architecture.h"
#include "train/optimizers/optimizer.h"

#define SETTINGS_MAX_HIDDEN 64

typedef struct settings {
    cost cost; /* user's units */
    enot_form form;
    enot_method method;
    int64_t inner; /* what the method repeats in a step, -1: nothing */
    enot_scale scale;
    activation activation;
    int64_t hidden[SETTINGS_MAX_HIDDEN], hidden_count;
    image_networks images; /* instead of hidden layers; its shape is zero where rows are no images */
    int flip;
    double expectile, coefficient;
    enot_directions directions;
    int reverse; /* a second pair of networks for the way back */
    enot_precision precision; /* f32 or bf16 */
    int calibrated;
    int64_t candidates; /* searched for each row's c-transform, 0: none */
    optimizer optimizer;
    int64_t batch;
    int growing; /* the first steps take fewer rows: train/batches/growth.h */
    double smoothing_first, smoothing_last; /* noise at the first and at the last step, geometric between */
    double ridge_first, ridge_last;         /* of transport.ridge, the same, in ridge_unit; 0: none */
    double ridge_unit;                      /* mean cost over mean squared distance, in inner coordinates */
    double validation;
    int64_t patience, evaluate_every, evaluations; /* evaluations: about so many in a whole training */
    uint64_t seed;
    double minutes; /* that the steps were planned for; 0: they were not */
} settings;

/* What the choices depend on. */
typedef struct settings_facts {
    int64_t dim, source_rows, target_rows; /* rows: -1 for a built-in measure */
    image_shape image;                     /* of a row */
} settings_facts;

/* Checks every option and makes every choice (docs/method.md, "What is chosen for you"). cost_destroy out->cost. */
enot_status settings_resolve(enot_context *context, const enot_fit_options *options, const settings_facts *facts,
                             settings *out);

/* Noise added to the samples of a step, in standard deviations of the equalised coordinates. */
double settings_smoothing(const settings *s, int64_t step);

/* transport.ridge in a step. */
double settings_ridge(const settings *s, int64_t step);

int settings_for_images(const settings *s);

/* What the networks are built from. */
network_sizes settings_sizes(const settings *s);

/* Both directions are trained in each step. */
int settings_both_at_once(const settings *s);
/* The step trains the direction from target to source. */
int settings_reversed(const settings *s, int64_t step);

#endif
