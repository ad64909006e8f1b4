/*
 * The state of a fit on disk: a safetensors file with the trainer's vectors and, as metadata, its counters, the resolved
 * settings and the fingerprints of the data. Nothing else is needed: everything that is not here follows from data and seed.
 */
#ifndef ENOT_FIT_CHECKPOINT_H
#define ENOT_FIT_CHECKPOINT_H

#include "train/trainer.h"

typedef struct checkpoint_identity {
    const char *settings;    /* record_settings */
    uint64_t fingerprint[2]; /* of source and target */
} checkpoint_identity;

/* trainers: from source to target; of the reverse pair, NULL if there is none. */
enot_status checkpoint_write(enot_context *context, const char *path, const checkpoint_identity *identity,
                             trainer *const trainers[2], double seconds);

/* *steps: how many the fit was to take. */
enot_status checkpoint_planned_steps(enot_context *context, const char *path, int64_t *steps);

/* Refused, with what differs, unless the identity is the same. */
enot_status checkpoint_read(enot_context *context, const char *path, const checkpoint_identity *identity,
                            trainer *const trainers[2], double *seconds);

#endif
