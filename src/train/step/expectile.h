/* The expectile regularisation (docs/mathematics.md, "The loss"), of one pair of rows. */
#ifndef ENOT_TRAIN_STEP_EXPECTILE_H
#define ENOT_TRAIN_STEP_EXPECTILE_H

#include "core/real.h"

/*
 * What the penalty pushes both potentials by: 2 lambda |tau - (excess < 0)| excess, excess = f(x) - c(x, y) + g(y). Times the excess it is the
 * penalty lambda (L(d1) + L(d2)).
 */
static inline real expectile_push(real expectile, real coefficient, real excess) {
    real weight = excess >= 0 ? expectile : 1 - expectile;
    return 2 * coefficient * weight * excess;
}

#endif
