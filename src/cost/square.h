/* |x - y|^2 of two points. */
#ifndef ENOT_COST_SQUARE_H
#define ENOT_COST_SQUARE_H

#include "cost/cost.h"

/* From so many columns on lanes are worth their sum at the end. */
enum { SQUARE_LANES = 16 };

static inline real square_distance(int64_t dim, const real *x, const real *y) {
    real sum = 0;
    if (dim < SQUARE_LANES) {
        for (int64_t j = 0; j < dim; j++) sum += (x[j] - y[j]) * (x[j] - y[j]);
        return sum;
    }
#pragma omp simd reduction(+ : sum)
    for (int64_t j = 0; j < dim; j++) sum += (x[j] - y[j]) * (x[j] - y[j]);
    return sum;
}

#endif
