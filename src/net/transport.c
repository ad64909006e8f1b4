#include "net/transport.h"

#include <math.h>
#include <string.h>

#include "core/clones.h"
#include "core/memory.h"
#include "cost/square.h"

static const manifold *embedded(const cost *c) {
    const manifold *m = c->kind->manifold;
    return m && m->inputs ? m : NULL;
}

int64_t transport_inputs(const cost *c) { return embedded(c) ? embedded(c)->inputs(c, NULL) : c->dim; }

enot_status transport_create_scale(enot_context *context, const cost *c, const double *spread, real **scale) {
    int64_t count = transport_inputs(c), *columns;
    TRY(MEMORY_NEW(context, count, "the input scale", scale));
    TRY(MEMORY_NEW(context, count, "the input scale", &columns));
    for (int64_t i = 0; i < count; i++) columns[i] = i;
    if (embedded(c)) embedded(c)->inputs(c, columns);
    for (int64_t i = 0; i < count; i++) (*scale)[i] = (real)(1 / spread[columns[i]]);
    memory_destroy(columns);
    return ENOT_OK;
}

CLONES static void add_ridge(const transport *t, int64_t rows, const real *x, const real *y, real *out) {
    for (int64_t i = 0; i < rows; i++) out[i] += t->ridge * square_distance(t->dim, x + i * t->dim, y + i * t->dim);
}

void transport_cost(const transport *t, int64_t rows, const real *x, const real *y, real *out) {
    t->cost.kind->value(&t->cost, rows, x, y, out);
    if (t->ridge > 0) add_ridge(t, rows, x, y, out);
}

void transport_cost_gradient(const transport *t, int64_t rows, const real *x, const real *y, real *out) {
    t->cost.kind->gradient(&t->cost, rows, x, y, out);
    for (int64_t i = 0; t->ridge > 0 && i < rows * t->dim; i++) out[i] += 2 * t->ridge * (y[i] - x[i]);
}

/* costs[count] = -<x, y_j> */
CLONES static void negative_products(int64_t dim, const real *x, int64_t count, const real *y, real *costs) {
    for (int64_t j = 0; j < count; j++) {
        real sum = 0;
#pragma omp simd reduction(+ : sum)
        for (int64_t k = 0; k < dim; k++) sum += x[k] * y[j * dim + k];
        costs[j] = -sum;
    }
}

/* costs[count] = c(x, y_j) */
static void costs_from(const transport *t, const real *x, int64_t count, const real *y, real *repeated, real *costs) {
    if (t->cost.kind == &cost_dot_product) {
        negative_products(t->dim, x, count, y, costs);
        return;
    }
    for (int64_t j = 0; j < count; j++) memcpy(repeated + j * t->dim, x, (size_t)t->dim * sizeof *x);
    transport_cost(t, count, repeated, y, costs);
}

real transport_search(const transport *t, const real *x, int64_t count, const real *y, const real *g, real *repeated, real *costs,
                      int64_t *index) {
    real least = INFINITY;
    for (int64_t first = 0; first < count; first += TRANSPORT_SEARCH_ROWS) {
        int64_t rows = count - first < TRANSPORT_SEARCH_ROWS ? count - first : TRANSPORT_SEARCH_ROWS;
        costs_from(t, x, rows, y + first * t->dim, repeated, costs);
        for (int64_t j = 0; j < rows; j++) {
            if (!(costs[j] - g[first + j] < least)) continue;
            least = costs[j] - g[first + j];
            *index = first + j;
        }
    }
    return least;
}

static void enter(const mlp_block *b, const transport *t, const real *x) {
    if (embedded(&t->cost)) {
        embedded(&t->cost)->embed(&t->cost, b->count, x, b->scratch->pulled);
        x = b->scratch->pulled;
    }
    panels_from_rows(x, b->count, transport_inputs(&t->cost), t->scale, b->trace->input[0]);
    mlp_forward(b);
}

static real *seeds(const mlp_block *b) { return b->trace->delta[b->weights->net->layers].at; }

/* scratch->gradient = gradient of the network's scalar output in its unscaled inputs. */
static void differentiate(const mlp_block *b, const transport *t) {
    real *seed = seeds(b), *gradient = b->scratch->gradient;
    for (int64_t i = 0; i < b->count; i++) seed[i * PANEL] = 1;
    mlp_backward(b, 1);
    int64_t inputs = transport_inputs(&t->cost);
    panels_to_rows(b->scratch->input_gradient, b->count, inputs, gradient);
    for (int64_t i = 0; i < b->count; i++)
        for (int64_t j = 0; j < inputs; j++) gradient[i * inputs + j] *= t->scale[j];
}

/* T(x) = x + net(x) on the manifold; scratch->gradient keeps what was projected. */
static void map_field(const mlp_block *b, const transport *t, const real *x, real *moved) {
    const manifold *m = t->cost.kind->manifold;
    int64_t count = b->count * t->dim;
    panels_to_rows(b->trace->output, b->count, t->dim, moved);
    for (int64_t i = 0; i < count; i++) moved[i] += x[i];
    if (!m) return;
    for (int64_t i = 0; i < count; i++) b->scratch->gradient[i] = moved[i];
    m->project(&t->cost, b->count, moved);
}

/* v pulled back to the network's output. */
static void pull_field(const mlp_block *b, const transport *t, const real *v) {
    const manifold *m = t->cost.kind->manifold;
    if (m && m->project_product) {
        real *pulled = b->scratch->pulled;
        for (int64_t i = 0; i < b->count * t->dim; i++) pulled[i] = v[i];
        m->project_product(&t->cost, b->count, b->scratch->gradient, pulled);
        v = pulled;
    }
    panels_from_rows(v, b->count, t->dim, NULL, b->trace->delta[b->weights->net->layers]);
    mlp_backward(b, 0);
}

void transport_map(const mlp_block *b, const transport *t, const real *x, real *moved) {
    int64_t count = b->count * t->dim;
    enter(b, t, x);
    if (t->form == ENOT_FORM_VECTOR_FIELD) {
        map_field(b, t, x, moved);
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
        pull_field(b, t, v);
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
    if (embedded(&t->cost)) {
        embedded(&t->cost)->embed_product(&t->cost, b->count, y, slope, gradient);
        return;
    }
    for (int64_t i = 0; i < b->count * t->dim; i++)
        gradient[i] = t->form == ENOT_FORM_DOT_PRODUCT ? -(slope[i] + y[i]) : slope[i];
}

void transport_potential_seed(const mlp_block *b, const real *seed) {
    for (int64_t i = 0; i < b->count; i++) seeds(b)[i * PANEL] = seed[i];
}

real transport_sign(const transport *t) { return t->form == ENOT_FORM_DOT_PRODUCT ? -1 : 1; }
