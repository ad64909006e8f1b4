#include "net/mlp.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "core/parallel.h"
#include "core/random.h"

enot_status mlp_create(enot_context *context, activation kind, int64_t input, const int64_t *hidden, int64_t hidden_count,
                       int64_t output, mlp *net) {
    int64_t layers = hidden_count + 1, *numbers;
    TRY(MEMORY_NEW(context, 3 * (layers + 1), "a network's shape", &numbers));
    *net = (mlp){kind, layers, numbers, numbers + layers + 1, numbers + 2 * (layers + 1), 0};
    net->width[0] = input;
    for (int64_t l = 1; l < layers; l++) net->width[l] = hidden[l - 1];
    net->width[layers] = output;
    for (int64_t l = 1; l <= layers; l++) {
        net->weight_at[l] = net->parameter_count;
        net->bias_at[l] = net->weight_at[l] + net->width[l] * net->width[l - 1];
        net->parameter_count = net->bias_at[l] + net->width[l];
    }
    return ENOT_OK;
}

int64_t mlp_weight_count(const mlp *net) {
    int64_t count = 0;
    for (int64_t l = 1; l <= net->layers; l++) count += net->width[l] * net->width[l - 1];
    return count;
}

double mlp_pass_operations(const mlp *net, int64_t rows) { return 2 * (double)rows * (double)mlp_weight_count(net); }

void mlp_destroy(mlp *net) {
    memory_destroy(net->width);
    *net = (mlp){0};
}

/* Normals that are drawn at once. */
#define NORMALS 64

/* Normals within +-2, scaled by `factor` over the standard deviation that is left after truncation. */
static void draw_truncated(random_row *row, double factor, int64_t count, real *out) {
    double drawn[NORMALS];
    for (int64_t filled = 0; filled < count;) {
        random_normals(row, NORMALS, drawn);
        for (int i = 0; i < NORMALS && filled < count; i++)
            if (fabs(drawn[i]) <= 2) out[filled++] = (real)(drawn[i] / .87962566103423978 * factor);
    }
}

/* The weights of which the tasks draw one unit's each. */
typedef struct beginning {
    const mlp *net;
    uint64_t seed;
    uint32_t network;
    real *parameters;
} beginning;

static void draw_unit(void *user, int64_t index, int worker) {
    const beginning *b = user;
    const mlp *net = b->net;
    random_row row = random_row_start(b->seed, RANDOM_STREAM_INIT, (uint64_t)b->network << 32 | (uint64_t)index);
    int64_t l = 1;
    while (index >= net->width[l]) index -= net->width[l++];
    int64_t in = net->width[l - 1];
    draw_truncated(&row, 1 / sqrt((double)in), in, b->parameters + net->weight_at[l] + index * in);
}

void mlp_initialise(enot_context *context, const mlp *net, uint64_t seed, uint32_t network, int zero_last, real *parameters) {
    int64_t units = 0;
    memset(parameters, 0, (size_t)net->parameter_count * sizeof *parameters);
    for (int64_t l = 1; l <= net->layers - (zero_last ? 1 : 0); l++) units += net->width[l];
    parallel_for(context, units, draw_unit, &(beginning){net, seed, network, parameters});
}

static int64_t tiles_of(int64_t width) { return (panels_count(width) + MLP_TILE_PANELS - 1) / MLP_TILE_PANELS; }

int64_t mlp_tile_count(const mlp *net) {
    int64_t tiles = 0;
    for (int64_t l = 1; l <= net->layers; l++) tiles += tiles_of(net->width[l]);
    return tiles;
}

mlp_tile mlp_tile_at(const mlp *net, int64_t index) {
    int64_t l = 1;
    while (index >= tiles_of(net->width[l])) index -= tiles_of(net->width[l++]);
    int64_t first = index * MLP_TILE_PANELS, all = panels_count(net->width[l]);
    return (mlp_tile){l, first, first + MLP_TILE_PANELS < all ? first + MLP_TILE_PANELS : all};
}
