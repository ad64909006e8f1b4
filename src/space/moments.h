/* Mean, variance and shrunk correlation of the columns of a sample. */
#ifndef ENOT_SPACE_MOMENTS_H
#define ENOT_SPACE_MOMENTS_H

#include "core/context.h"
#include "space/row_list.h"

/*
 * mean, variance: [dim]. Two passes about the mean, so that an offset costs no digits. variance: divisor count - 1;
 * exactly 0 for a column that varies by rounding only.
 */
void moments_columns(enot_context *context, const row_list *rows, double *mean, double *variance);

/*
 * mean and variance are those of moments_columns. correlation [dim, dim] = (1 - s) R + s I with the sample correlation R and the shrinkage s = sum var(r_ij) / sum
 * r_ij^2 over i != j, clipped to [0, 1] (Schaefer and Strimmer 2005, table 2, target D with unit variances). s is at
 * least 1e-8, so the result is positive definite. A constant column correlates with nothing.
 */
enot_status moments_correlation(enot_context *context, const row_list *rows, const double *mean, const double *variance,
                                double *correlation);

#endif
