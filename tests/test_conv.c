/*
 * Networks of convolutions in single precision: oneDNN against the specification, the same bits on any number of
 * threads, what the networks are made of, refusals.
 */
#include <omp.h>

#define TEST_THREADS 2
#include "conv.h"
#include "one_context.h"

/* Everything that one convolution computes, for two counts of rows. */
typedef struct results {
    real *y, *dx, *dw, *db;
} results;

enum { ROWS_MOST = 5 };

static results results_new(const convolution_shape *c) {
    int64_t outputs = ROWS_MOST * convolution_out_height(c) * convolution_out_width(c) * c->outputs;
    return (results){random_reals(1, outputs, 1), random_reals(2, ROWS_MOST * c->height * c->width * c->inputs, 1),
                     random_reals(3, convolution_weights(c), 1), random_reals(4, c->outputs, 1)};
}

static void results_free(results *r) {
    free(r->y);
    free(r->dx);
    free(r->dw);
    free(r->db);
}

static void convolve(const convolution_ops *ops, const convolution_shape *c, int64_t rows, const real *x,
                     const real *dy, const results *r) {
    void *state;
    conv_uses uses = {ROWS_MOST, {ROWS_MOST, 2}, 1, 1};
    require(context, ops->create(context, c, &uses, &state));
    real *weight = random_reals(5, convolution_weights(c), 1), *bias = random_reals(6, c->outputs, 1);
    real *packed = aligned_alloc(64, (size_t)(ops->gradient_count(state) + 16) / 16 * 64);
    conv_worker worker = conv_worker_alone(ops->scratch_size(state));
    assert_int_equal(ops->load(state, weight, bias), 0);
    assert_int_equal(ops->forward(state, worker, rows, x, r->y), 0);
    assert_int_equal(ops->backward_input(state, worker, rows, dy, r->dx), 0);
    assert_int_equal(ops->backward_weights(state, worker, rows, x, dy, packed, r->db), 0);
    assert_int_equal(ops->unpack(state, packed, r->dw), 0);
    free(weight);
    free(bias);
    free(packed);
    free(worker.scratch);
    ops->destroy(state);
}

/* Within rounding of sums of so many products of standard normals. */
static void assert_same(int64_t count, const real *got, const real *want, int64_t terms, const char *what) {
    assert_within(count, got, want, 1e-5 * sqrt((double)terms), what);
}

static void assert_convolution(const convolution_shape *c, int64_t rows) {
    int64_t pixels = rows * convolution_out_height(c) * convolution_out_width(c),
            kernel = c->kernel_height * c->kernel_width;
    real *x = random_reals(7, rows * c->height * c->width * c->inputs, 1),
         *dy = random_reals(8, pixels * c->outputs, 1);
    results want = results_new(c), got = results_new(c);
    convolve(conv_reference.convolution, c, rows, x, dy, &want);
    convolve(conv_onednn.convolution, c, rows, x, dy, &got);
    assert_same(pixels * c->outputs, got.y, want.y, kernel * c->inputs, "forward");
    assert_same(rows * c->height * c->width * c->inputs, got.dx, want.dx, kernel * c->outputs,
                "gradient of the images");
    assert_same(convolution_weights(c), got.dw, want.dw, pixels, "gradient of the weights");
    if (c->with_bias) assert_same(c->outputs, got.db, want.db, pixels, "gradient of the biases");
    free(x);
    free(dy);
    results_free(&want);
    results_free(&got);
}

static void onednn_convolves_as_specified(void **state) {
    const convolution_shape shapes[] = {
        {8, 8, 16, 16, 3, 3, 1, 1, 0, 0},
        {8, 8, 32, 48, 3, 3, 1, 0, 0, 0},
        {5, 9, 3, 24, 3, 3, 1, 1, 0, 0},
        {7, 6, 17, 5, 3, 3, 1, 1, 0, 0},
        {6, 4, 1, 1, 3, 3, 1, 1, 0, 0},
        {1, 1, 20, 33, 3, 3, 1, 0, 0, 0},
        {4, 2, 40, 3, 1, 1, 0, 1, 0, 0},
        {3, 5, 1, 7, 1, 1, 0, 0, 0, 0},
        {4, 4, 64, 1, 4, 4, 0, 1, 0, 0},
        {2, 6, 19, 1, 2, 6, 0, 1, 0, 0},
        {16, 32, 3, 64, 3, 3, 1, 1, 0, 0},
        {2, 2, 130, 70, 3, 3, 1, 1, 0, 0},
        {8, 8, 16, 16, 3, 3, 1, 1, 16, 16},  {6, 12, 32, 48, 3, 3, 1, 0, 16, 16}, {4, 4, 48, 32, 3, 3, 1, 1, 16, 16},
        {16, 4, 64, 32, 3, 3, 1, 1, 16, 16}, {8, 6, 32, 64, 1, 1, 0, 0, 16, 16},  {8, 8, 3, 32, 3, 3, 1, 1, 0, 16},
        {4, 6, 32, 3, 1, 1, 0, 1, 16, 0},    {4, 4, 64, 1, 4, 4, 0, 1, 16, 0},
    };
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        assert_convolution(&shapes[i], ROWS_MOST);
        assert_convolution(&shapes[i], 2);
    }
}

static conv_net network(int critic, image_shape shape, int64_t width, int64_t halvings) {
    conv_net net;
    require(context, critic ? conv_net_create_critic(context, shape, width, halvings, &net)
                            : conv_net_create_unet(context, shape, width, halvings, &net));
    return net;
}

/* Within tolerance of the largest. */
static void assert_near(int64_t count, const real *got, const real *want, double tolerance, const char *what) {
    double largest = 0;
    for (int64_t i = 0; i < count; i++) largest = fmax(largest, fabs((double)want[i]));
    assert_within(count, got, want, tolerance * largest, what);
}

/* width: such that channels can be grouped, or not. */
static void assert_network(int critic, int64_t width) {
    conv_subject one = conv_subject_of(context, network(critic, (image_shape){8, 16, 3}, width, 2), 11);
    conv_subject two = conv_subject_of(context, network(critic, (image_shape){8, 16, 3}, width, 2), 11);
    conv_subject_start(context, &conv_reference, &one);
    conv_subject_start(context, &conv_onednn, &two);
    conv_subject_run(context, &one, NULL);
    conv_subject_run(context, &two, NULL);
    assert_near(11 * conv_net_outputs(&one.net), two.y, one.y, 1e-4, "output");
    assert_near(one.net.parameter_count, two.gradient, one.gradient, 1e-3, "gradient of the parameters");
    assert_near(11 * image_shape_size(one.net.values[0]), two.input_gradient, one.input_gradient, 1e-3,
                "gradient of the images");
    conv_subject_end(&one);
    conv_subject_end(&two);
}

static void networks_by_onednn_are_those_of_the_specification(void **state) {
    for (int critic = 0; critic < 2; critic++) {
        assert_network(critic, 10);
        assert_network(critic, 16);
    }
}

static void assert_bits(int64_t count, const real *got, const real *want) {
    assert_memory_equal(got, want, (size_t)count * sizeof *got);
}

/* Of so many images. */
static void assert_same_bits(int critic, int64_t width, int64_t rows) {
    conv_subject one = conv_subject_of(context, network(critic, (image_shape){16, 16, 3}, width, 2), rows);
    enot_context *alone = context_new(1);
    conv_subject_start(alone, &conv_onednn, &one);
    conv_subject_run(alone, &one, NULL);
    for (int threads = 2; threads <= 3; threads++) {
        conv_subject many = conv_subject_of(context, network(critic, (image_shape){16, 16, 3}, width, 2), rows);
        enot_context *together = context_new(threads);
        conv_subject_start(together, &conv_onednn, &many);
        conv_subject_run(together, &many, NULL);
        assert_bits(rows * conv_net_outputs(&one.net), many.y, one.y);
        assert_bits(one.net.parameter_count, many.gradient, one.gradient);
        assert_bits(rows * image_shape_size(one.net.values[0]), many.input_gradient, one.input_gradient);
        conv_subject_end(&many);
        enot_context_destroy(together);
    }
    conv_subject_end(&one);
    enot_context_destroy(alone);
}

static void bits_do_not_depend_on_threads(void **state) {
    for (int critic = 0; critic < 2; critic++) {
        assert_same_bits(critic, 20, 19);
        assert_same_bits(critic, 32, 19);
    }
}

static int threads_of_this_process(void) {
    char line[128];
    int threads = 0;
    FILE *status = fopen("/proc/self/status", "r");
    assert_non_null(status);
    while (fgets(line, sizeof line, status)) sscanf(line, "Threads: %d", &threads);
    fclose(status);
    return threads;
}

/* Stands first: threads that OpenMP once started stay. */
static void onednn_starts_no_threads_and_keeps_the_setting_of_the_caller(void **state) {
    enot_context *alone = context_new(1);
    conv_subject s = conv_subject_of(alone, network(1, (image_shape){16, 16, 3}, 20, 2), 9);
    int before = omp_get_max_threads(), threads = threads_of_this_process();
    omp_set_num_threads(3);
    conv_subject_start(alone, &conv_onednn, &s);
    conv_subject_run(alone, &s, NULL);
    assert_int_equal(omp_get_max_threads(), 3);
    assert_int_equal(threads_of_this_process(), threads);
    omp_set_num_threads(before);
    conv_subject_end(&s);
    enot_context_destroy(alone);
}

static const conv_tensor *find(const conv_net *net, const char *name) {
    for (int64_t t = 0; t < net->tensor_count; t++)
        if (strcmp(net->tensors[t].name, name) == 0) return &net->tensors[t];
    fail_msg("no tensor %s", name);
    return NULL;
}

static void assert_shape(const conv_net *net, const char *name, int64_t outputs, int64_t inputs, int64_t kernel) {
    const conv_tensor *tensor = find(net, name);
    assert_int_equal(tensor->shape[0], outputs);
    assert_int_equal(tensor->shape[1], inputs);
    assert_int_equal(tensor->shape[2], kernel);
    assert_int_equal(tensor->fan_in, inputs * kernel * kernel);
}

static void tensors_fill_the_vectors_without_gaps(const conv_net *net) {
    int64_t parameters = 0, statistics = 0;
    for (int64_t t = 0; t < net->tensor_count; t++) {
        assert_int_equal(net->tensors[t].offset, parameters);
        parameters += net->tensors[t].count;
    }
    for (int64_t t = 0; t < net->statistic_tensor_count; t++) {
        assert_int_equal(net->statistics[t].offset, statistics);
        statistics += net->statistics[t].count;
    }
    assert_int_equal(parameters, net->parameter_count);
    assert_int_equal(statistics, net->statistic_count);
}

static void networks_have_the_published_widths(void **state) {
    conv_net unet = network(0, (image_shape){32, 32, 3}, 48, 4), critic = network(1, (image_shape){32, 32, 3}, 64, 3);
    assert_shape(&unet, "down_0.conv_0.weight", 48, 3, 3);
    assert_shape(&unet, "down_3.conv_1.weight", 384, 384, 3);
    assert_shape(&unet, "down_4.conv_0.weight", 384, 384, 3);
    assert_shape(&unet, "up_3.conv_0.weight", 384, 768, 3);
    assert_shape(&unet, "up_3.conv_1.weight", 192, 384, 3);
    assert_shape(&unet, "up_0.conv_1.weight", 48, 48, 3);
    assert_shape(&unet, "out.weight", 3, 48, 1);
    assert_shape(&critic, "conv_img.weight", 64, 3, 3);
    assert_shape(&critic, "resnet_1_1.conv_s.weight", 256, 128, 1);
    assert_shape(&critic, "resnet_3_1.conv_1.weight", 512, 512, 3);
    assert_shape(&critic, "fc.weight", 1, 512, 4);
    tensors_fill_the_vectors_without_gaps(&unet);
    tensors_fill_the_vectors_without_gaps(&critic);
    conv_net_destroy(&unet);
    conv_net_destroy(&critic);
}

static void networks_begin_with_he_weights_and_a_last_layer_of_zeros(void **state) {
    conv_net net = network(0, (image_shape){8, 8, 3}, 16, 2);
    real *parameters = random_reals(40, net.parameter_count, 1);
    conv_net_initialise(context, &net, 3, 1, 1, parameters);
    const conv_tensor *inner = find(&net, "up_1.conv_0.weight"), *out = find(&net, "out.weight"),
                      *gain = find(&net, "up_1.norm_0.weight");
    double square = 0;
    for (int64_t i = 0; i < inner->count; i++)
        square += (double)parameters[inner->offset + i] * (double)parameters[inner->offset + i];
    assert_close(square / (double)inner->count * (double)inner->fan_in, 2, .03, "variance times fan-in");
    for (int64_t i = out->offset; i < net.parameter_count; i++) assert_true(parameters[i] == 0);
    for (int64_t i = 0; i < gain->count; i++) assert_true(parameters[gain->offset + i] == 1);
    free(parameters);
    conv_net_destroy(&net);
}

/* One 3 x 3 convolution of 16 pixels from 2 to 3 channels, one 1 x 1 from 3 to 3: 16 (2 * 9 * 3 + 3 * 3)
 * multiplications. */
static void operations_are_counted(void **state) {
    conv_net net;
    require(context, conv_builder_start(context, (image_shape){4, 4, 2}, 2, &net));
    conv_builder_convolution(&net, "b", conv_builder_convolution(&net, "a", 0, 3, 3, 1), 3, 1, 1);
    assert_true(conv_net_pass_operations(&net, 5) == 2. * 5 * 16 * (2 * 9 * 3 + 3 * 3));
    conv_net_destroy(&net);
}

static void assert_refused(enot_status status, const char *part) {
    assert_int_equal(status, ENOT_ERR_ARGUMENT);
    if (!strstr(enot_context_message(context), part)) fail_msg("'%s' lacks '%s'", enot_context_message(context), part);
}

static void hostile_sizes_are_refused(void **state) {
    conv_net net;
    const image_shape fits = {32, 32, 3};
    assert_refused(conv_net_create_unet(context, (image_shape){30, 32, 3}, 8, 3, &net), "multiples of 8");
    assert_refused(conv_net_create_critic(context, (image_shape){32, 36, 3}, 8, 3, &net), "multiples of 8");
    assert_refused(conv_net_create_unet(context, (image_shape){0, 32, 3}, 8, 3, &net), "pixels");
    assert_refused(conv_net_create_unet(context, (image_shape){32, INT64_MIN, 3}, 8, 3, &net), "pixels");
    assert_refused(conv_net_create_critic(context, (image_shape){32, 32, INT64_MAX}, 8, 3, &net), "channels");
    assert_refused(conv_net_create_unet(context, fits, 0, 3, &net), "width 0");
    assert_refused(conv_net_create_unet(context, fits, INT64_MAX, 3, &net), "width");
    assert_refused(conv_net_create_unet(context, fits, 8, 0, &net), "halvings");
    assert_refused(conv_net_create_unet(context, fits, 8, INT64_MAX, &net), "halvings");
    assert_refused(conv_net_create_critic(context, fits, -5, 3, &net), "width -5");
}

static void hostile_passes_are_refused(void **state) {
    conv_net net = network(0, (image_shape){8, 8, 3}, 8, 2);
    conv_pass *pass;
    real *numbers = random_reals(50, net.parameter_count, 1);
    assert_refused(conv_pass_create(context, &net, 0, 1, &pass), "0 images");
    assert_int_equal(conv_pass_create(context, &net, INT64_MAX, 1, &pass), ENOT_ERR_MEMORY);
    require(context, conv_pass_create(context, &net, 2, 0, &pass));
    assert_refused(conv_pass_forward(pass, NULL, 0, numbers, numbers), "running statistics");
    assert_refused(conv_pass_backward(pass, numbers, NULL, (conv_gradients){0}), "without gradients");
    conv_pass_destroy(pass);
    require(context, conv_pass_create(context, &net, 2, 1, &pass));
    assert_refused(conv_pass_backward(pass, numbers, numbers, (conv_gradients){0}), "batch normalisation");
    conv_pass_destroy(pass);
    free(numbers);
    conv_net_destroy(&net);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(onednn_starts_no_threads_and_keeps_the_setting_of_the_caller),
        cmocka_unit_test(onednn_convolves_as_specified),
        cmocka_unit_test(networks_by_onednn_are_those_of_the_specification),
        cmocka_unit_test(bits_do_not_depend_on_threads),
        cmocka_unit_test(networks_have_the_published_widths),
        cmocka_unit_test(networks_begin_with_he_weights_and_a_last_layer_of_zeros),
        cmocka_unit_test(operations_are_counted),
        cmocka_unit_test(hostile_sizes_are_refused),
        cmocka_unit_test(hostile_passes_are_refused),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
