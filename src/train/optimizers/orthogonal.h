/* The orthogonal factor of a square matrix, by the library's own products. */
#ifndef ENOT_TRAIN_ORTHOGONAL_H
#define ENOT_TRAIN_ORTHOGONAL_H

#include "core/context.h"
#include "ops/ops.h"

/* Reals of scratch for matrices [n, n]. */
int64_t orthogonal_scratch(int64_t n);

/*
 * q = Q of m = Q R, both [n, n], on the calling thread. m, whose numbers should not exceed some tens and of which what is below
 * 1e-15 counts as 0, may have any rank; it is lost. The signs of Q's columns are those that Householder's reflections give.
 */
void orthogonal_factor(const ops *ops, int64_t n, panels m, panels q, real *scratch);

#endif
