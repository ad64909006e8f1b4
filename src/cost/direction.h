/* What costs of the directions of x and y share. They are not translation invariant: data are scaled but not centred. */
#ifndef ENOT_COST_DIRECTION_H
#define ENOT_COST_DIRECTION_H

#include <tgmath.h>

#include "cost/cost.h"

static const real DIRECTION_SMALLEST_LENGTH = (real)1e-8;

static inline real direction_product(int64_t dim, const real *x, const real *y) {
    real sum = 0;
    for (int64_t j = 0; j < dim; j++) sum += x[j] * y[j];
    return sum;
}

static inline real direction_length(int64_t dim, const real *x) {
    real length = sqrt(direction_product(dim, x, x));
    return length > DIRECTION_SMALLEST_LENGTH ? length : DIRECTION_SMALLEST_LENGTH;
}

#endif
