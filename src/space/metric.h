/*
 * Quadratic costs (x - y)' M (x - y) as squared distances: with M = R'R they are |Rx - Ry|^2. M is symmetric and positive definite,
 * [dim, dim]; NULL stands for the identity.
 */
#ifndef ENOT_SPACE_METRIC_H
#define ENOT_SPACE_METRIC_H

#include "core/context.h"

/* (a - b)' M (a - b) */
double metric_square(const double *metric, int64_t dim, const double *a, const double *b);

/* root [dim, dim] = R, upper triangular, and its inverse; metric is not NULL. ENOT_ERR_DATA if it is not positive definite. */
enot_status metric_root(enot_context *context, const double *metric, int64_t dim, double *root, double *inverse);

#endif
