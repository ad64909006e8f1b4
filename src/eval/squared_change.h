/* How far a map moves: the mean over rows and values of (T(x) - x)^2. */
#ifndef ENOT_EVAL_SQUARED_CHANGE_H
#define ENOT_EVAL_SQUARED_CHANGE_H

#include <stdint.h>

/* x, moved: [count, dim] */
double squared_change(int64_t count, int64_t dim, const double *x, const double *moved);

#endif
