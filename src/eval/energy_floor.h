/* How large an energy distance between two samples of one measure is: the noise below which a mismatch says nothing. */
#ifndef ENOT_EVAL_ENERGY_FLOOR_H
#define ENOT_EVAL_ENERGY_FLOOR_H

#include "core/context.h"

#define ENERGY_FLOOR_SPLITS 200
#define ENERGY_FLOOR_ROWS 4096 /* further rows are not used */

/*
 * The energy distance between two random halves of rows [count, dim], count >= 4, over splits random ones: its mean and
 * its 95 % quantile. The splits depend on seed only.
 */
enot_status energy_floor(enot_context *context, const double *rows, int64_t count, int64_t dim, int64_t splits,
                         uint64_t seed, double *mean, double *quantile95);

#endif
