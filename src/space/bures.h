/* The optimal map between two centred Gaussians, as a change of coordinates on each side. */
#ifndef ENOT_SPACE_BURES_H
#define ENOT_SPACE_BURES_H

#include "core/context.h"

/* A covariance as diag(deviation) correlation diag(deviation). */
typedef struct bures_side {
    const double *deviation;   /* [dim], > 0 */
    const double *correlation; /* [dim, dim], positive definite */
} bures_side;

/*
 * forward[0] and forward[1] [dim, dim] with  forward[0] Sx forward[0]^T = forward[1] Sy forward[1]^T = diag(variance)
 * and forward[0]^T forward[1] = I, so that dot products between the sides stay and forward[0]^T forward[0] is the
 * matrix A of the optimal map, A Sx A = Sy. variance [dim] descends; each row's largest entry in forward[0] is
 * positive.
 */
enot_status bures_coordinates(enot_context *context, int64_t dim, const bures_side side[2], double *forward[2],
                              double *variance);

#endif
