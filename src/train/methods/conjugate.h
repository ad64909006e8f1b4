/* c-transforms that are solved for: from T(x) L-BFGS goes on to y* = argmin c(x, y) - g(y) (Amos 2023). */
#ifndef ENOT_TRAIN_METHODS_CONJUGATE_H
#define ENOT_TRAIN_METHODS_CONJUGATE_H

#include "train/methods/lbfgs.h"
#include "train/methods/passes.h"

typedef struct conjugate {
    const transport *t;
    passes *critic;
    lbfgs **solver;     /* [threads] */
    real *from, *slope; /* [threads, PASSES_ROWS, dim]: the x of a solver's points, grad g there */
    int threads;
} conjugate;

/* critic: of g, whose weights passes_load gives. It and t are kept by reference. Destroy also after a failure. */
enot_status conjugate_create(enot_context *context, const transport *t, passes *critic, conjugate *c);
void conjugate_destroy(conjugate *c);

/*
 * On the calling task's worker, of at most PASSES_ROWS rows x [count, dim]: points [count, dim] = y*, looked for from moved [count, dim] on. See
 * lbfgs_minimise, also for what is returned.
 */
int64_t conjugate_solve(const conjugate *c, int worker, int64_t count, const real *x, const real *moved, int64_t iterations,
                        real tolerance, real *points);

/* values[count] = c(x, y) - g(y) of the pairs, on the calling task's worker. */
void conjugate_values(const conjugate *c, int worker, int64_t count, const real *x, const real *points, real *values);

#endif
