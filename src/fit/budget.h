/* The limits of a fit other than steps. */
#ifndef ENOT_FIT_BUDGET_H
#define ENOT_FIT_BUDGET_H

#include "enot.h"

/*
 * Refuses more than one of steps, minutes and budget. If there are minutes, sets the steps: to those planned in the checkpoint
 * that the fit resumes from, else to as many as fit into the minutes, found by taking some. judged: the fit chooses among its
 * maps, which takes time too.
 */
enot_status budget_plan(enot_context *context, const enot_samples *source, const enot_samples *target, int judged,
                        enot_fit_options *options);

#endif
