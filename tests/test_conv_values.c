/*
 * Both networks of convolutions against values that another program computed in double (tests/conv_values.py): outputs,
 * gradients in parameters and images, running statistics. Tensors are found by their names.
 */
#include "conv.h"
#include "files/safetensors.h"

enum { ROWS = 3 };
#define SHAPE ((image_shape){8, 16, 2})

#ifdef ENOT_REAL_DOUBLE
#define TOLERANCE 1e-10
#else
#define TOLERANCE 2e-4
#endif

static enot_context *context;
static safetensors_file *file;

static int setup(void **state) {
    context = context_new(2);
    require(context, safetensors_open(context, ENOT_SOURCE_DIR "/tests/conv_values.safetensors", &file));
    return 0;
}

static int teardown(void **state) {
    safetensors_close(file);
    enot_context_destroy(context);
    return 0;
}

/* count values of the tensor prefix.name; free them. */
static double *stored(const char *prefix, const char *name, int64_t count) {
    char full[128];
    snprintf(full, sizeof full, "%s.%s", prefix, name);
    const safetensor *tensor = safetensors_find(file, full);
    if (!tensor) fail_msg("no tensor %s", full);
    assert_int_equal(safetensor_elements(tensor), count);
    double *values = malloc((size_t)count * sizeof *values);
    assert_non_null(values);
    safetensor_to_double(tensor, 0, count, values);
    return values;
}

static void read_reals(const char *prefix, const char *name, int64_t count, real *out) {
    double *values = stored(prefix, name, count);
    for (int64_t i = 0; i < count; i++) out[i] = (real)values[i];
    free(values);
}

/* Within TOLERANCE of the largest. */
static void assert_stored(const char *prefix, const char *name, int64_t count, const real *got) {
    double *want = stored(prefix, name, count), largest = 0;
    for (int64_t i = 0; i < count; i++) largest = fmax(largest, fabs(want[i]));
    for (int64_t i = 0; i < count; i++)
        if (!(fabs((double)got[i] - want[i]) <= TOLERANCE * largest))
            fail_msg("%s.%s, number %d: %.12g, not %.12g", prefix, name, (int)i, (double)got[i], want[i]);
    free(want);
}

static conv_subject subject_of(const char *prefix, conv_net net) {
    conv_subject s = conv_subject_of(context, net, ROWS);
    for (int64_t t = 0; t < net.tensor_count; t++)
        read_reals(prefix, net.tensors[t].name, net.tensors[t].count, s.parameters + net.tensors[t].offset);
    read_reals(prefix, "x", ROWS * image_shape_size(SHAPE), s.x);
    read_reals(prefix, "seed", ROWS * conv_net_outputs(&net), s.seed);
    return s;
}

static void assert_passes(const char *prefix, conv_subject *s) {
    char name[64];
    conv_subject_run(context, s, NULL);
    assert_stored(prefix, "y", ROWS * conv_net_outputs(&s->net), s->y);
    assert_stored(prefix, "grad.x", ROWS * image_shape_size(SHAPE), s->input_gradient);
    for (int64_t t = 0; t < s->net.tensor_count; t++) {
        const conv_tensor *tensor = &s->net.tensors[t];
        snprintf(name, sizeof name, "grad.%s", tensor->name);
        assert_stored(prefix, name, tensor->count, s->gradient + tensor->offset);
    }
}

static void unet_is_that_of_the_other_program(void **state) {
    conv_net net;
    char name[64];
    require(context, conv_net_create_unet(context, SHAPE, 2, 2, &net));
    conv_subject s = subject_of("unet", net);
    conv_subject_start(context, conv_backend_select(), &s);
    assert_passes("unet", &s);
    conv_net_initialise_statistics(&s.net, s.statistics);
    require(context, conv_pass_forward(s.pass, s.statistics, 1, s.x, s.y));
    for (int64_t t = 0; t < s.net.statistic_tensor_count; t++) {
        const conv_tensor *tensor = &s.net.statistics[t];
        snprintf(name, sizeof name, "statistics.%s", tensor->name);
        assert_stored("unet", name, tensor->count, s.statistics + tensor->offset);
    }
    require(context, conv_pass_forward(s.pass, s.statistics, 0, s.x, s.y));
    assert_stored("unet", "y_in_use", ROWS * conv_net_outputs(&s.net), s.y);
    conv_subject_end(&s);
}

static void critic_is_that_of_the_other_program(void **state) {
    conv_net net;
    require(context, conv_net_create_critic(context, SHAPE, 2, 2, &net));
    conv_subject s = subject_of("critic", net);
    conv_subject_start(context, conv_backend_select(), &s);
    assert_passes("critic", &s);
    conv_subject_end(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unet_is_that_of_the_other_program),
        cmocka_unit_test(critic_is_that_of_the_other_program),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
