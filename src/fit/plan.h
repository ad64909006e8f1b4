/* What a fit works with, built from samples and options alone: the same input gives the same plan. */
#ifndef ENOT_FIT_PLAN_H
#define ENOT_FIT_PLAN_H

#include "train/trainer.h"

typedef struct plan {
    settings settings;
    const enot_samples *samples[2]; /* by coordinates_side */
    split splits[2];
    coordinates *coordinates;
    cost inner;
    double cost_factor;
    /* Running dual estimates in inner units become costs in column units: offset + factor * dual. */
    double dual_offset, dual_factor;
    feed feeds[2];
    judge *judge; /* NULL before plan_create_judge */
    char *record; /* record_settings */
} plan;

enot_status plan_create(enot_context *context, const enot_samples *source, const enot_samples *target,
                        const enot_fit_options *options, plan **out);
/* For a training that is to choose among its maps. */
enot_status plan_create_judge(enot_context *context, plan *p);
void plan_destroy(plan *p);

#endif
