#include "net/transport.h"

#include <string.h>

static real *block_rows(const mlp_block *b, real *matrix, int64_t width) { return matrix + b->first * width; }

static void enter(const mlp_block *b, const transport *t, const real *x) {
    b->ops->kernels->scale_columns(b->count, t->dim, t->scale, x, block_rows(b, b->trace->input[0], t->dim));
    mlp_forward(b);
}

static void seed_with_one(const mlp_block *b) {
    real *seed = block_rows(b, b->trace->delta[b->net->layers], 1);
    for (int64_t i = 0; i < b->count; i++) seed[i] = 1;
}

/* back[0] = gradient of the network's scalar output in x. */
static void differentiate(const mlp_block *b, const transport *t) {
    seed_with_one(b);
    mlp_backward(b, 1);
    b->ops->kernels->scale_columns(b->count, t->dim, t->scale, b->scratch->back[0], b->scratch->back[0]);
}

void transport_map(const mlp_block *b, const transport *t, const real *x, real *moved) {
    int64_t count = b->count * t->dim;
    enter(b, t, x);
    const real *change = b->scratch->back[0];
    real sign = 1;
    if (t->form == ENOT_FORM_VECTOR_FIELD) {
        change = block_rows(b, b->trace->output, t->dim);
    } else {
        differentiate(b, t);
    }
    if (t->form == ENOT_FORM_POTENTIAL) {
        t->cost.kind->conjugate(&t->cost, b->count, change, moved);
        change = moved;
        sign = -1;
    }
    for (int64_t i = 0; i < count; i++) moved[i] = x[i] + sign * change[i];
}

void transport_pull(const mlp_block *b, const transport *t, const real *v) {
    if (t->form == ENOT_FORM_VECTOR_FIELD) {
        memcpy(block_rows(b, b->trace->delta[b->net->layers], t->dim), v, (size_t)(b->count * t->dim) * sizeof *v);
        mlp_backward(b, 0);
        return;
    }
    real *tangent = block_rows(b, b->trace->tangent[0], t->dim);
    if (t->form == ENOT_FORM_POTENTIAL) {
        t->cost.kind->conjugate_product(&t->cost, b->count, b->scratch->back[0], v, tangent);
        for (int64_t i = 0; i < b->count * t->dim; i++) tangent[i] = -tangent[i];
        v = tangent;
    }
    b->ops->kernels->scale_columns(b->count, t->dim, t->scale, v, tangent);
    mlp_tangent(b);
    mlp_adjoint(b);
}

int transport_pairs(const transport *t, const mlp_trace *trace, mlp_pair pairs[2]) {
    if (t->form == ENOT_FORM_VECTOR_FIELD) {
        pairs[0] = (mlp_pair){trace->delta, trace->input, 1};
        return 1;
    }
    pairs[0] = (mlp_pair){trace->delta, trace->tangent, 0};
    pairs[1] = (mlp_pair){trace->adjoint, trace->input, 1};
    return 2;
}

void transport_potential(const mlp_block *b, const transport *t, const real *y, real *values) {
    enter(b, t, y);
    const real *output = block_rows(b, b->trace->output, 1);
    for (int64_t i = 0; i < b->count; i++) {
        values[i] = output[i];
        if (t->form != ENOT_FORM_DOT_PRODUCT) continue;
        real square = 0;
        for (int64_t j = 0; j < t->dim; j++) square += y[i * t->dim + j] * y[i * t->dim + j];
        values[i] = -(output[i] + square / 2);
    }
}

void transport_potential_gradient(const mlp_block *b, const transport *t, const real *y, real *gradient) {
    differentiate(b, t);
    const real *slope = b->scratch->back[0];
    for (int64_t i = 0; i < b->count * t->dim; i++)
        gradient[i] = t->form == ENOT_FORM_DOT_PRODUCT ? -(slope[i] + y[i]) : slope[i];
}

real transport_sign(const transport *t) { return t->form == ENOT_FORM_DOT_PRODUCT ? -1 : 1; }
