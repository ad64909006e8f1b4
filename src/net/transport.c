#include "net/transport.h"

static void enter(const mlp_block *b, const transport *t, const real *x) {
    panels_from_rows(x, b->count, t->dim, t->scale, b->trace->input[0]);
    mlp_forward(b);
}

static real *seeds(const mlp_block *b) { return b->trace->delta[b->weights->net->layers].at; }

/* scratch->gradient = gradient of the network's scalar output in x. */
static void differentiate(const mlp_block *b, const transport *t) {
    real *seed = seeds(b), *gradient = b->scratch->gradient;
    for (int64_t i = 0; i < b->count; i++) seed[i * PANEL] = 1;
    mlp_backward(b, 1);
    panels_to_rows(b->scratch->input_gradient, b->count, t->dim, gradient);
    for (int64_t i = 0; i < b->count; i++)
        for (int64_t j = 0; j < t->dim; j++) gradient[i * t->dim + j] *= t->scale[j];
}

void transport_map(const mlp_block *b, const transport *t, const real *x, real *moved) {
    int64_t count = b->count * t->dim;
    enter(b, t, x);
    if (t->form == ENOT_FORM_VECTOR_FIELD) {
        panels_to_rows(b->trace->output, b->count, t->dim, moved);
        for (int64_t i = 0; i < count; i++) moved[i] += x[i];
        return;
    }
    differentiate(b, t);
    if (t->form == ENOT_FORM_POTENTIAL) {
        t->cost.kind->conjugate(&t->cost, b->count, b->scratch->gradient, moved);
        for (int64_t i = 0; i < count; i++) moved[i] = x[i] - moved[i];
    } else {
        for (int64_t i = 0; i < count; i++) moved[i] = x[i] + b->scratch->gradient[i];
    }
}

void transport_pull(const mlp_block *b, const transport *t, const real *v) {
    if (t->form == ENOT_FORM_VECTOR_FIELD) {
        panels_from_rows(v, b->count, t->dim, NULL, b->trace->delta[b->weights->net->layers]);
        mlp_backward(b, 0);
        return;
    }
    if (t->form == ENOT_FORM_POTENTIAL) {
        real *pulled = b->scratch->pulled;
        t->cost.kind->conjugate_product(&t->cost, b->count, b->scratch->gradient, v, pulled);
        for (int64_t i = 0; i < b->count * t->dim; i++) pulled[i] = -pulled[i];
        v = pulled;
    }
    panels_from_rows(v, b->count, t->dim, t->scale, b->trace->tangent[0]);
    mlp_tangent(b);
    mlp_adjoint(b);
}

void transport_pull_points(const mlp_block *b, const transport *t, const real *v, real *out) {
    mlp_adjoint_input(b);
    panels_to_rows(b->scratch->input_gradient, b->count, t->dim, out);
    for (int64_t i = 0; i < b->count; i++)
        for (int64_t j = 0; j < t->dim; j++) out[i * t->dim + j] = v[i * t->dim + j] + t->scale[j] * out[i * t->dim + j];
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
    transport_read_potential(b, t, y, values);
}

void transport_read_potential(const mlp_block *b, const transport *t, const real *y, real *values) {
    panels_to_rows(b->trace->output, b->count, 1, values);
    for (int64_t i = 0; i < b->count && t->form == ENOT_FORM_DOT_PRODUCT; i++) {
        real square = 0;
        for (int64_t j = 0; j < t->dim; j++) square += y[i * t->dim + j] * y[i * t->dim + j];
        values[i] = -(values[i] + square / 2);
    }
}

void transport_potential_gradient(const mlp_block *b, const transport *t, const real *y, real *gradient) {
    differentiate(b, t);
    const real *slope = b->scratch->gradient;
    for (int64_t i = 0; i < b->count * t->dim; i++)
        gradient[i] = t->form == ENOT_FORM_DOT_PRODUCT ? -(slope[i] + y[i]) : slope[i];
}

void transport_potential_seed(const mlp_block *b, const real *seed) {
    for (int64_t i = 0; i < b->count; i++) seeds(b)[i * PANEL] = seed[i];
}

real transport_sign(const transport *t) { return t->form == ENOT_FORM_DOT_PRODUCT ? -1 : 1; }
