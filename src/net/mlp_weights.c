#include "core/parallel.h"
#include "net/mlp.h"

/* rows[units, PANEL] = the first columns of w[units, ..], rows in apart; zero beyond. */
static void load_down(const real *w, int64_t in, int64_t columns, int64_t units, real *rows) {
    for (int64_t j = 0; j < units; j++)
        for (int64_t i = 0; i < PANEL; i++) rows[j * PANEL + i] = i < columns ? w[j * in + i] : 0;
}

/* Rows of a panel that are rounded at once. */
enum { PIECE = 2 * PANEL };

/* A panel of up: the transpose of w[units, in]. */
static void round_up(const ops *ops, const bf16_ops *kernels, const real *w, int64_t in, int64_t units, bf16 *up) {
    real piece[PIECE * PANEL] __attribute__((aligned(64))) = {0};
    for (int64_t first = 0; first < in; first += PIECE) {
        int64_t count = in - first < PIECE ? in - first : PIECE;
        ops->transpose(units, count, w + first, in, piece);
        kernels->round_right(count, piece, up + first * PANEL);
    }
}

/* Rows first ... of down's panels: w[units, in], units <= PANEL. */
static void round_down(const bf16_ops *kernels, const real *w, int64_t in, int64_t units, bf16_panels down, int64_t first) {
    real piece[PANEL * PANEL] __attribute__((aligned(64)));
    for (int64_t p = 0; p < panels_count(in); p++) {
        load_down(w + p * PANEL, in, panels_columns(in, p), units, piece);
        kernels->round_right(units, piece, bf16_panels_at(down, p) + first * PANEL);
    }
}

void mlp_weights_load_tile(const ops *ops, const mlp_weights *weights, const real *parameters, int64_t index) {
    const mlp *net = weights->net;
    mlp_tile tile = mlp_tile_at(net, index);
    int64_t l = tile.layer, in = net->width[l - 1];
    for (int64_t p = tile.panel; p < tile.end; p++) {
        int64_t first = p * PANEL, units = panels_columns(net->width[l], p);
        const real *w = parameters + net->weight_at[l] + first * in, *bias = parameters + net->bias_at[l] + first;
        for (int64_t j = 0; j < units; j++) weights->bias[l].at[first + j] = bias[j];
        if (weights->bf16 && mlp_rounds(net, l)) {
            round_up(ops, weights->bf16, w, in, units, bf16_panels_at(weights->up_bf16[l], p));
            round_down(weights->bf16, w, in, units, weights->down_bf16[l], first);
        } else {
            ops->transpose(units, in, w, in, panels_at(weights->up[l], p));
            for (int64_t q = 0; q < panels_count(in); q++)
                load_down(w + q * PANEL, in, panels_columns(in, q), units, panels_at(weights->down[l], q) + first * PANEL);
        }
    }
}

typedef struct loading {
    const ops *ops;
    const mlp_weights *weights;
    const real *parameters;
} loading;

static void load_task(void *user, int64_t index, int worker) {
    const loading *l = user;
    mlp_weights_load_tile(l->ops, l->weights, l->parameters, index);
}

void mlp_weights_load(enot_context *context, const ops *ops, const mlp_weights *weights, const real *parameters) {
    parallel_for(context, mlp_tile_count(weights->net), load_task, &(loading){ops, weights, parameters});
}
