/* The angle between two directions: on the unit sphere the length of the way. */
#ifndef ENOT_COST_ANGLE_H
#define ENOT_COST_ANGLE_H

#include "cost/cost.h"

/*
 * Angle between x and y. Its gradient in y is *scale across[dim], a unit step along the sphere over |y|; 0 at the same or the opposite
 * direction. Both may be NULL.
 */
real angle_between(int64_t dim, const real *x, const real *y, real *across, real *scale);

#endif
