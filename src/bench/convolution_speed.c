#ifndef ENOT_REAL_DOUBLE

#include "bench/convolution_speed.h"

#include <math.h>

#include "bench/bare_convolution.h"
#include "core/memory.h"
#include "net/conv/pass.h"

static const bare_way WAYS[] = {{0, 0, 1}, {1, 0, 1}, {0, 0, 0}, {0, 1, 0}, {1, 0, 0}, {1, 1, 0}};
enum { WAY_COUNT = sizeof WAYS / sizeof *WAYS, TRIALS = 3 };

typedef struct measured_product {
    bare_convolution way[WAY_COUNT];
    int fastest;
    double operations;
} measured_product;

struct convolution_speed {
    enot_context *context;
    dnnl_engine_t engine;
    bare_memory memory;
    measured_product *products;
    int64_t count;
};

static enot_status plan_product(convolution_speed *s, const convolution_shape *shape, int which, int64_t rows) {
    measured_product *p = &s->products[s->count++];
    double outputs = (double)(convolution_out_height(shape) * convolution_out_width(shape));
    p->operations = 2 * (double)rows * outputs * (double)convolution_weights(shape);
    for (int w = 0; w < WAY_COUNT; w++)
        TRY(bare_convolution_plan(s->context, s->engine, shape, which, rows, WAYS[w], &s->memory, &p->way[w]));
    return ENOT_OK;
}

static enot_status plan_pass(convolution_speed *s, const convolution_pass *pass) {
    for (int64_t l = 0; l < pass->net->layer_count; l++) {
        const conv_layer *layer = &pass->net->layers[l];
        if (layer->kind != CONV_CONVOLUTION) continue;
        convolution_shape shape = conv_pass_convolution_shape(pass->net, layer);
        TRY(plan_product(s, &shape, FORWARD, pass->rows));
        TRY(plan_product(s, &shape, BACKWARD_WEIGHTS, pass->rows));
        if (layer->input > 0 || pass->with_input_gradient)
            TRY(plan_product(s, &shape, BACKWARD_INPUT, pass->rows));
    }
    return ENOT_OK;
}

static enot_status bind(convolution_speed *s) {
    TRY(bare_memory_create(s->context, &s->memory));
    for (int64_t i = 0; i < s->count; i++)
        for (int w = 0; w < WAY_COUNT; w++)
            if (s->products[i].way[w].primitive)
                TRY(bare_convolution_bind(&s->products[i].way[w], s->engine, &s->memory));
    return ENOT_OK;
}

/* A way whose first time, which warms up, is so many times the least so far is not tried again. */
#define HOPELESS 1.5

static double least_time(bare_convolution *b, double least_so_far) {
    double least = bare_convolution_time(b);
    if (least > HOPELESS * least_so_far) return INFINITY;
    for (int i = 1; i < TRIALS; i++) least = fmin(least, bare_convolution_time(b));
    return least;
}

static void try_ways(measured_product *p) {
    double least = INFINITY;
    for (int w = 0; w < WAY_COUNT; w++) {
        if (!p->way[w].primitive) continue;
        double seconds = least_time(&p->way[w], least);
        if (seconds >= least) continue;
        least = seconds;
        p->fastest = w;
    }
}

static int same(const bare_convolution *a, const bare_convolution *b) {
    const convolution_shape *s = &a->shape, *t = &b->shape;
    return a->product == b->product && a->calls == b->calls && s->height == t->height && s->width == t->width &&
           s->inputs == t->inputs && s->outputs == t->outputs && s->kernel_height == t->kernel_height &&
           s->kernel_width == t->kernel_width;
}

static void choose(convolution_speed *s, int64_t index) {
    measured_product *p = &s->products[index];
    for (int64_t i = 0; i < index; i++)
        if (same(&s->products[i].way[0], &p->way[0])) {
            p->fastest = s->products[i].fastest;
            return;
        }
    try_ways(p);
}

static enot_status fill(convolution_speed *s, const convolution_pass *passes, int pass_count) {
    int64_t most = 0;
    for (int i = 0; i < pass_count; i++) most += 3 * passes[i].net->layer_count;
    TRY(MEMORY_NEW(s->context, most, "convolutions to measure", &s->products));
    if (dnnl_engine_create(&s->engine, dnnl_cpu, 0) != dnnl_success)
        return context_fail_memory(s->context, 0, "convolutions to measure");
    for (int i = 0; i < pass_count; i++) TRY(plan_pass(s, &passes[i]));
    TRY(bind(s));
    for (int64_t i = 0; i < s->count; i++) choose(s, i);
    return ENOT_OK;
}

enot_status convolution_speed_create(enot_context *context, const convolution_pass *passes, int pass_count,
                                     convolution_speed **out) {
    convolution_speed *s;
    TRY(MEMORY_NEW(context, 1, "convolutions to measure", &s));
    s->context = context;
    enot_status status = fill(s, passes, pass_count);
    if (status) {
        convolution_speed_destroy(s);
        return status;
    }
    *out = s;
    return ENOT_OK;
}

void convolution_speed_destroy(convolution_speed *s) {
    if (!s) return;
    for (int64_t i = 0; i < s->count; i++)
        for (int w = 0; w < WAY_COUNT; w++) bare_convolution_destroy(&s->products[i].way[w]);
    memory_destroy(s->products);
    bare_memory_destroy(&s->memory);
    if (s->engine) dnnl_engine_destroy(s->engine);
    memory_destroy(s);
}

/* OpenMP's threads look out for more work for a while; what runs on the context's threads goes before them. */
double convolution_speed_seconds(convolution_speed *s) {
    double seconds = 0;
    for (int own_threads = 0; own_threads < 2; own_threads++)
        for (int64_t i = 0; i < s->count; i++) {
            int fastest = s->products[i].fastest;
            if (WAYS[fastest].own_threads == own_threads)
                seconds += bare_convolution_time(&s->products[i].way[fastest]);
        }
    return seconds;
}

double convolution_speed_operations(const convolution_speed *s) {
    double operations = 0;
    for (int64_t i = 0; i < s->count; i++) operations += s->products[i].operations;
    return operations;
}

convolution_shares convolution_speed_shares(const convolution_speed *s) {
    convolution_shares shares = {0, 0, 0};
    double all = convolution_speed_operations(s);
    for (int64_t i = 0; i < s->count; i++) {
        const measured_product *p = &s->products[i];
        double share = p->operations / all;
        shares.in_parts += WAYS[p->fastest].own_threads ? 0 : share;
        shares.plain += WAYS[p->fastest].plain ? share : 0;
        shares.winograd += WAYS[p->fastest].winograd ? share : 0;
    }
    return shares;
}

#endif
