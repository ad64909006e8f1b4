/*
 * Entropic optimal transport between two batches of equal weights (Cuturi 2013), stabilised as by Schmitzer 2019: scalings of
 * the kernel, which are taken into the potentials before they overflow. Costs are taken to be symmetric, as all of them are.
 *
 *     OT_eps(x, y) = min over couplings P of <P, C> + eps KL(P | 1/n^2) = mean f + mean g at the optimum
 */
#ifndef ENOT_TRAIN_METHODS_SINKHORN_H
#define ENOT_TRAIN_METHODS_SINKHORN_H

#include "cost/cost.h"

typedef struct sinkhorn sinkhorn;

/* For batches of rows points. c and the context are kept by reference. */
enot_status sinkhorn_create(enot_context *context, const cost *c, int64_t rows, sinkhorn **out);
void sinkhorn_destroy(sinkhorn *s);

typedef struct sinkhorn_options {
    double epsilon;
    int64_t iterations; /* at most */
    double tolerance;   /* mean deviation of a marginal, of its entries, at which it is good enough */
} sinkhorn_options;

/*
 * OT_eps(x, y), x and y [rows, dim]; y may be x itself, which takes fewer iterations. *iterations (NULL: not wanted): how many
 * it took.
 */
double sinkhorn_solve(sinkhorn *s, const real *x, const real *y, const sinkhorn_options *o, int64_t *iterations);

/* After sinkhorn_solve of the same x and y: pull[rows, dim] += factor times the gradient in x (envelope theorem). */
void sinkhorn_pull(sinkhorn *s, const real *x, const real *y, real factor, real *pull);

/* Mean of c(x_i, y_j). */
double sinkhorn_mean_cost(sinkhorn *s, const real *x, const real *y);

/* Operations of one iteration. */
double sinkhorn_operations(const sinkhorn *s);

#endif
