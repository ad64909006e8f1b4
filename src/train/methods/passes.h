/*
 * A network's passes over a whole batch, for the methods: apply it, then sum the gradient of its weights. Blocks of rows run on
 * their own and keep their matrices between the two; parts of the batch sum gradients that are added in their order. Both cuts
 * follow from the batch alone, so the bits do not depend on the number of threads.
 */
#ifndef ENOT_TRAIN_METHODS_PASSES_H
#define ENOT_TRAIN_METHODS_PASSES_H

#include "net/transport.h"

typedef struct passes passes;

/* net: its shape, kept by reference, as are t and the context. maps: passes_map and passes_pull will be called. */
enot_status passes_create(enot_context *context, const transport *t, const mlp *net, int64_t batch, int maps,
                          enot_precision precision, passes **out);
void passes_destroy(passes *p);

/* Takes new weights. */
void passes_load(passes *p, const real *parameters);

/* moved[batch, dim] = T(x) */
void passes_map(passes *p, const real *x, real *moved);

/* After passes_map: gradient (+=, if accumulate) the weights' of sum <T(x), v>, v [batch, dim] constant. */
void passes_pull(passes *p, const real *v, int accumulate, real *gradient);

/* After passes_pull, form dot_product: out[batch, dim] = gradient of sum <T(x), v> in x. */
void passes_pull_points(passes *p, const real *v, real *out);

/* values[batch] = g(y), slope[batch, dim] = grad g(y); slope may be NULL. */
void passes_potential(passes *p, const real *y, real *values, real *slope);

/* After passes_potential: gradient (+=, if accumulate) the weights' of sum seed[i] g(y_i). */
void passes_push(passes *p, const real *seed, int accumulate, real *gradient);

/* The rows that one call of passes_evaluate takes at most, and that one task has elsewhere. */
#define PASSES_ROWS 64

/* g and grad g at count points, on the calling task's worker. */
void passes_evaluate(passes *p, int worker, int64_t count, const real *y, real *values, real *slope);

/* Operations of one pass of the batch over the network's weights, 2 batch weights. Forward is one, backward another. */
double passes_operations(const passes *p);

#endif
