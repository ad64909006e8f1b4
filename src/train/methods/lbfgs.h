/*
 * Minimises many small problems at once, each on its own: limited-memory BFGS (Nocedal 1980) with Armijo's condition and
 * interpolated steps. What costs is the objective, so each round evaluates one trial point of every problem still open.
 */
#ifndef ENOT_TRAIN_METHODS_LBFGS_H
#define ENOT_TRAIN_METHODS_LBFGS_H

#include "core/context.h"
#include "core/real.h"

/* values[count], gradients[count, dim] of problems problem[count] at points[count, dim]. */
typedef void (*lbfgs_objective)(void *user, int64_t count, const int64_t *problem, const real *points, real *values,
                                real *gradients);

/* Scratch for one thread. */
typedef struct lbfgs lbfgs;

/* For at most so many problems of dim variables at a time. */
enot_status lbfgs_create(enot_context *context, int64_t problems, int64_t dim, lbfgs **out);
void lbfgs_destroy(lbfgs *l);

/*
 * points[count, dim]: where each begins, then the lowest point found. A problem is done when no entry of its gradient is larger
 * than the tolerance, after so many iterations, or when no step along its direction goes down. Returns the points evaluated.
 */
int64_t lbfgs_minimise(lbfgs *l, int64_t count, int64_t iterations, real tolerance, lbfgs_objective objective, void *user,
                       real *points);

#endif
