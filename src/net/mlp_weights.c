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
    }
}

void mlp_weights_load(const ops *ops, const mlp_weights *weights, const real *parameters) {
    for (int64_t index = 0; index < mlp_tile_count(weights->net); index++)
        mlp_weights_load_tile(ops, weights, parameters, index);
}
