#include "net/mlp.h"

/* Rows of down's panels = w[units, in]. */
static void load_down(const real *w, int64_t in, int64_t units, panels down, int64_t first) {
    for (int64_t p = 0; p < panels_count(in); p++) {
        real *rows = panels_at(down, p) + first * PANEL;
        int64_t columns = panels_columns(in, p);
        for (int64_t j = 0; j < units; j++)
            for (int64_t i = 0; i < columns; i++) rows[j * PANEL + i] = w[j * in + p * PANEL + i];
    }
}

/* Panel p of layer l's units, and those units' rows of down. */
static void load_bf16(const mlp_weights *weights, int64_t l, int64_t p) {
    int64_t in = weights->net->width[l - 1], first = p * PANEL, units = panels_columns(weights->net->width[l], p);
    const bf16_ops *kernels = weights->bf16;
    kernels->round_right(in, panels_at(weights->up[l], p), bf16_panels_at(weights->up_bf16[l], p));
    for (int64_t q = 0; q < panels_count(in); q++)
        kernels->round_right(units, panels_at(weights->down[l], q) + first * PANEL,
                          bf16_panels_at(weights->down_bf16[l], q) + first * PANEL);
}

void mlp_weights_load_tile(const ops *ops, const mlp_weights *weights, const real *parameters, int64_t index) {
    const mlp *net = weights->net;
    mlp_tile tile = mlp_tile_at(net, index);
    int64_t l = tile.layer, in = net->width[l - 1];
    for (int64_t p = tile.panel; p < tile.end; p++) {
        int64_t first = p * PANEL, units = panels_columns(net->width[l], p);
        const real *w = parameters + net->weight_at[l] + first * in, *bias = parameters + net->bias_at[l] + first;
        ops->transpose(units, in, w, in, panels_at(weights->up[l], p));
        load_down(w, in, units, weights->down[l], first);
        for (int64_t j = 0; j < units; j++) weights->bias[l].at[first + j] = bias[j];
        if (weights->bf16 && mlp_rounds(net, l)) load_bf16(weights, l, p);
    }
}

void mlp_weights_load(const ops *ops, const mlp_weights *weights, const real *parameters) {
    for (int64_t index = 0; index < mlp_tile_count(weights->net); index++)
        mlp_weights_load_tile(ops, weights, parameters, index);
}
