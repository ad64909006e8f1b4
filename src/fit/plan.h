/* What a fit works with, built from samples and options alone: the same input gives the same plan. */
#ifndef ENOT_FIT_PLAN_H
#define ENOT_FIT_PLAN_H

#include "fit/duals.h"
#include "train/trainer.h"

typedef struct plan {
    settings settings;
    const enot_samples *samples[2]; /* by coordinates_side */
    split splits[2];
    coordinates *coordinates;
    cost inner;
    double cost_factor;
    duals duals;
    feed feeds[2];
    judge *judges[2]; /* of the map from source to target, and of the reverse pair; NULL before plan_create_judges */
    char *record; /* record_settings */
} plan;

enot_status plan_create(enot_context *context, const enot_samples *source, const enot_samples *target,
                        const enot_fit_options *options, plan **out);
/* For trainings that are to choose among their maps. */
enot_status plan_create_judges(enot_context *context, plan *p);
/* From source to target, or with side = 1 the reverse pair's. */
enot_status plan_create_trainer(enot_context *context, const plan *p, int side, trainer **out);
/* Memory that a training of images will hold, about, samples included; of tables 0. */
double plan_bytes(const enot_context *context, const plan *p, const trainer *t);
void plan_destroy(plan *p);

#endif
