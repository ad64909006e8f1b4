/* The critic of a method with a dual, mean g(y) + mean (c(x, T(x)) - g(T(x))), which it ascends; T(x) is constant to it. */
#ifndef ENOT_TRAIN_METHODS_DUAL_H
#define ENOT_TRAIN_METHODS_DUAL_H

#include "train/methods/parts.h"

typedef struct dual {
    const method_problem *problem; /* by reference */
    passes *critic;
    real *cost, *moved_value, *value; /* [batch]: c(x, T(x)), g(T(x)), g(y) */
    real *raise, *lower;              /* [batch]: d (- dual) / d g at y and at T(x) */
} dual;

enot_status dual_create(enot_context *context, const method_problem *problem, dual *d);
void dual_destroy(dual *d);

/*
 * Goes to the points moved[batch, dim] of x. slope[batch, dim] = grad g there, unless NULL. Returns the mean of
 * c(x, T(x)) - g(T(x)).
 */
double dual_visit(dual *d, const real *x, const real *moved, real *slope);

/* After dual_visit: the critic's gradient of - dual, += if accumulate. Returns mean g(y). */
double dual_ascend(dual *d, const real *y, int accumulate);

#endif
