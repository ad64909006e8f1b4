#ifndef ENOT_REAL_DOUBLE

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/convolution_speed.h"
#include "core/clock.h"
#include "core/memory.h"
#include "core/parallel.h"
#include "ops/ops.h"
#include "train/step/image_step.h"

#define LEAST_ROUNDS 5
#define MOST_SECONDS 86400.0

/* Parameters of one task of the updates, as in train/optimizers/adam.c. */
#define CHUNK 16384

/* Weights hardly move, so that numbers stay of ordinary size however long it takes. */
static const ops_adam ADAM = {(real)1e-6, (real).9, (real).99, (real)1e-8, 0, 1, 1, (real).999};

#define EXPECTILE .99
#define COEFFICIENT .5

typedef struct trained {
    conv_net net;
    real *vectors; /* [5, parameters] of state */
    ops_adam_state state;
} trained;

typedef struct bench {
    enot_context *context;
    enot_conv_speed_options options;
    transport transport;
    trained mapper, critic;
    real *statistics, *images; /* images: [2, batch, dim], of the source and of the target */
    image_step *step;
    convolution_speed *convolutions;
    int64_t rounds, repeats; /* repeats: steps, and times of the convolutions, in a round */
    double *step_seconds, *convolution_seconds, *fraction; /* [rounds] of one step, of its convolutions */
} bench;

static enot_status create_trained(enot_context *context, trained *t, uint32_t network) {
    int64_t count = t->net.parameter_count;
    TRY(MEMORY_NEW(context, 5 * count, "a network", &t->vectors));
    real *v = t->vectors;
    conv_net_initialise(context, &t->net, 0, network, 0, v);
    t->state = (ops_adam_state){.weight = v,
                                .gradient = v + count,
                                .moment1 = v + 2 * count,
                                .moment2 = v + 3 * count,
                                .average = v + 4 * count};
    return ENOT_OK;
}

static enot_status create_networks(bench *b) {
    enot_context *context = b->context;
    const enot_conv_speed_options *o = &b->options;
    image_shape shape = {o->image_size, o->image_size, o->channels};
    TRY(conv_net_create_unet(context, shape, o->width, o->depth, &b->mapper.net));
    TRY(conv_net_create_critic(context, shape, o->filters, o->halvings, &b->critic.net));
    TRY(create_trained(context, &b->mapper, 0));
    TRY(create_trained(context, &b->critic, 1));
    TRY(MEMORY_NEW(context, b->mapper.net.statistic_count, "a network's statistics", &b->statistics));
    conv_net_initialise_statistics(&b->mapper.net, b->statistics);
    return ENOT_OK;
}

static enot_status create_step(bench *b) {
    enot_context *context = b->context;
    int64_t batch = b->options.batch, dim = image_shape_size(b->mapper.net.values[0]);
    TRY(MEMORY_NEW(context, 2 * batch * dim, "images to train on", &b->images));
    ops_select()->normals(0, 0, 0, 2 * batch * dim, b->images);
    b->transport = (transport){.form = ENOT_FORM_VECTOR_FIELD, .dim = dim};
    TRY(cost_parse(context, "sqeuclidean", dim, NULL, &b->transport.cost));
    return image_step_create(context, &b->transport, &b->mapper.net, &b->critic.net, batch, EXPECTILE, COEFFICIENT,
                             &b->step);
}

static enot_status create_convolutions(bench *b) {
    const convolution_pass passes[] = {{&b->mapper.net, b->options.batch, 0},
                                       {&b->critic.net, 2 * b->options.batch, 1}};
    return convolution_speed_create(b->context, passes, 2, &b->convolutions);
}

static void update_chunk(void *user, int64_t index, int worker) {
    const trained *t = user;
    const ops_adam_state *s = &t->state;
    int64_t first = index * CHUNK, left = t->net.parameter_count - first;
    const ops_adam_state chunk = {s->gradient + first, s->moment1 + first, s->moment2 + first, s->weight + first,
                                  s->average + first};
    ops_select()->adam(left < CHUNK ? left : CHUNK, &ADAM, &chunk);
}

static void update(bench *b, trained *t) {
    parallel_for(b->context, (t->net.parameter_count + CHUNK - 1) / CHUNK, update_chunk, t);
}

static image_network network_of(const trained *t, real *statistics) {
    return (image_network){t->state.weight, (real *)t->state.gradient, statistics};
}

static enot_status train(bench *b) {
    step_losses losses;
    const real *target = b->images + b->options.batch * b->transport.dim;
    TRY(image_step_gradients(b->step, b->images, target, network_of(&b->mapper, b->statistics),
                             network_of(&b->critic, NULL), &losses));
    update(b, &b->mapper);
    update(b, &b->critic);
    return ENOT_OK;
}

static enot_status measure_round(bench *b, int64_t round) {
    double steps = 0, convolutions = 0;
    for (int64_t i = 0; i < b->repeats; i++) {
        double started = clock_seconds();
        TRY(train(b));
        steps += clock_seconds() - started;
        convolutions += convolution_speed_seconds(b->convolutions);
    }
    b->step_seconds[round] = steps / (double)b->repeats;
    b->convolution_seconds[round] = convolutions / (double)b->repeats;
    b->fraction[round] = convolutions / steps;
    return ENOT_OK;
}

#define ROUND_SECONDS .5

/* The first turn brings threads, caches and clock rate to speed, the second says how long one takes. */
static enot_status plan_rounds(bench *b) {
    double started = 0;
    for (int i = 0; i < 2; i++) {
        started = clock_seconds();
        TRY(train(b));
        convolution_speed_seconds(b->convolutions);
    }
    double turn = clock_seconds() - started, seconds = b->options.seconds;
    b->repeats = (int64_t)fmax(1, fmin(ROUND_SECONDS, seconds / LEAST_ROUNDS) / turn);
    b->rounds = (int64_t)fmax(LEAST_ROUNDS, seconds / (turn * (double)b->repeats));
    TRY(MEMORY_NEW(b->context, b->rounds, "a measurement", &b->step_seconds));
    TRY(MEMORY_NEW(b->context, b->rounds, "a measurement", &b->convolution_seconds));
    return MEMORY_NEW(b->context, b->rounds, "a measurement", &b->fraction);
}

static int compare_reals(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Sorts them. */
static double median(double *numbers, int64_t count) {
    qsort(numbers, (size_t)count, sizeof *numbers, compare_reals);
    return (numbers[(count - 1) / 2] + numbers[count / 2]) / 2;
}

static void summarise(bench *b, enot_conv_speed *found) {
    int64_t last = b->rounds - 1;
    found->step_seconds = median(b->step_seconds, b->rounds);
    found->step_seconds_least = b->step_seconds[0];
    found->step_seconds_most = b->step_seconds[last];
    found->steps_per_second = 1 / found->step_seconds;
    found->convolution_seconds = median(b->convolution_seconds, b->rounds);
    found->operations = convolution_speed_operations(b->convolutions);
    found->step_gflops = found->operations / found->step_seconds / 1e9;
    found->convolution_gflops = found->operations / found->convolution_seconds / 1e9;
    found->fraction = median(b->fraction, b->rounds);
    found->fraction_least = b->fraction[0];
    found->fraction_most = b->fraction[last];
    convolution_shares shares = convolution_speed_shares(b->convolutions);
    found->in_parts = shares.in_parts;
    found->plain = shares.plain;
    found->winograd = shares.winograd;
    found->mapper_weights = (double)b->mapper.net.parameter_count;
    found->critic_weights = (double)b->critic.net.parameter_count;
    found->threads = b->context->threads;
    const char *kernels = enot_context_kernels(b->context);
    snprintf(found->isa, sizeof found->isa, "%.*s", (int)strcspn(kernels, ",:"), kernels);
}

#define BATCH_MOST 65536

static enot_status check(enot_context *context, const enot_conv_speed_options *o) {
    if (!(o->seconds > 0 && o->seconds <= MOST_SECONDS))
        return context_fail(context, ENOT_ERR_ARGUMENT, "a measurement of %g seconds: give more than 0 and at most %g",
                            o->seconds, MOST_SECONDS);
    if (o->batch < 1 || o->batch > BATCH_MOST)
        return context_fail(context, ENOT_ERR_ARGUMENT, "a batch of %lld images: give 1 to %d", (long long)o->batch,
                            BATCH_MOST);
    return ENOT_OK;
}

static enot_status measure(bench *b, enot_conv_speed *found) {
    TRY(check(b->context, &b->options));
    TRY(create_networks(b));
    TRY(create_step(b));
    TRY(create_convolutions(b));
    TRY(plan_rounds(b));
    for (int64_t i = 0; i < b->rounds; i++) TRY(measure_round(b, i));
    summarise(b, found);
    return ENOT_OK;
}

static void bench_destroy(bench *b) {
    convolution_speed_destroy(b->convolutions);
    image_step_destroy(b->step);
    cost_destroy(&b->transport.cost);
    memory_destroy(b->images);
    memory_destroy(b->statistics);
    memory_destroy(b->mapper.vectors);
    memory_destroy(b->critic.vectors);
    conv_net_destroy(&b->mapper.net);
    conv_net_destroy(&b->critic.net);
    memory_destroy(b->step_seconds);
    memory_destroy(b->convolution_seconds);
    memory_destroy(b->fraction);
}

enot_status enot_measure_conv(enot_context *context, const enot_conv_speed_options *options, enot_conv_speed *speed) {
    bench b = {.context = context, .options = ENOT_CONV_SPEED_OPTIONS_INIT};
    if (options) memcpy(&b.options, options, options->size < sizeof b.options ? options->size : sizeof b.options);
    enot_conv_speed found = ENOT_CONV_SPEED_INIT;
    enot_status status = measure(&b, &found);
    bench_destroy(&b);
    if (status) return status;
    found.size = speed->size < sizeof found ? speed->size : sizeof found;
    memcpy(speed, &found, found.size);
    return ENOT_OK;
}

#endif
