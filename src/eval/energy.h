/*
 * Energy distance 2 E|X - Y| - E|X - X'| - E|Y - Y'| (Szekely and Rizzo 2013), from samples, in the unit of the points.
 * The means are over pairs of different rows (U-statistics): unbiased, so that the estimate may be below zero where the
 * measures agree. Distances are taken in float about the target's mean, sums in double; the thread count changes no
 * bit.
 */
#ifndef ENOT_EVAL_ENERGY_H
#define ENOT_EVAL_ENERGY_H

#include "core/context.h"

/*
 * x [n, dim], y [m, dim], n, m >= 2 (else ENOT_ERR_DATA). error: its standard error, from the spread of the rows' own
 * contributions (Hoeffding projections). Either output may be NULL.
 */
enot_status energy_distance(enot_context *context, const double *x, int64_t n, const double *y, int64_t m, int64_t dim,
                            double *distance, double *error);

/* A target that many samples are compared with: its own mean distance is computed once. */
typedef struct energy_target energy_target;

enot_status energy_target_create(enot_context *context, const double *y, int64_t m, int64_t dim,
                                 energy_target **target);
void energy_target_destroy(energy_target *target);

/*
 * x [n, dim], n >= 2. NaN if a value of x is not finite. shares [n + m], may be NULL: what each row of x, then of y, contributes
 * beyond a constant (Hoeffding projections), so that paired distances to one target have a standard error, see energy_error.
 */
enot_status energy_target_distance(enot_context *context, const energy_target *target, const double *x, int64_t n,
                                   double *distance, double *shares);

/* Standard error of the difference of two distances with these shares [n + m]; b NULL: of the distance of a alone. */
double energy_error(const double *a, const double *b, int64_t n, int64_t m);

#endif
