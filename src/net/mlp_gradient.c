#include "net/mlp.h"

/* Output units a tile: small enough that two threads share a narrow network's work, large enough for a fast product. */
#define TILE_UNITS 64

static int64_t tiles_of(int64_t width) { return (width + TILE_UNITS - 1) / TILE_UNITS; }

int64_t mlp_gradient_tiles(const mlp *net) {
    int64_t tiles = 0;
    for (int64_t l = 1; l <= net->layers; l++) tiles += tiles_of(net->width[l]);
    return tiles;
}

/* Of all pairs together: the bias's gradient of units first .. first + units - 1 of layer l. */
static void bias_tile(const ops *ops, const mlp *net, int64_t rows, const mlp_pair *pairs, int pair_count, int64_t l,
                      int64_t first, int64_t units, real *gradient) {
    const real *left[2] = {NULL, NULL};
    int count = 0;
    for (int p = 0; p < pair_count; p++)
        if (pairs[p].with_bias && pairs[p].left[l]) left[count++] = pairs[p].left[l] + first;
    real *out = gradient + net->bias_at[l] + first;
    ops->kernels->sum_rows(count ? rows : 0, units, left[0], left[1], net->width[l], out);
}

void mlp_gradient_tile(const ops *ops, const mlp *net, int64_t rows, const mlp_pair *pairs, int pair_count, int64_t tile,
                       real *gradient) {
    int64_t l = 1;
    while (tile >= tiles_of(net->width[l])) tile -= tiles_of(net->width[l++]);
    int64_t in = net->width[l - 1], out = net->width[l], first = tile * TILE_UNITS;
    int64_t units = out - first < TILE_UNITS ? out - first : TILE_UNITS;
    real beta = 0, *weights = gradient + net->weight_at[l] + first * in;
    for (int p = 0; p < pair_count; p++) {
        if (!pairs[p].left[l]) continue;
        ops->gemm(1, 0, units, in, rows, pairs[p].left[l] + first, out, pairs[p].right[l - 1], in, beta, weights, in);
        beta = 1;
    }
    bias_tile(ops, net, rows, pairs, pair_count, l, first, units, gradient);
}
