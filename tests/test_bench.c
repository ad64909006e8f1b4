/* What a measurement of training steps says, whatever the speeds are. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "enot.h"

enum { DIM = 3, BATCH = 64 };
static const int64_t HIDDEN[] = {16, 8};
static const double SECONDS = 0.05;

static int context_setup(void **state) {
    enot_context *context;
    if (enot_context_create(&context) != ENOT_OK || enot_context_set_threads(context, 2) != ENOT_OK) return -1;
    *state = context;
    return 0;
}

static int context_teardown(void **state) {
    enot_context_destroy(*state);
    return 0;
}

static enot_fit_options small_options(enot_form form) {
    enot_fit_options o = ENOT_FIT_OPTIONS_INIT;
    o.form = form;
    o.hidden = HIDDEN;
    o.hidden_count = 2;
    o.batch = BATCH;
    o.precision = ENOT_PRECISION_F32;
    return o;
}

static void check_speed(enot_context *context, enot_form form, double weights) {
    enot_fit_options o = small_options(form);
    enot_step_speed s = ENOT_STEP_SPEED_INIT;
    assert_int_equal(enot_measure_step(context, &o, DIM, SECONDS, &s), ENOT_OK);
    assert_true(s.weights == weights);
    assert_int_equal(s.threads, 2);
    assert_string_equal(s.precision, "f32");
    assert_memory_equal(enot_context_kernels(context), s.isa, strlen(s.isa));
    assert_true(strlen(s.isa) > 0 && strpbrk(s.isa, " ,:") == NULL);
    assert_true(s.step_seconds_least > 0 && s.step_seconds_least <= s.step_seconds);
    assert_true(s.step_seconds <= s.step_seconds_most);
    double fraction = 12 * 2 * BATCH * weights * s.steps_per_second / (1e9 * s.product_gflops);
    assert_true(fabs(s.fraction - fraction) <= 1e-9 * fraction);
}

static void fraction_is_the_documented_formula(void **state) {
    check_speed(*state, ENOT_FORM_POTENTIAL, DIM * 16 + 16 * 8 + 8);
}

static void networks_that_differ_count_with_their_mean(void **state) {
    check_speed(*state, ENOT_FORM_VECTOR_FIELD, DIM * 16 + 16 * 8 + (8 * DIM + 8) / 2.0);
}

static void what_makes_no_sense_is_refused(void **state) {
    enot_fit_options o = small_options(ENOT_FORM_POTENTIAL);
    enot_step_speed s = ENOT_STEP_SPEED_INIT;
    const double wrong[] = {0, -1, NAN, INFINITY};
    for (int i = 0; i < 4; i++) assert_int_equal(enot_measure_step(*state, &o, DIM, wrong[i], &s), ENOT_ERR_ARGUMENT);
    assert_int_equal(enot_measure_step(*state, &o, 0, SECONDS, &s), ENOT_ERR_ARGUMENT);
    o.batch = 0;
    assert_int_equal(enot_measure_step(*state, &o, DIM, SECONDS, &s), ENOT_ERR_ARGUMENT);
    assert_true(s.steps_per_second == 0);
}

static void an_older_and_shorter_result_structure_is_filled_as_far_as_it_goes(void **state) {
    enot_fit_options o = small_options(ENOT_FORM_POTENTIAL);
    enot_step_speed s = ENOT_STEP_SPEED_INIT;
    s.size = offsetof(enot_step_speed, threads);
    s.threads = -7;
    assert_int_equal(enot_measure_step(*state, &o, DIM, SECONDS, &s), ENOT_OK);
    assert_int_equal(s.size, offsetof(enot_step_speed, threads));
    assert_true(s.fraction > 0);
    assert_int_equal(s.threads, -7);
}

static enot_conv_speed_options small_images(void) {
    enot_conv_speed_options o = ENOT_CONV_SPEED_OPTIONS_INIT;
    o.image_size = 8;
    o.width = o.filters = 16;
    o.depth = o.halvings = 1;
    o.batch = 5;
    o.seconds = SECONDS;
    return o;
}

/* UNet: convolutions 3-16, 16-16 of 8 x 8, 16-16 twice of 4 x 4, 32-16, 16-16 of 8 x 8, 1 x 1 to 3. */
static double unet_operations(double batch) {
    double outer = 64 * (9. * (3 * 16 + 16 * 16 + 32 * 16 + 16 * 16) + 16 * 3), inner = 16 * 9. * 2 * 16 * 16;
    double not_asked_for = 64 * 9. * 3 * 16; /* the gradient of the images */
    return 2 * batch * (3 * (outer + inner) - not_asked_for);
}

/* Critic: 3-16, blocks 16-16-16 and 16-16-32 with 16-32 of 1 x 1; of 4 x 4 twice 32-32-32; 4 x 4 x 32 to one. */
static double critic_operations(double batch) {
    double outer = 64 * (9. * (3 * 16 + 3 * 16 * 16 + 16 * 32) + 16 * 32), inner = 16 * (9. * 4 * 32 * 32 + 32);
    return 2 * 2 * batch * 3 * (outer + inner);
}

/* One thread: oneDNN's own would wait for each other on a machine that is busy with something else. */
static enot_status measure_images(enot_context *context, const enot_conv_speed_options *o, enot_conv_speed *s) {
    assert_int_equal(enot_context_set_threads(context, 1), ENOT_OK);
    enot_status status = enot_measure_conv(context, o, s);
    assert_int_equal(enot_context_set_threads(context, 2), ENOT_OK);
    return status;
}

static void a_step_of_images_is_compared_with_all_of_its_convolutions(void **state) {
    enot_conv_speed_options o = small_images();
    enot_conv_speed s = ENOT_CONV_SPEED_INIT;
    assert_int_equal(measure_images(*state, &o, &s), ENOT_OK);
    assert_true(fabs(s.operations - unet_operations(5) - critic_operations(5)) < .5);
    assert_true(s.step_seconds_least > 0 && s.step_seconds_least <= s.step_seconds);
    assert_true(s.step_seconds <= s.step_seconds_most);
    assert_true(s.fraction_least > 0 && s.fraction_least <= s.fraction && s.fraction <= s.fraction_most);
    assert_true(fabs(s.step_gflops * 1e9 * s.step_seconds / s.operations - 1) < 1e-9);
    assert_true(fabs(s.convolution_gflops * 1e9 * s.convolution_seconds / s.operations - 1) < 1e-9);
    assert_true(s.in_parts >= 0 && s.in_parts <= 1 + 1e-9 && s.winograd >= 0 && s.winograd + s.plain <= 1 + 1e-9);
    assert_int_equal(s.threads, 1);
}

static void images_that_make_no_sense_are_refused(void **state) {
    enot_conv_speed_options wrong[] = {small_images(), small_images(), small_images(), small_images()};
    enot_conv_speed s = ENOT_CONV_SPEED_INIT;
    wrong[0].seconds = NAN;
    wrong[1].batch = 0;
    wrong[2].image_size = 7;
    wrong[3].filters = 0;
    for (int i = 0; i < 4; i++) assert_int_equal(enot_measure_conv(*state, &wrong[i], &s), ENOT_ERR_ARGUMENT);
    assert_true(s.steps_per_second == 0);
}

static void an_older_and_shorter_result_of_images_is_filled_as_far_as_it_goes(void **state) {
    enot_conv_speed_options o = small_images();
    enot_conv_speed s = ENOT_CONV_SPEED_INIT;
    s.size = offsetof(enot_conv_speed, threads);
    s.threads = -7;
    assert_int_equal(measure_images(*state, &o, &s), ENOT_OK);
    assert_int_equal(s.size, offsetof(enot_conv_speed, threads));
    assert_true(s.fraction > 0);
    assert_int_equal(s.threads, -7);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fraction_is_the_documented_formula),
        cmocka_unit_test(networks_that_differ_count_with_their_mean),
        cmocka_unit_test(what_makes_no_sense_is_refused),
        cmocka_unit_test(an_older_and_shorter_result_structure_is_filled_as_far_as_it_goes),
        cmocka_unit_test(a_step_of_images_is_compared_with_all_of_its_convolutions),
        cmocka_unit_test(images_that_make_no_sense_are_refused),
        cmocka_unit_test(an_older_and_shorter_result_of_images_is_filled_as_far_as_it_goes),
    };
    return cmocka_run_group_tests(tests, context_setup, context_teardown);
}
