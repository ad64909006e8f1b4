#include <string.h>

#include "net/mlp.h"

/* What to do to one panel of a product while it is still in the cache. */
typedef void (*finish)(const mlp_block *b, int64_t l, int64_t panel, real *product);

/* Matrices of at least so many elements are not found in the second-level cache: their panels are fetched ahead. */
#define FAR_ELEMENTS 131072

/* out[count, columns] = in[count, inner] weights, and the finish of layer l on each panel of it. */
static void multiply(const mlp_block *b, panels in, int64_t inner, panels weights, int64_t columns, panels out,
                     int64_t l, finish done) {
    int64_t ahead = inner * columns >= FAR_ELEMENTS ? inner * PANEL : 0;
    for (int64_t p = 0; p < panels_count(columns); p++) {
        real *product = panels_at(out, p);
        b->ops->product(b->count, panels_columns(columns, p), inner, in.at, panels_stride(in),
                        panels_at(weights, p), product, panels_at(weights, p + 1), ahead);
        if (done) done(b, l, p, product);
    }
}

/* The same, of operands in bf16. */
static void multiply_bf16(const mlp_block *b, panels in, int64_t inner, bf16_panels weights, int64_t columns, panels out,
                          int64_t l, finish done) {
    const bf16_ops *kernels = b->operands->ops;
    int64_t stride = bf16_rows(b->count) * PANEL;
    for (int64_t p = 0; p < panels_count(inner); p++)
        kernels->round_left(b->count, panels_columns(inner, p), panels_at(in, p), b->operands->left + p * stride);
    kernels->enter();
    for (int64_t p = 0; p < panels_count(columns); p++) {
        real *product = panels_at(out, p);
        int64_t computed = panels_columns(columns, p) <= PANEL / 2 ? PANEL / 2 : PANEL; /* nothing depends on the other half */
        kernels->product(b->count, computed, inner, b->operands->left, stride, bf16_panels_at(weights, p), 0, product, PANEL);
        if (done) done(b, l, p, product);
    }
    kernels->leave();
}

/* out_l = in_(l-1) W_l^T */
static void multiply_up(const mlp_block *b, const panels *in, int64_t l, panels out, finish done) {
    const mlp_weights *w = b->weights;
    int64_t inner = w->net->width[l - 1], columns = w->net->width[l];
    if (b->operands && mlp_rounds(w->net, l))
        multiply_bf16(b, in[l - 1], inner, w->up_bf16[l], columns, out, l, done);
    else
        multiply(b, in[l - 1], inner, w->up[l], columns, out, l, done);
}

/* out_(l-1) = in_l W_l */
static void multiply_down(const mlp_block *b, const panels *in, int64_t l, panels out, finish done) {
    const mlp_weights *w = b->weights;
    int64_t inner = w->net->width[l], columns = w->net->width[l - 1];
    if (b->operands && mlp_rounds(w->net, l))
        multiply_bf16(b, in[l], inner, w->down_bf16[l], columns, out, l - 1, done);
    else
        multiply(b, in[l], inner, w->down[l], columns, out, l - 1, done);
}

static void activate(const mlp_block *b, int64_t l, int64_t panel, real *z) {
    const mlp_scratch *s = b->scratch;
    b->ops->activate(b->weights->net->kind, b->count, panels_at(b->weights->bias[l], panel), z, panels_at(s->slope[l], panel),
                     s->curvature ? panels_at(s->curvature[l], panel) : NULL);
}

static void add_bias(const mlp_block *b, int64_t l, int64_t panel, real *z) {
    const real *bias = panels_at(b->weights->bias[l], panel);
    int64_t columns = panels_columns(b->weights->net->width[l], panel);
    for (int64_t i = 0; i < b->count; i++)
        for (int64_t j = 0; j < columns; j++) z[i * PANEL + j] += bias[j];
}

void mlp_forward(const mlp_block *b) {
    int64_t top = b->weights->net->layers;
    for (int64_t l = 1; l < top; l++) multiply_up(b, b->trace->input, l, b->trace->input[l], activate);
    multiply_up(b, b->trace->input, top, b->trace->output, add_bias);
}

static void through_slope(const mlp_block *b, int64_t l, int64_t panel, real *e) {
    const mlp_scratch *s = b->scratch;
    b->ops->backward(b->count * PANEL, panels_at(s->slope[l], panel),
                     s->curvature ? panels_at(s->curvature[l], panel) : NULL, e);
}

void mlp_backward(const mlp_block *b, int with_input) {
    const panels *delta = b->trace->delta;
    for (int64_t l = b->weights->net->layers; l > 1; l--) multiply_down(b, delta, l, delta[l - 1], through_slope);
    if (with_input) multiply_down(b, delta, 1, b->scratch->input_gradient, NULL);
}

/* The adjoint of the last hidden layer is its bend alone. */
static void through_tangent(const mlp_block *b, int64_t l, int64_t panel, real *z_tangent) {
    const mlp_scratch *s = b->scratch;
    real *curvature = panels_at(s->curvature[l], panel);
    int last = l == b->weights->net->layers - 1;
    b->ops->tangent(b->count * PANEL, panels_at(s->slope[l], panel), curvature, z_tangent,
                    last ? panels_at(b->trace->adjoint[l], panel) : curvature);
}

void mlp_tangent(const mlp_block *b) {
    const panels *tangent = b->trace->tangent;
    for (int64_t l = 1; l < b->weights->net->layers; l++) multiply_up(b, tangent, l, tangent[l], through_tangent);
}

static void through_bend(const mlp_block *b, int64_t l, int64_t panel, real *e) {
    b->ops->adjoint(b->count * PANEL, panels_at(b->scratch->slope[l], panel), panels_at(b->scratch->curvature[l], panel), e);
}

void mlp_adjoint(const mlp_block *b) {
    const panels *adjoint = b->trace->adjoint;
    for (int64_t l = b->weights->net->layers - 1; l > 1; l--)
        multiply_down(b, adjoint, l, adjoint[l - 1], through_bend);
}

void mlp_adjoint_input(const mlp_block *b) {
    multiply_down(b, b->trace->adjoint, 1, b->scratch->input_gradient, NULL);
}

void mlp_scale_delta(const mlp_block *b, const real *scale) {
    const mlp *net = b->weights->net;
    for (int64_t l = 1; l <= net->layers; l++)
        for (int64_t p = 0; p < panels_count(net->width[l]); p++)
            b->ops->scale_rows(b->count, scale, panels_at(b->trace->delta[l], p));
}

void mlp_add_delta(const mlp_block *b, const real *scale) {
    const mlp *net = b->weights->net;
    panels top = b->trace->adjoint[net->layers];
    memset(top.at, 0, (size_t)panels_size(top.rows, net->width[net->layers]) * sizeof *top.at);
    for (int64_t l = 1; l <= net->layers; l++)
        for (int64_t p = 0; p < panels_count(net->width[l]); p++)
            b->ops->add_rows(b->count, scale, panels_at(b->trace->delta[l], p), panels_at(b->trace->adjoint[l], p));
}
