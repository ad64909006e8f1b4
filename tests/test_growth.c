/* Batches that grow: how many rows each step takes, and that a training which grows keeps to its budget, repeats and resumes. */
#include "fits.h"
#include "map/map.h"
#include "train/batches/growth.h"

static settings growing(int64_t batch, int64_t steps) {
    return (settings){.batch = batch, .growing = 1, .optimizer = {.steps = steps}};
}

static void a_sixth_of_the_steps_at_most_250_takes_a_quarter_of_the_rows(void **state) {
    settings s = growing(1024, 60);
    assert_int_equal(growth_steps(&s), 10);
    assert_int_equal(growth_rows(&s, 9), 256);
    assert_int_equal(growth_rows(&s, 10), 1024);
    s.optimizer.steps = 6000;
    assert_int_equal(growth_steps(&s), 250);
    s.growing = 0;
    assert_int_equal(growth_steps(&s), 0);
    assert_int_equal(growth_rows(&s, 0), 1024);
}

static void rows_before_a_step_are_those_of_all_before_it(void **state) {
    static const int64_t batches[] = {1, 3, 4, 30, 1024}, steps[] = {0, 1, 5, 6, 7, 100};
    for (int b = 0; b < 5; b++)
        for (int n = 0; n < 6; n++) {
            settings s = growing(batches[b], steps[n]);
            int64_t rows = 0;
            for (int64_t i = 0; i <= steps[n]; i++) {
                assert_int_equal(growth_rows_before(&s, i), rows);
                assert_true(growth_rows(&s, i) >= 1);
                rows += growth_rows(&s, i);
            }
        }
}

static void a_budget_is_spent_but_for_less_than_a_batch(void **state) {
    for (int grows = 0; grows < 2; grows++)
        for (int64_t budget = 1000; budget < 8000000; budget += 9973) {
            settings s = growing(1000, 0);
            s.growing = grows;
            s.optimizer.steps = growth_steps_of(&s, budget);
            int64_t rows = growth_rows_before(&s, s.optimizer.steps);
            assert_true(rows <= budget);
            assert_true(budget - rows < s.batch);
        }
}

/* Between measures whose map is taken to be smooth, until a step if there is one to stop at. */
static enot_map *fit(const fixture *at, enot_fit_options options, int64_t *stop) {
    enot_samples *source = measure_samples(at, "measure:gaussian:dim=2"), *target = measure_samples(at, "measure:gaussian_mixture:dim=2");
    enot_map *map = NULL;
    options.smoothing = 0;
    options.steps = 24;
    options.progress = stop ? stop_at : NULL;
    options.progress_user = stop;
    enot_status status = enot_fit(at->context, source, target, &options, &map, NULL);
    if (stop)
        assert_int_equal(status, ENOT_ERR_CANCELLED);
    else
        require(at, status);
    enot_samples_destroy(source);
    enot_samples_destroy(target);
    return map;
}

static void a_growing_training_goes_on_to_the_same_file(void **state) {
    const fixture *at = *state;
    enot_fit_options options = ENOT_FIT_OPTIONS_INIT;
    enot_map *whole = fit(at, options, NULL);
    assert_non_null(strstr(whole->options, "\"growing\":true"));
    char checkpoint[PATH_CAPACITY];
    path_in(at, "checkpoint", checkpoint);
    options.checkpoint = checkpoint;
    for (int64_t stop = 3; stop <= 5; stop++) {
        require(at, enot_context_set_threads(at->context, 1 + (int)stop % 2));
        options.resume = 0;
        fit(at, options, &stop);
        options.resume = 1;
        enot_map *map = fit(at, options, NULL);
        assert_same_map(at, whole, map);
        enot_map_destroy(map);
    }
    enot_map_destroy(whole);
}

static void a_batch_asked_for_does_not_grow(void **state) {
    const fixture *at = *state;
    enot_fit_options options = ENOT_FIT_OPTIONS_INIT;
    options.batch = 256;
    enot_map *map = fit(at, options, NULL);
    assert_null(strstr(map->options, "growing"));
    enot_map_destroy(map);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, fixture_create, fixture_destroy)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sixth_of_the_steps_at_most_250_takes_a_quarter_of_the_rows),
        cmocka_unit_test(rows_before_a_step_are_those_of_all_before_it),
        cmocka_unit_test(a_budget_is_spent_but_for_less_than_a_batch),
        TEST(a_growing_training_goes_on_to_the_same_file),
        TEST(a_batch_asked_for_does_not_grow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
