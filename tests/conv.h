/* What the tests of the networks of convolutions share: a network with parameters, a batch, a seed and room for
 * gradients. */
#ifndef ENOT_TESTS_CONV_H
#define ENOT_TESTS_CONV_H

#include "net/conv/builder.h"
#include "net/conv/pass.h"
#include "numeric.h"

typedef struct conv_subject {
    conv_net net;
    conv_pass *pass;
    int64_t rows;
    real *parameters, *statistics, *x, *y, *seed, *gradient, *input_gradient;
    int training;
} conv_subject;

/* The only thread; free its scratch. */
static inline conv_worker conv_worker_alone(int64_t scratch_size) {
    return (conv_worker){0, aligned_alloc(64, (size_t)(scratch_size / 64 + 1) * 64)};
}

/* Takes over the network. Biases, gains and statistics are random too, so that each counts. */
static inline conv_subject conv_subject_of(enot_context *context, conv_net net, int64_t rows) {
    int64_t inputs = rows * image_shape_size(net.values[0]), outputs = rows * conv_net_outputs(&net);
    conv_subject s = {.net = net, .rows = rows, .training = 1};
    s.parameters = random_reals(20, net.parameter_count + 1, .3);
    conv_net_initialise(context, &net, 1, 0, 0, s.parameters);
    real *noise = random_reals(21, net.parameter_count + 1, .1);
    for (int64_t i = 0; i < net.parameter_count; i++) s.parameters[i] += noise[i];
    free(noise);
    s.statistics = random_reals(22, net.statistic_count + 1, .2);
    for (int64_t i = 0; i < net.statistic_count; i++) s.statistics[i] = 1 + s.statistics[i] * s.statistics[i];
    s.x = random_reals(23, inputs, 1);
    s.y = random_reals(24, outputs, 1);
    s.seed = random_reals(25, outputs, 1);
    s.gradient = random_reals(26, net.parameter_count + 1, 1); /* to be overwritten */
    s.input_gradient = random_reals(27, inputs, 1);
    return s;
}

/* Once the subject stays where it is, since passes point to its network. */
static inline void conv_subject_start(enot_context *context, const conv_backend *backend, conv_subject *s) {
    require(context, conv_pass_create_with(context, backend, &s->net, s->rows, 1, &s->pass));
    require(context, conv_pass_load(s->pass, s->parameters));
}

static inline void conv_subject_end(conv_subject *s) {
    conv_pass_destroy(s->pass);
    conv_net_destroy(&s->net);
    free(s->parameters);
    free(s->statistics);
    free(s->x);
    free(s->y);
    free(s->seed);
    free(s->gradient);
    free(s->input_gradient);
}

/* Both passes; statistics do not move. */
static inline void conv_subject_run(enot_context *context, conv_subject *s, const real *row_scale) {
    require(context, conv_pass_forward(s->pass, s->training ? NULL : s->statistics, s->training, s->x, s->y));
    require(context,
            conv_pass_backward(s->pass, s->seed, row_scale, (conv_gradients){s->gradient, 0, s->input_gradient}));
}

#endif
