#include "measures/icnn.h"

#include <string.h>

#include "core/clones.h"
#include "core/memory.h"

/* Points on their way: of each layer the units and its activation's slope, and two layers' values that take turns. */
typedef struct passage {
    const icnn *net;
    const ops *ops;
    int64_t count; /* points */
    panels units, slope[ICNN_LAYERS_MAX], value[2];
} passage;

/* c[count, width] = a[count, k] b[k, width] */
static void multiply(const passage *p, panels a, int64_t k, panels b, int64_t width, panels c) {
    for (int64_t i = 0; i < panels_count(width); i++)
        p->ops->product(p->count, panels_columns(width, i), k, a.at, panels_stride(a), panels_at(b, i), panels_at(c, i), b.at, 0);
}

CLONES static void add_squares(int64_t count, const real *restrict factor, real *restrict sum) {
#pragma omp simd
    for (int64_t i = 0; i < count; i++) sum[i] += factor[i] * factor[i];
}

/* Panel number index of piece r of a layer's units. */
static real *unit(const passage *p, const icnn_layer *layer, int64_t r, int64_t index) {
    return panels_at(p->units, layer->first_unit + r * panels_count(layer->width) + index);
}

/* values: C z; then the layer's z. The first layer has neither C z nor an activation. */
static void finish_layer(const passage *p, int64_t index, panels values) {
    const icnn_layer *layer = &p->net->layers[index];
    int64_t numbers = p->count * PANEL;
    for (int64_t i = 0; i < panels_count(layer->width); i++) {
        real *z = panels_at(values, i);
        if (index == 0) memset(z, 0, (size_t)numbers * sizeof *z);
        for (int64_t r = 0; r < layer->rank; r++) add_squares(numbers, unit(p, layer, r, i), z);
        if (index == 0) continue;
        p->ops->add(numbers, unit(p, layer, layer->rank, i), z);
        p->ops->activate(ACTIVATION_CELU, p->count, layer->bias + i * PANEL, z, panels_at(p->slope[index], i), NULL);
    }
}

static void forward(const passage *p, panels x) {
    const icnn *net = p->net;
    multiply(p, x, net->dim, net->up, net->unit_panels * PANEL, p->units);
    finish_layer(p, 0, p->value[0]);
    for (int64_t i = 1; i < net->layer_count; i++) {
        const icnn_layer *layer = &net->layers[i];
        panels before = p->value[(i - 1) % 2], values = p->value[i % 2];
        multiply(p, before, layer[-1].width, layer->up, layer->width, values);
        finish_layer(p, i, values);
    }
}

/* slope *= final: the derivative of v by what goes into the last activation. */
static panels last_seed(const passage *p) {
    panels seed = p->slope[p->net->layer_count - 1];
    for (int64_t i = 0; i < panels_count(p->net->layers[p->net->layer_count - 1].width); i++)
        for (int64_t k = 0; k < p->count; k++)
            p->ops->backward(PANEL, p->net->final + i * PANEL, NULL, panels_at(seed, i) + k * PANEL);
    return seed;
}

/* Turns the units into the derivatives of v by them, but for the squares' factor 2, which down has. */
static void seed_units(const passage *p, int64_t index, panels seed) {
    const icnn_layer *layer = &p->net->layers[index];
    int64_t numbers = p->count * PANEL;
    for (int64_t i = 0; i < panels_count(layer->width); i++) {
        for (int64_t r = 0; r < layer->rank; r++) p->ops->backward(numbers, panels_at(seed, i), NULL, unit(p, layer, r, i));
        if (index > 0) memcpy(unit(p, layer, layer->rank, i), panels_at(seed, i), (size_t)numbers * sizeof(real));
    }
}

static void backward(const passage *p, panels gradient) {
    const icnn *net = p->net;
    panels seed = last_seed(p);
    for (int64_t i = net->layer_count - 1; i > 0; i--) {
        const icnn_layer *layer = &net->layers[i];
        panels before = p->value[i % 2];
        seed_units(p, i, seed);
        multiply(p, seed, layer->width, layer->down, layer[-1].width, before);
        for (int64_t q = 0; q < panels_count(layer[-1].width) && i > 1; q++)
            p->ops->backward(p->count * PANEL, panels_at(p->slope[i - 1], q), NULL, panels_at(before, q));
        seed = before;
    }
    seed_units(p, 0, seed);
    multiply(p, p->units, net->unit_panels * PANEL, net->down, net->dim, gradient);
}

static void add_curvature(const icnn *net, int64_t count, panels x, panels gradient) {
    for (int64_t i = 0; i < panels_count(net->dim); i++) {
        const real *from = panels_at(x, i);
        real *to = panels_at(gradient, i);
        for (int64_t k = 0; k < count * PANEL; k++) to[k] += net->curvature * from[k];
    }
}

/* Panels that a passage takes. */
static int64_t scratch_panels(const icnn *net, int64_t *widest) {
    int64_t total = net->unit_panels;
    *widest = panels_count(net->layers[0].width);
    for (int64_t i = 1; i < net->layer_count; i++) {
        int64_t own = panels_count(net->layers[i].width);
        total += own;
        if (own > *widest) *widest = own;
    }
    return total + 2 * *widest;
}

static panels take(real **arena, int64_t count) {
    panels taken = {*arena, ICNN_ROWS};
    *arena += count * ICNN_ROWS * PANEL;
    return taken;
}

void icnn_gradient(const icnn *net, int64_t count, panels x, panels gradient) {
    int64_t widest, total = scratch_panels(net, &widest);
    real scratch[total * ICNN_ROWS * PANEL] __attribute__((aligned(MEMORY_ALIGNMENT))), *arena = scratch;
    passage p = {.net = net, .ops = net->ops, .count = count, .units = take(&arena, net->unit_panels)};
    for (int64_t i = 1; i < net->layer_count; i++) p.slope[i] = take(&arena, panels_count(net->layers[i].width));
    for (int k = 0; k < 2; k++) p.value[k] = take(&arena, widest);
    forward(&p, x);
    backward(&p, gradient);
    add_curvature(net, count, x, gradient);
}
