/*
 * Multi-layer perceptrons: a_0 = x, z_l = W_l a_(l-1) + b_l, a_l = s(z_l), the last layer linear.
 *
 * Every pass works on a block of rows of a batch and touches nothing else, so blocks run in parallel. What the weights'
 * gradient needs of the whole batch is kept in an mlp_trace [batch, width]; what only the passes over one block need lives in
 * an mlp_scratch. Formulas: docs/mathematics.md, "The networks".
 */
#ifndef ENOT_NET_MLP_H
#define ENOT_NET_MLP_H

#include "core/context.h"
#include "core/real.h"
#include "ops/ops.h"

typedef struct mlp {
    activation kind;
    int64_t layers;       /* hidden layers + 1 */
    int64_t *width;       /* [layers + 1]: input, hidden..., output */
    int64_t *weight_at;   /* [layers + 1]: offset of W_l [width[l], width[l-1]], l from 1 */
    int64_t *bias_at;     /* [layers + 1]: offset of b_l [width[l]] */
    int64_t parameter_count;
} mlp;

enot_status mlp_create(enot_context *context, activation kind, int64_t input, const int64_t *hidden, int64_t hidden_count,
                       int64_t output, mlp *net);
void mlp_destroy(mlp *net);

/* LeCun normal weights (truncated at two standard deviations, variance 1 / fan-in), zero biases; last layer zero if asked. */
void mlp_initialise(const mlp *net, uint64_t seed, uint64_t network, int zero_last, real *parameters);

/* The batch's matrices that the gradient of the weights is made of. */
typedef struct mlp_trace {
    int64_t rows;
    real **input;   /* [layers]: a_0 .. a_(layers-1), each [rows, width] */
    real **delta;   /* [layers + 1]: d(output)/d(z_l) times the seed, l from 1 */
    real **tangent; /* [layers]: at_0 .. at_(layers-1); NULL unless second_order */
    real **adjoint; /* [layers]: e_l, l from 1 to layers - 1; NULL unless second_order */
    real *output;   /* [rows, width[layers]] */
} mlp_trace;

enot_status mlp_trace_create(enot_context *context, const mlp *net, int64_t rows, int second_order, mlp_trace *trace);
void mlp_trace_destroy(const mlp *net, mlp_trace *trace);

/* Per-layer matrices of one block of at most rows rows: s', s'' (later the tangent's bend) and W^T delta. */
typedef struct mlp_scratch {
    real **slope, **curvature, **back; /* [layers] each, l from 1; back also holds l = 0 */
} mlp_scratch;

enot_status mlp_scratch_create(enot_context *context, const mlp *net, int64_t rows, mlp_scratch *scratch);
void mlp_scratch_destroy(const mlp *net, mlp_scratch *scratch);

/* The rows first .. first + count - 1 of a batch, and what a pass over them uses. */
typedef struct mlp_block {
    const ops *ops;
    const mlp *net;
    const real *parameters;
    mlp_trace *trace;
    mlp_scratch *scratch;
    int64_t first, count;
} mlp_block;

/* trace->input[0] -> trace->output. */
void mlp_forward(const mlp_block *block);
/* trace->delta[layers] (the seed, [rows, output]) -> delta[l], back[l] for l >= 1; back[0] too if with_input. */
void mlp_backward(const mlp_block *block, int with_input);
/* trace->tangent[0] -> tangent[l]; after mlp_backward. */
void mlp_tangent(const mlp_block *block);
/* adjoint[l]: gradient of sum <grad_x output, tangent[0]> in z_l; after mlp_tangent. */
void mlp_adjoint(const mlp_block *block);
/* delta[l] of the block's row i *= scale[i]. */
void mlp_scale_delta(const mlp_block *block, const real *scale);

/* The gradient of W_l is the sum over at most two pairs of left^T right, of b_l the column sums of left if with_bias. */
typedef struct mlp_pair {
    real *const *left;   /* indexed by l = 1 .. layers; NULL entries are skipped */
    real *const *right;  /* indexed by l - 1 */
    int with_bias;
} mlp_pair;

/* The gradient is cut into tiles of output units, which are independent. */
int64_t mlp_gradient_tiles(const mlp *net);
void mlp_gradient_tile(const ops *ops, const mlp *net, int64_t rows, const mlp_pair *pairs, int pair_count, int64_t tile,
                       real *gradient);

#endif
