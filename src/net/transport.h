/*
 * What a network means under each form (docs/mathematics.md, "Three forms"), in inner coordinates:
 *   potential     g = net,                       T(x) = x - grad h*(grad net(x))
 *   dot_product   g = -(net + |.|^2 / 2),        T(x) = x + grad net(x)
 *   vector_field  g = net (its own network),     T(x) = x + net(x), projected on the cost's manifold if it has one
 * Networks see x * scale, each coordinate by its own number; on a manifold x is embedded first.
 */
#ifndef ENOT_NET_TRANSPORT_H
#define ENOT_NET_TRANSPORT_H

#include "cost/cost.h"
#include "net/mlp.h"

typedef struct transport {
    enot_form form;
    cost cost;         /* in inner coordinates */
    int64_t dim;
    const real *scale; /* [transport_inputs] */
    real ridge;        /* the losses are of c(x, y) + ridge |x - y|^2 */
} transport;

/* Of the losses: out[rows], and out[rows,dim] in y. */
void transport_cost(const transport *t, int64_t rows, const real *x, const real *y, real *out);
void transport_cost_gradient(const transport *t, int64_t rows, const real *x, const real *y, real *out);

/*
 * The least c(x, y_j) - g[j] over rows y[count,dim], of which *index is the best one; c is the cost of the losses. repeated
 * [TRANSPORT_SEARCH_ROWS, dim] and costs [TRANSPORT_SEARCH_ROWS] are scratch.
 */
#define TRANSPORT_SEARCH_ROWS 64
real transport_search(const transport *t, const real *x, int64_t count, const real *y, const real *g, real *repeated, real *costs,
                      int64_t *index);

/* What a network has as inputs: dim, or more where the manifold is embedded. */
int64_t transport_inputs(const cost *c);

/* *scale [transport_inputs]: of each input 1 / the spread of its coordinate. spread: [dim]. */
enot_status transport_create_scale(enot_context *context, const cost *c, const double *spread, real **scale);

/* moved[count,dim] = T(x) with the block's network; leaves in the block what transport_pull needs. */
void transport_map(const mlp_block *block, const transport *t, const real *x, real *moved);

/* After transport_map: what the weights' gradient of sum <T(x), v> needs, v [count,dim] constant. */
void transport_pull(const mlp_block *block, const transport *t, const real *v);

/* After transport_pull, form dot_product: out[count,dim] = gradient of sum <T(x), v> in x. */
void transport_pull_points(const mlp_block *block, const transport *t, const real *v, real *out);

/* The pairs that the gradient of the mapping network is summed from, after transport_pull. Returns how many. */
int transport_pairs(const transport *t, const mlp_trace *trace, mlp_pair pairs[2]);

/* values[count] = g(y). */
void transport_potential(const mlp_block *block, const transport *t, const real *y, real *values);

/* The same after transport_map at y, where the network is a potential. */
void transport_read_potential(const mlp_block *block, const transport *t, const real *y, real *values);

/* After transport_potential: gradient[count,dim] of g at y; the block's deltas are those of the seed 1. */
void transport_potential_gradient(const mlp_block *block, const transport *t, const real *y, real *gradient);

/* After transport_potential: makes seed[count] what mlp_backward starts from. */
void transport_potential_seed(const mlp_block *block, const real *seed);

/* d g / d net: 1, or -1 where g is minus the convex potential. */
real transport_sign(const transport *t);

#endif
