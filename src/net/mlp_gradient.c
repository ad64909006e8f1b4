#include "net/mlp.h"

/* Right sides of at least so many elements are not found in the second-level cache: their panels are fetched ahead. */
#define FAR_ELEMENTS 65536

/* Panels that make up the gradient of W_l, units of panel u and inputs of panel p. Returns how many pairs have a left side. */
static int gather(const mlp_pair *pairs, int pair_count, int64_t l, int64_t u, int64_t p, ops_pair out[MLP_PAIRS_MOST]) {
    int count = 0;
    for (int i = 0; i < pair_count; i++) {
        panels left = pairs[i].left[l], right = pairs[i].right[l - 1];
        if (left.at) out[count++] = (ops_pair){panels_at(left, u), panels_at(right, p), panels_at(right, p + 1), 0};
    }
    return count;
}

static void weights_tile(const ops *ops, const mlp *net, mlp_tile tile, int64_t rows, const mlp_pair *pairs, int pair_count,
                         int add, real *gradient) {
    int64_t l = tile.layer, in = net->width[l - 1];
    int64_t share = rows * in >= FAR_ELEMENTS ? rows * PANEL / (tile.end - tile.panel) : 0;
    for (int64_t p = 0; p < panels_count(in); p++)
        for (int64_t u = tile.panel; u < tile.end; u++) {
            ops_pair panel_pairs[MLP_PAIRS_MOST];
            int count = gather(pairs, pair_count, l, u, p, panel_pairs);
            for (int i = 0; i < count; i++) {
                panel_pairs[i].next += (u - tile.panel) * share;
                panel_pairs[i].next_count = share;
            }
            ops->product_transposed(panels_columns(net->width[l], u), panels_columns(in, p), rows, panel_pairs, count, add,
                                    gradient + u * PANEL * in + p * PANEL, in);
        }
}

/* In bf16: the pairs' rows one after the other are the k of one product. */
static void weights_tile_bf16(const ops *ops, const mlp_operands *operands, const mlp *net, mlp_tile tile, int64_t rows,
                              const mlp_pair *pairs, int pair_count, int add, real *gradient) {
    const bf16_ops *kernels = operands->ops;
    int64_t l = tile.layer, in = net->width[l - 1], panel_size = bf16_rows(rows) * PANEL;
    ops_pair panel_pairs[MLP_PAIRS_MOST];
    int count = 0;
    for (int64_t u = tile.panel; u < tile.end; u++) {
        count = gather(pairs, pair_count, l, u, 0, panel_pairs);
        for (int i = 0; i < count; i++)
            kernels->round_transposed(ops, rows, panel_pairs[i].left,
                                      operands->left + ((u - tile.panel) * count + i) * panel_size);
    }
    kernels->enter();
    for (int64_t p = 0; p < panels_count(in); p++) {
        gather(pairs, pair_count, l, tile.panel, p, panel_pairs);
        for (int i = 0; i < count; i++)
            kernels->round_right(rows, panel_pairs[i].right, operands->right + i * panel_size);
        for (int64_t u = tile.panel; u < tile.end; u++)
            kernels->product_transposed(panels_columns(net->width[l], u), panels_columns(in, p), count * bf16_rows(rows),
                                        operands->left + (u - tile.panel) * count * panel_size, operands->right, add,
                                        gradient + u * PANEL * in + p * PANEL, in);
    }
    kernels->leave();
}

/* Of all pairs together. */
static void bias_tile(const ops *ops, const mlp *net, mlp_tile tile, int64_t rows, const mlp_pair *pairs, int pair_count,
                      int add, real *gradient) {
    for (int64_t u = tile.panel; u < tile.end; u++) {
        const real *left[2] = {NULL, NULL};
        int count = 0;
        for (int p = 0; p < pair_count; p++)
            if (pairs[p].with_bias && pairs[p].left[tile.layer].at) left[count++] = panels_at(pairs[p].left[tile.layer], u);
        real sum[PANEL] = {0};
        if (count) ops->sum_rows(rows, left[0], left[1], sum);
        for (int64_t j = 0; j < panels_columns(net->width[tile.layer], u); j++)
            gradient[u * PANEL + j] = add ? gradient[u * PANEL + j] + sum[j] : sum[j];
    }
}

void mlp_gradient_tile(const ops *ops, const mlp_operands *operands, const mlp *net, int64_t rows, const mlp_pair *pairs,
                       int pair_count, int accumulate, int64_t index, real *gradient) {
    mlp_tile tile = mlp_tile_at(net, index);
    real *weights = gradient + net->weight_at[tile.layer];
    if (operands && mlp_rounds(net, tile.layer))
        weights_tile_bf16(ops, operands, net, tile, rows, pairs, pair_count, accumulate, weights);
    else
        weights_tile(ops, net, tile, rows, pairs, pair_count, accumulate, weights);
    bias_tile(ops, net, tile, rows, pairs, pair_count, accumulate, gradient + net->bias_at[tile.layer]);
}
