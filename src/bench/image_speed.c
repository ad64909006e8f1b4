#ifndef ENOT_REAL_DOUBLE

#include <math.h>
#include <string.h>

#include "bench/convolution_speed.h"
#include "bench/summary.h"
#include "core/clock.h"
#include "core/memory.h"
#include "ops/ops.h"
#include "train/methods/enot.h"

#define LEAST_ROUNDS 5
#define MOST_SECONDS 86400.0

/* Weights hardly move, so that numbers stay of ordinary size however long it takes. */
static const optimizer ADAM = {.kind = ENOT_OPTIMIZER_ADAM, .learning_rate = 1e-6, .beta1 = .9, .beta2 = .99, .epsilon = 1e-8,
                               .schedule = ENOT_SCHEDULE_CONSTANT, .averaging = .999};

#define EXPECTILE .99
#define COEFFICIENT .5

typedef struct bench {
    enot_context *context;
    enot_conv_speed_options options;
    transport transport;
    network mapper, critic;
    real *images; /* [2, batch, dim], of the source and of the target */
    image_step *step;
    convolution_speed *convolutions;
    int64_t rounds, repeats; /* repeats: steps, and times of the convolutions, in a round */
    double *step_seconds, *convolution_seconds, *fraction; /* [rounds] of one step, of its convolutions */
} bench;

/* Takes net over, also on failure. The last layer is random as the others are. */
static enot_status create_network(enot_context *context, conv_net net, uint32_t index, network *out) {
    TRY(network_create(context, (architecture){.conv = net}, ADAM.kind, out));
    conv_net_initialise(context, &out->net.conv, 0, index, 0, out->parameters);
    conv_net_initialise_statistics(&out->net.conv, out->parameters + architecture_parameters(&out->net));
    return ENOT_OK;
}

static enot_status create_networks(bench *b) {
    const enot_conv_speed_options *o = &b->options;
    image_shape shape = {o->image_size, o->image_size, o->channels};
    conv_net mapper, critic;
    TRY(conv_net_create_unet(b->context, shape, o->width, o->depth, &mapper));
    TRY(create_network(b->context, mapper, 0, &b->mapper));
    TRY(conv_net_create_critic(b->context, shape, o->filters, o->halvings, &critic));
    return create_network(b->context, critic, 1, &b->critic);
}

static enot_status create_step(bench *b) {
    enot_context *context = b->context;
    int64_t batch = b->options.batch, dim = image_shape_size(b->mapper.net.conv.values[0]);
    TRY(MEMORY_NEW(context, 2 * batch * dim, "images to train on", &b->images));
    ops_select()->normals(0, 0, 0, 2 * batch * dim, b->images);
    b->transport = (transport){.form = ENOT_FORM_VECTOR_FIELD, .dim = dim};
    TRY(cost_parse(context, "sqeuclidean", dim, NULL, &b->transport.cost));
    return image_step_create(context, &b->transport, &b->mapper.net.conv, &b->critic.net.conv, batch, EXPECTILE, COEFFICIENT,
                             &b->step);
}

static enot_status create_convolutions(bench *b) {
    const convolution_pass passes[] = {{&b->mapper.net.conv, b->options.batch, 0},
                                       {&b->critic.net.conv, 2 * b->options.batch, 1}};
    return convolution_speed_create(b->context, passes, 2, &b->convolutions);
}

static enot_status train(bench *b) {
    step_losses losses;
    const real *target = b->images + b->options.batch * b->transport.dim;
    TRY(image_step_gradients(b->step, b->images, target, image_network_of(&b->mapper), image_network_of(&b->critic), &losses));
    optimizer_update(b->context, &ADAM, ops_select(), &b->mapper);
    optimizer_update(b->context, &ADAM, ops_select(), &b->critic);
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

static void summarise(bench *b, enot_conv_speed *found) {
    int64_t last = b->rounds - 1;
    found->step_seconds = summary_median(b->step_seconds, b->rounds);
    found->step_seconds_least = b->step_seconds[0];
    found->step_seconds_most = b->step_seconds[last];
    found->steps_per_second = 1 / found->step_seconds;
    found->convolution_seconds = summary_median(b->convolution_seconds, b->rounds);
    found->operations = convolution_speed_operations(b->convolutions);
    found->step_gflops = found->operations / found->step_seconds / 1e9;
    found->convolution_gflops = found->operations / found->convolution_seconds / 1e9;
    found->fraction = summary_median(b->fraction, b->rounds);
    found->fraction_least = b->fraction[0];
    found->fraction_most = b->fraction[last];
    convolution_shares shares = convolution_speed_shares(b->convolutions);
    found->in_parts = shares.in_parts;
    found->plain = shares.plain;
    found->winograd = shares.winograd;
    found->mapper_weights = (double)architecture_parameters(&b->mapper.net);
    found->critic_weights = (double)architecture_parameters(&b->critic.net);
    found->threads = b->context->threads;
    summary_name_kernels(b->context, found->isa, sizeof found->isa);
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

static enot_status measure_steps(bench *b, enot_conv_speed *found) {
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
    network_destroy(&b->mapper);
    network_destroy(&b->critic);
    memory_destroy(b->step_seconds);
    memory_destroy(b->convolution_seconds);
    memory_destroy(b->fraction);
}

enot_status enot_measure_conv(enot_context *context, const enot_conv_speed_options *options, enot_conv_speed *speed) {
    bench b = {.context = context, .options = ENOT_CONV_SPEED_OPTIONS_INIT};
    if (options) memcpy(&b.options, options, options->size < sizeof b.options ? options->size : sizeof b.options);
    enot_conv_speed found = ENOT_CONV_SPEED_INIT;
    enot_status status = measure_steps(&b, &found);
    bench_destroy(&b);
    if (status) return status;
    found.size = speed->size < sizeof found ? speed->size : sizeof found;
    memcpy(speed, &found, found.size);
    return ENOT_OK;
}

#endif
