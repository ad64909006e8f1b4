#include "net/mlp.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
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

void mlp_destroy(mlp *net) {
    memory_destroy(net->width);
    *net = (mlp){0};
}

static double truncated_normal(random_row *row) {
    double value;
    do value = random_normal(row);
    while (fabs(value) > 2);
    return value / .87962566103423978; /* the standard deviation that is left after truncation */
}

void mlp_initialise(const mlp *net, uint64_t seed, uint64_t network, int zero_last, real *parameters) {
    random_row row = random_row_start(seed, RANDOM_STREAM_INIT, network);
    memset(parameters, 0, (size_t)net->parameter_count * sizeof *parameters);
    for (int64_t l = 1; l <= net->layers - (zero_last ? 1 : 0); l++) {
        double deviation = 1 / sqrt((double)net->width[l - 1]);
        for (int64_t i = net->weight_at[l]; i < net->bias_at[l]; i++)
            parameters[i] = (real)(deviation * truncated_normal(&row));
    }
}

static const real *weight(const mlp_block *b, int64_t l) { return b->parameters + b->net->weight_at[l]; }
static const real *bias(const mlp_block *b, int64_t l) { return b->parameters + b->net->bias_at[l]; }

/* The block's rows of a batch matrix of layer l. */
static real *rows_of(const mlp_block *b, real *const *matrices, int64_t l) {
    return matrices[l] + b->first * b->net->width[l];
}

/* out[count, width[l]] = in[count, width[l-1]] W_l^T */
static void multiply_up(const mlp_block *b, int64_t l, const real *in, real *out) {
    int64_t from = b->net->width[l - 1], to = b->net->width[l];
    b->ops->gemm(0, 1, b->count, to, from, in, from, weight(b, l), from, 0, out, to);
}

/* out[count, width[l-1]] = in[count, width[l]] W_l */
static void multiply_down(const mlp_block *b, int64_t l, const real *in, real *out) {
    int64_t to = b->net->width[l - 1], from = b->net->width[l];
    b->ops->gemm(0, 0, b->count, to, from, in, from, weight(b, l), to, 0, out, to);
}

void mlp_forward(const mlp_block *b) {
    const mlp *net = b->net;
    for (int64_t l = 1; l < net->layers; l++) {
        real *z = rows_of(b, b->trace->input, l);
        multiply_up(b, l, rows_of(b, b->trace->input, l - 1), z);
        b->ops->kernels->activate(net->kind, b->count, net->width[l], bias(b, l), z, b->scratch->slope[l],
                                  b->scratch->curvature[l]);
    }
    int64_t top = net->layers, width = net->width[top];
    real *output = b->trace->output + b->first * width;
    multiply_up(b, top, rows_of(b, b->trace->input, top - 1), output);
    for (int64_t i = 0; i < b->count * width; i++) output[i] += bias(b, top)[i % width];
}

void mlp_backward(const mlp_block *b, int with_input) {
    const mlp *net = b->net;
    for (int64_t l = net->layers - 1; l >= 1; l--) {
        multiply_down(b, l + 1, rows_of(b, b->trace->delta, l + 1), b->scratch->back[l]);
        b->ops->kernels->multiply(b->count * net->width[l], b->scratch->slope[l], b->scratch->back[l],
                                  rows_of(b, b->trace->delta, l));
    }
    if (with_input) multiply_down(b, 1, rows_of(b, b->trace->delta, 1), b->scratch->back[0]);
}

void mlp_tangent(const mlp_block *b) {
    for (int64_t l = 1; l < b->net->layers; l++) {
        real *tangent = rows_of(b, b->trace->tangent, l);
        multiply_up(b, l, rows_of(b, b->trace->tangent, l - 1), tangent);
        b->ops->kernels->tangent(b->count * b->net->width[l], b->scratch->slope[l], b->scratch->back[l], tangent,
                                 b->scratch->curvature[l]);
    }
}

void mlp_adjoint(const mlp_block *b) {
    int64_t top = b->net->layers - 1;
    for (int64_t l = top; l >= 1; l--) {
        real *e = rows_of(b, b->trace->adjoint, l);
        size_t count = (size_t)(b->count * b->net->width[l]);
        if (l == top) {
            memcpy(e, b->scratch->curvature[l], count * sizeof *e);
            continue;
        }
        multiply_down(b, l + 1, rows_of(b, b->trace->adjoint, l + 1), e);
        b->ops->kernels->adjoint((int64_t)count, b->scratch->slope[l], b->scratch->curvature[l], e);
    }
}

void mlp_scale_delta(const mlp_block *b, const real *scale) {
    for (int64_t l = 1; l <= b->net->layers; l++)
        b->ops->kernels->scale_rows(b->count, b->net->width[l], scale, rows_of(b, b->trace->delta, l));
}
