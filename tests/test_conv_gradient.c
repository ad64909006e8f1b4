/*
 * Networks of convolutions in double: the gradients of every kind of layer by itself, and of both whole networks, in
 * the parameters and in the images, against difference quotients.
 */
#define TEST_THREADS 2
#include "conv.h"
#include "one_context.h"

/* sum of the rows' <seed, y>, each times its scale */
typedef struct weighed {
    conv_subject *subject;
    const real *row_scale;
    real *moved;
} weighed;

static double loss_at(void *user, double value) {
    weighed *w = user;
    conv_subject *s = w->subject;
    int64_t outputs = conv_net_outputs(&s->net);
    double sum = 0;
    *w->moved = value;
    require(context, conv_pass_load(s->pass, s->parameters));
    require(context, conv_pass_forward(s->pass, s->training ? NULL : s->statistics, s->training, s->x, s->y));
    for (int64_t i = 0; i < s->rows * outputs; i++)
        sum += (w->row_scale ? w->row_scale[i / outputs] : 1) * s->seed[i] * s->y[i];
    return sum;
}

/* So small that hardly a ReLU changes its mind in between. */
#define STEP 1e-6

static void assert_vector(conv_subject *s, const real *row_scale, real *vector, const real *got, int64_t count,
                          int64_t stride, const char *what) {
    for (int64_t i = 0; i < count; i += stride) {
        char name[96];
        weighed w = {s, row_scale, &vector[i]};
        double at = vector[i], want = derivative_at(loss_at, &w, at, STEP);
        vector[i] = at;
        snprintf(name, sizeof name, "%s, number %d", what, (int)i);
        assert_close(got[i], want, 2e-7, name);
    }
}

/* Takes over the network. stride: every so manieth number is looked at. */
static void assert_gradients(conv_net net, int64_t rows, int training, int64_t stride, const char *what) {
    conv_subject s = conv_subject_of(context, net, rows);
    char name[64];
    s.training = training;
    conv_subject_start(context, &conv_reference, &s);
    conv_subject_run(context, &s, NULL);
    snprintf(name, sizeof name, "%s: parameters", what);
    assert_vector(&s, NULL, s.parameters, s.gradient, s.net.parameter_count, stride, name);
    snprintf(name, sizeof name, "%s: images", what);
    assert_vector(&s, NULL, s.x, s.input_gradient, rows * image_shape_size(s.net.values[0]), stride, name);
    conv_subject_end(&s);
}

static conv_net begin(int64_t height, int64_t width, int64_t channels) {
    conv_net net;
    require(context, conv_builder_start(context, (image_shape){height, width, channels}, 8, &net));
    net.initial_gain = 1;
    return net;
}

static void layer_of_convolution_has_its_gradients(void **state) {
    for (int64_t size = 1; size <= 3; size += 2)
        for (int with_bias = 0; with_bias < 2; with_bias++) {
            conv_net net = begin(4, 6, 3);
            conv_builder_convolution(&net, "it", 0, 5, size, with_bias);
            conv_builder_finish(&net);
            assert_gradients(net, 9, 1, 1, "convolution");
        }
}

static void fully_connected_layer_has_its_gradients(void **state) {
    conv_net net = begin(2, 4, 3);
    conv_builder_fully_connected(&net, "it", 0, 2);
    conv_builder_finish(&net);
    assert_gradients(net, 3, 1, 1, "fully connected");
}

static void norm_has_its_gradients(void **state) {
    for (int training = 0; training < 2; training++) {
        conv_net net = begin(4, 6, 3);
        conv_builder_norm(&net, "it", 0);
        conv_builder_finish(&net);
        assert_gradients(net, 9, training, 1, training ? "norm in training" : "norm in use");
    }
}

static void pools_and_leaky_relu_have_their_gradients(void **state) {
    for (conv_layer_kind kind = CONV_MAX_POOL; kind <= CONV_AVERAGE_POOL; kind++) {
        conv_net net = begin(4, 6, 3);
        conv_builder_pool(&net, kind, conv_builder_leaky(&net, 0));
        conv_builder_finish(&net);
        assert_gradients(net, 3, 1, 1, "leaky ReLU and pool");
    }
}

/* A value with two uses, whose gradients must be summed. */
static void join_has_its_gradients(void **state) {
    conv_net net = begin(4, 6, 3);
    int64_t skip = conv_builder_leaky(&net, 0), deep = conv_builder_pool(&net, CONV_AVERAGE_POOL, skip);
    conv_builder_join(&net, skip, deep);
    conv_builder_finish(&net);
    assert_gradients(net, 3, 1, 1, "join");
}

static void residual_has_its_gradients(void **state) {
    conv_net net = begin(4, 6, 3);
    int64_t value = conv_builder_convolution(&net, "first", 0, 4, 3, 1);
    int64_t branch = conv_builder_convolution(&net, "branch", conv_builder_leaky(&net, value), 4, 3, 1);
    conv_builder_residual(&net, value, branch);
    conv_builder_finish(&net);
    assert_gradients(net, 3, 1, 1, "residual");
}

static void unet_has_its_gradients(void **state) {
    for (int training = 0; training < 2; training++) {
        conv_net net;
        require(context, conv_net_create_unet(context, (image_shape){4, 8, 2}, 3, 2, &net));
        assert_gradients(net, 5, training, 7, training ? "UNet in training" : "UNet in use");
    }
}

static void critic_has_its_gradients(void **state) {
    conv_net net;
    require(context, conv_net_create_critic(context, (image_shape){4, 8, 2}, 3, 2, &net));
    assert_gradients(net, 5, 1, 7, "critic");
}

static int64_t no_group(void) { return 0; }

static void assert_groups_change_nothing(conv_net net, conv_net same) {
    enum { ROWS = 19 }; /* parts of three, and one that is left */
    conv_backend ungrouped = conv_reference;
    ungrouped.group = no_group;
    conv_subject one = conv_subject_of(context, net, ROWS), two = conv_subject_of(context, same, ROWS);
    conv_subject_start(context, &ungrouped, &one);
    conv_subject_start(context, &conv_reference, &two);
    conv_subject_run(context, &one, NULL);
    conv_subject_run(context, &two, NULL);
    for (int64_t i = 0; i < ROWS * conv_net_outputs(&one.net); i++) assert_close(two.y[i], one.y[i], 1e-11, "output");
    for (int64_t i = 0; i < one.net.parameter_count; i++)
        assert_close(two.gradient[i], one.gradient[i], 1e-11, "gradient of the parameters");
    for (int64_t i = 0; i < ROWS * image_shape_size(one.net.values[0]); i++)
        assert_close(two.input_gradient[i], one.input_gradient[i], 1e-11, "gradient of the images");
    conv_subject_end(&one);
    conv_subject_end(&two);
}

static void groups_of_channels_change_nothing(void **state) {
    conv_net nets[2];
    for (int i = 0; i < 2; i++) require(context, conv_net_create_unet(context, (image_shape){8, 4, 3}, 8, 2, &nets[i]));
    assert_groups_change_nothing(nets[0], nets[1]);
    for (int i = 0; i < 2; i++)
        require(context, conv_net_create_critic(context, (image_shape){8, 4, 3}, 8, 2, &nets[i]));
    assert_groups_change_nothing(nets[0], nets[1]);
}

/* Weights' gradient of a weighed sum, images' of the plain one, from the same backward pass. */
static void row_scale_weighs_only_the_gradient_of_the_weights(void **state) {
    enum { ROWS = 11 };
    conv_net net;
    require(context, conv_net_create_critic(context, (image_shape){4, 4, 1}, 2, 1, &net));
    conv_subject s = conv_subject_of(context, net, ROWS);
    real *scale = random_reals(30, ROWS, 1);
    conv_subject_start(context, &conv_reference, &s);
    conv_subject_run(context, &s, scale);
    assert_vector(&s, scale, s.parameters, s.gradient, s.net.parameter_count, 3, "weighed: parameters");
    assert_vector(&s, NULL, s.x, s.input_gradient, ROWS * image_shape_size(s.net.values[0]), 3, "weighed: images");
    free(scale);
    conv_subject_end(&s);
}

static void gradients_accumulate_if_asked(void **state) {
    conv_net net;
    require(context, conv_net_create_unet(context, (image_shape){4, 4, 1}, 2, 1, &net));
    conv_subject s = conv_subject_of(context, net, 3);
    conv_subject_start(context, &conv_reference, &s);
    conv_subject_run(context, &s, NULL);
    real *once = random_reals(0, s.net.parameter_count, 0);
    memcpy(once, s.gradient, (size_t)s.net.parameter_count * sizeof *once);
    require(context, conv_pass_backward(s.pass, s.seed, NULL, (conv_gradients){s.gradient, 1, NULL}));
    for (int64_t i = 0; i < s.net.parameter_count; i++) assert_close(s.gradient[i], 2 * once[i], 1e-12, "accumulated");
    free(once);
    conv_subject_end(&s);
}

/* Momentum .1; the batch's variance is biased where it normalises, unbiased where it is remembered. */
static void running_statistics_move_towards_the_batch(void **state) {
    enum { ROWS = 3, COUNT = ROWS * 4 };
    conv_net net = begin(2, 2, 1);
    conv_builder_norm(&net, "it", 0);
    conv_builder_finish(&net);
    conv_subject s = conv_subject_of(context, net, ROWS);
    double mean = 0, deviation = 0, before[2] = {s.statistics[0], s.statistics[1]};
    conv_subject_start(context, &conv_reference, &s);
    for (int i = 0; i < COUNT; i++) mean += s.x[i] / COUNT;
    for (int i = 0; i < COUNT; i++) deviation += (s.x[i] - mean) * (s.x[i] - mean);
    require(context, conv_pass_forward(s.pass, s.statistics, 1, s.x, s.y));
    assert_close(s.statistics[0], .9 * before[0] + .1 * mean, 1e-12, "running mean");
    assert_close(s.statistics[1], .9 * before[1] + .1 * deviation / (COUNT - 1), 1e-12, "running variance");
    for (int i = 0; i < COUNT; i++) {
        double value = s.parameters[0] * (s.x[i] - mean) / sqrt(deviation / COUNT + 1e-5) + s.parameters[1];
        assert_close(s.y[i], value > 0 ? value : 0, 1e-12, "normalised");
    }
    conv_subject_end(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layer_of_convolution_has_its_gradients),
        cmocka_unit_test(fully_connected_layer_has_its_gradients),
        cmocka_unit_test(norm_has_its_gradients),
        cmocka_unit_test(pools_and_leaky_relu_have_their_gradients),
        cmocka_unit_test(join_has_its_gradients),
        cmocka_unit_test(residual_has_its_gradients),
        cmocka_unit_test(unet_has_its_gradients),
        cmocka_unit_test(critic_has_its_gradients),
        cmocka_unit_test(groups_of_channels_change_nothing),
        cmocka_unit_test(row_scale_weighs_only_the_gradient_of_the_weights),
        cmocka_unit_test(gradients_accumulate_if_asked),
        cmocka_unit_test(running_statistics_move_towards_the_batch),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
