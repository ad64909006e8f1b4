/*
 * Frechet distance between two sets of vectors, taken as two Gaussians (Dowson and Landau 1982): their squared
 * 2-Wasserstein distance
 *
 *     |mu_a - mu_b|^2 + tr(A + B - 2 (A^1/2 B A^1/2)^1/2)
 *
 * with the sets' means mu and covariances A, B (divisor count - 1). Estimates of equal means and covariances differ, so
 * the distance between few rows is too large, by what falls about as 1 / rows. Hence only distances at equal numbers of
 * rows compare, and frechet_floor says what two samples of one measure give at that number.
 */
#ifndef ENOT_EVAL_FRECHET_H
#define ENOT_EVAL_FRECHET_H

#include "core/context.h"

/* a [count_a, dim], b [count_b, dim], at least two rows each (else ENOT_ERR_DATA). NaN if a value is not finite. */
enot_status frechet_distance(enot_context *context, int64_t dim, int64_t count_a, const double *a, int64_t count_b,
                             const double *b, double *distance);

/*
 * The mean distance between two disjoint random subsets of size rows each, over splits pairs of them, of rows [count,
 * dim]; 2 size <= count (else ENOT_ERR_DATA). The subsets depend on seed only.
 */
enot_status frechet_floor(enot_context *context, int64_t dim, int64_t count, const double *rows, int64_t size,
                          int64_t splits, uint64_t seed, double *mean);

#endif
