/*
 * Multi-layer perceptrons: a_0 = x, z_l = W_l a_(l-1) + b_l, a_l = s(z_l), the last layer linear.
 *
 * Every pass works on a block of rows of a batch and touches nothing else, so blocks run in parallel. What the weights'
 * gradient needs of a block is kept in an mlp_trace; what only the passes need lives in an mlp_scratch. All matrices are in
 * panels (ops/panels.h). Formulas: docs/mathematics.md, "The networks".
 */
#ifndef ENOT_NET_MLP_H
#define ENOT_NET_MLP_H

#include "core/context.h"
#include "ops/bf16.h"
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

/* Elements of all weight matrices. */
int64_t mlp_weight_count(const mlp *net);

/* Additions and multiplications of the matrix products in one pass of so many rows over the network; docs/mathematics.md counts passes. */
double mlp_pass_operations(const mlp *net, int64_t rows);

/* LeCun normal weights (truncated at two standard deviations, variance 1 / fan-in), zero biases; last layer zero if asked. */
void mlp_initialise(enot_context *context, const mlp *net, uint64_t seed, uint32_t network, int zero_last, real *parameters);

/* Weights and their gradient fall into tiles of some units of one layer, which are independent. */
enum { MLP_TILE_PANELS = 4 }; /* so many that a panel of the gradient's right side, once cached, serves several products */

typedef struct mlp_tile {
    int64_t layer;      /* from 1 */
    int64_t panel, end; /* units panel * PANEL .. min(end * PANEL, width[layer]) - 1 */
} mlp_tile;

int64_t mlp_tile_count(const mlp *net);
mlp_tile mlp_tile_at(const mlp *net, int64_t index);

/* The parameters as products want them: a copy, to be made anew when they have changed. */
typedef struct mlp_weights {
    const mlp *net;
    panels *up;   /* [layers + 1]: W_l^T [width[l-1], width[l]], l from 1; of layers in bf16 NULL */
    panels *down; /* [layers + 1]: W_l [width[l], width[l-1]]; of layers in bf16 NULL */
    panels *bias; /* [layers + 1]: b_l [1, width[l]] */
    const bf16_ops *bf16;             /* NULL: all products are of reals */
    bf16_panels *up_bf16, *down_bf16; /* [layers + 1]: the same in bf16, of layers that mlp_rounds */
} mlp_weights;

/*
 * Whether products with W_l may be of bf16. Narrower than half a panel they are of reals: coordinates of few dimensions and the
 * potential are worth more than eight bits, and a tile would mostly be filling (docs/performance.md, "Mixed precision").
 */
enum { MLP_BF16_WIDTH = PANEL / 2 };
static inline int mlp_rounds(const mlp *net, int64_t l) {
    return net->width[l - 1] >= MLP_BF16_WIDTH && net->width[l] >= MLP_BF16_WIDTH;
}

/* kernels: of products in bf16, or NULL. */
enot_status mlp_weights_create(enot_context *context, const mlp *net, const bf16_ops *kernels, mlp_weights *weights);
void mlp_weights_destroy(mlp_weights *weights);
void mlp_weights_load_tile(const ops *ops, const mlp_weights *weights, const real *parameters, int64_t index);
void mlp_weights_load(enot_context *context, const ops *ops, const mlp_weights *weights, const real *parameters);

/* The matrices that the gradient of the weights is made of. */
typedef struct mlp_trace {
    panels *input;   /* [layers]: a_0 .. a_(layers-1), each [rows, width] */
    panels *delta;   /* [layers + 1]: d(output)/d(z_l) times the seed, l from 1 */
    panels *tangent; /* [layers]: at_0 .. at_(layers-1); NULL unless second_order */
    panels *adjoint; /* [layers + 1]: e_l, l from 1; zero at the top; NULL unless second_order */
    panels output;   /* [rows, width[layers]] */
} mlp_trace;

enot_status mlp_trace_create(enot_context *context, const mlp *net, int64_t rows, int second_order, mlp_trace *trace);
void mlp_trace_destroy(mlp_trace *trace);

/* Per-layer matrices of one block of at most rows rows. */
typedef struct mlp_scratch {
    panels *slope;          /* [layers]: s', l from 1 */
    panels *curvature;      /* [layers]: s'', after mlp_backward s'' W^T delta; NULL unless second_order */
    panels input_gradient;  /* [rows, width[0]]: of the output in the input */
    real *gradient, *pulled; /* [rows, width[0]] row-major, for whoever runs the passes */
} mlp_scratch;

enot_status mlp_scratch_create(enot_context *context, const mlp *net, int64_t rows, int second_order, mlp_scratch *scratch);
void mlp_scratch_destroy(mlp_scratch *scratch);

/* Where one thread rounds the operands of its products to bf16. */
typedef struct mlp_operands {
    const bf16_ops *ops;
    bf16 *left, *right;
} mlp_operands;

/* For blocks of at most rows rows of net, or of networks whose layers are no wider. */
enot_status mlp_operands_create(enot_context *context, const bf16_ops *ops, const mlp *net, int64_t rows,
                                mlp_operands *operands);
void mlp_operands_destroy(mlp_operands *operands);

/* Rows 0 .. count - 1 of a trace, and what a pass over them uses. */
typedef struct mlp_block {
    const ops *ops;
    const mlp_weights *weights;
    mlp_trace *trace;
    mlp_scratch *scratch;
    int64_t count;
    const mlp_operands *operands; /* for weights in bf16; NULL: all products are of reals */
} mlp_block;

/* trace->input[0] -> trace->output. */
void mlp_forward(const mlp_block *block);
/* trace->delta[layers] (the seed) -> delta[l] for l >= 1; scratch->input_gradient too if with_input. */
void mlp_backward(const mlp_block *block, int with_input);
/* trace->tangent[0] -> tangent[l]; after mlp_backward. */
void mlp_tangent(const mlp_block *block);
/* adjoint[l]: gradient of sum <grad_x output, tangent[0]> in z_l; after mlp_tangent. */
void mlp_adjoint(const mlp_block *block);
/* scratch->input_gradient = gradient of sum <grad_x output, tangent[0]> in x; after mlp_adjoint. */
void mlp_adjoint_input(const mlp_block *block);
/* delta[l] of the block's row i *= scale[i]. */
void mlp_scale_delta(const mlp_block *block, const real *scale);
/* adjoint[l] = its own below the top, 0 there, + scale[i] delta[l] of row i: the gradients of two uses of one forward pass. */
void mlp_add_delta(const mlp_block *block, const real *scale);

/*
 * The gradient of W_l is the sum over the pairs of left^T right, of b_l the column sums of left if with_bias, which at most two
 * pairs have.
 */
#define MLP_PAIRS_MOST OPS_PAIRS_MOST
typedef struct mlp_pair {
    const panels *left;   /* indexed by l = 1 .. layers; matrices that are NULL are skipped */
    const panels *right;  /* indexed by l - 1 */
    int with_bias;
} mlp_pair;

/*
 * Over rows 0 .. rows - 1 of the pairs, one block: one tile of gradient = its sums, or += if accumulate. operands: NULL if all
 * products are of reals.
 */
void mlp_gradient_tile(const ops *ops, const mlp_operands *operands, const mlp *net, int64_t rows, const mlp_pair *pairs,
                       int pair_count, int accumulate, int64_t index, real *gradient);

#endif
