/* Whole fits through the public interface, where the answer is known. */
#include "fits.h"

enum { ROWS = 2000, POINTS = 300 };

/* The gradient of a convex function that no Gaussian map can follow: two heaps, with few points between. */
static double bend(double x) { return x + 2 * tanh(3 * x); }

/* The second Gaussian with its first column bent. */
static enot_samples *bent_samples(const fixture *at, double scale, double shift) {
    double *rows = gaussian_rows(1, 2, ROWS, 1, 0);
    for (int i = 0; i < ROWS; i++) rows[i * GAUSSIAN_DIM] = bend(rows[i * GAUSSIAN_DIM]);
    for (int i = 0; i < ROWS * GAUSSIAN_DIM; i++) rows[i] = rows[i] * scale + shift;
    enot_samples *samples = samples_of(at, rows, ROWS, GAUSSIAN_DIM);
    free(rows);
    return samples;
}

/* Fits the two Gaussians. */
static enot_map *fit_gaussians(const fixture *at, int64_t rows, const enot_fit_options *options, enot_report *report) {
    enot_samples *source = gaussian_samples(at, 0, rows, 1, 0), *target = gaussian_samples(at, 1, rows, 1, 0);
    enot_map *map;
    require(at, enot_fit(at->context, source, target, options, &map, report));
    enot_samples_destroy(source);
    enot_samples_destroy(target);
    return map;
}

/* Fits the first Gaussian to the bent one, both times scale plus shift. */
static enot_map *fit_bent(const fixture *at, double scale, double shift, const enot_fit_options *options,
                          enot_report *report) {
    enot_samples *source = gaussian_samples(at, 0, ROWS, scale, shift), *target = bent_samples(at, scale, shift);
    enot_map *map;
    require(at, enot_fit(at->context, source, target, options, &map, report));
    enot_samples_destroy(source);
    enot_samples_destroy(target);
    return map;
}

/* How far the map is from the true one on fresh points, as a fraction of the target's spread. */
static double error_of(const fixture *at, const enot_map *map, enot_direction direction) {
    double *x = gaussian_rows(0, 77, POINTS, 1, 0), y[POINTS * GAUSSIAN_DIM], moved[POINTS * GAUSSIAN_DIM];
    for (int i = 0; i < POINTS; i++) gaussian_truth(x + i * GAUSSIAN_DIM, y + i * GAUSSIAN_DIM);
    require(at, enot_map_apply(at->context, map, direction, direction == ENOT_FORWARD ? x : y, POINTS, moved));
    double error = relative_distance(moved, direction == ENOT_FORWARD ? y : x, POINTS, GAUSSIAN_DIM);
    free(x);
    return error;
}

static void no_steps_give_the_gaussian_map(void **state) {
    enum { MANY = 10000 };
    const fixture *at = *state;
    enot_fit_options options = quick_options(0);
    for (int form = ENOT_FORM_POTENTIAL; form <= ENOT_FORM_VECTOR_FIELD; form++) {
        enot_report report = ENOT_REPORT_INIT;
        options.form = (enot_form)form;
        enot_map *map = fit_gaussians(at, MANY, &options, &report);
        assert_true(error_of(at, map, ENOT_FORWARD) < .05);
        if (form != ENOT_FORM_VECTOR_FIELD) assert_true(error_of(at, map, ENOT_INVERSE) < .05);
        assert_true(report.steps == 0 && report.held_out == 1);
        assert_true(report.source_rows == MANY / 20 && report.target_rows == MANY / 20);
        assert_true(fabs(report.mismatch_after - report.mismatch_gaussian) < 1e-4);
        assert_true(fabs(report.cost_map / gaussian_cost() - 1) < .05);
        assert_true(fabs(report.cost_dual / gaussian_cost() - 1) < .05);
        if (form != ENOT_FORM_VECTOR_FIELD) assert_true(report.cycle_error < 1e-4);
        enot_map_destroy(map);
    }
}

static void training_between_gaussians_does_no_harm(void **state) {
    const fixture *at = *state;
    enot_fit_options options = quick_options(300);
    for (int form = ENOT_FORM_POTENTIAL; form <= ENOT_FORM_VECTOR_FIELD; form++) {
        enot_report report = ENOT_REPORT_INIT;
        options.form = (enot_form)form;
        enot_map *map = fit_gaussians(at, ROWS, &options, &report);
        assert_true(error_of(at, map, ENOT_FORWARD) < .15);
        assert_true(report.mismatch_after < report.mismatch_floor);
        assert_true(report.mismatch_after < .05 * report.mismatch_before);
        assert_true(fabs(report.cost_map / gaussian_cost() - 1) < .1);
        assert_true(fabs(report.cost_dual / gaussian_cost() - 1) < .1);
        enot_map_destroy(map);
    }
}

static int ascending(const void *one, const void *other) {
    double a = *(const double *)one, b = *(const double *)other;
    return (a > b) - (a < b);
}

/* In one dimension the optimal map, for any convex h, matches sorted rows. */
static void one_dimension_is_matched_by_rank(void **state) {
    const fixture *at = *state;
    static const struct {
        const char *cost;
        enot_form form;
        double most;
    } cases[] = {{"sqeuclidean", ENOT_FORM_DOT_PRODUCT, .15},
                 {"pnorm:p=1.5", ENOT_FORM_POTENTIAL, .25},
                 {"sqeuclidean", ENOT_FORM_VECTOR_FIELD, .15}};
    enum { COUNT = 3000 };
    double *x = malloc(3 * COUNT * sizeof *x), *y = x + COUNT, *moved = y + COUNT;
    for (int i = 0; i < COUNT; i++) {
        random_row row = random_row_start(3, RANDOM_STREAM_MEASURE, (uint64_t)i);
        x[i] = random_normal(&row);
        y[i] = 1 + bend(random_normal(&row));
    }
    enot_samples *source = samples_of(at, x, COUNT, 1), *target = samples_of(at, y, COUNT, 1);
    qsort(x, COUNT, sizeof *x, ascending);
    qsort(y, COUNT, sizeof *y, ascending);
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        enot_fit_options options = quick_options(1500);
        options.cost = cases[k].cost;
        options.form = cases[k].form;
        options.smoothing = 0;
        enot_map *map;
        require(at, enot_fit(at->context, source, target, &options, &map, NULL));
        require(at, enot_map_apply(at->context, map, ENOT_FORWARD, x, COUNT, moved));
        double error = relative_distance(moved, y, COUNT, 1);
        if (!(error < cases[k].most)) fail_msg("%s: %g from the sorted matching", cases[k].cost, error);
        enot_map_destroy(map);
    }
    free(x);
    enot_samples_destroy(source);
    enot_samples_destroy(target);
}

/* The map of scaled and shifted samples, seen from the original ones. */
static void assert_equivariant(const fixture *at, const enot_fit_options *options, const enot_map *plain, double scale,
                               double shift) {
    enum { NUMBERS = POINTS * GAUSSIAN_DIM };
    double *x = gaussian_rows(0, 77, POINTS, 1, 0), *scaled = gaussian_rows(0, 77, POINTS, scale, shift);
    double *want = malloc(NUMBERS * sizeof *want), *got = malloc(NUMBERS * sizeof *got);
    enot_map *map = fit_bent(at, scale, shift, options, NULL);
    require(at, enot_map_apply(at->context, plain, ENOT_FORWARD, x, POINTS, want));
    require(at, enot_map_apply(at->context, map, ENOT_FORWARD, scaled, POINTS, got));
    for (int i = 0; i < NUMBERS; i++) got[i] = (got[i] - shift) / scale;
    double error = relative_distance(got, want, POINTS, GAUSSIAN_DIM);
    if (!(error < 1e-3)) fail_msg("times %g plus %g: %g of the spread apart", scale, shift, error);
    enot_map_destroy(map);
    free(x);
    free(scaled);
    free(want);
    free(got);
}

static void units_and_offsets_do_not_change_the_map(void **state) {
    const fixture *at = *state;
    static const struct {
        const char *cost;
        enot_form form;
    } cases[] = {{NULL, ENOT_FORM_AUTO}, {"pnorm:p=3", ENOT_FORM_POTENTIAL}, {"euclidean", ENOT_FORM_VECTOR_FIELD}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        enot_fit_options options = quick_options(400);
        options.smoothing = .05;
        options.learning_rate = 1e-2;
        options.cost = cases[k].cost;
        options.form = cases[k].form;
        enot_report report = ENOT_REPORT_INIT;
        enot_map *plain = fit_bent(at, 1, 0, &options, &report);
        assert_true(report.steps > 0); /* not the starting map */
        assert_equivariant(at, &options, plain, 1e-6, 0);
        assert_equivariant(at, &options, plain, 1e6, 0);
        assert_equivariant(at, &options, plain, 1, 1e4);
        enot_map_destroy(plain);
    }
}

/* lam is a price for a length, so it grows with the data. */
static void elastic_threshold_is_in_the_users_units(void **state) {
    const fixture *at = *state;
    enot_fit_options options = quick_options(200);
    options.smoothing = .05;
    options.cost = "elastic_l1:rho=1,lam=.5";
    enot_map *plain = fit_bent(at, 1, 0, &options, NULL);
    options.cost = "elastic_l1:rho=1,lam=500";
    assert_equivariant(at, &options, plain, 1e3, 0);
    enot_map_destroy(plain);
}

static void costs_are_reported_in_the_users_units(void **state) {
    const fixture *at = *state;
    static const struct {
        const char *cost;
        double degree;
    } cases[] = {{"sqeuclidean", 2}, {"euclidean", 1}, {"pnorm:p=1.5", 1.5}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        enot_fit_options options = quick_options(50);
        enot_report plain = ENOT_REPORT_INIT, scaled = ENOT_REPORT_INIT;
        options.cost = cases[k].cost;
        enot_map_destroy(fit_bent(at, 1, 0, &options, &plain));
        enot_map_destroy(fit_bent(at, 1e3, 0, &options, &scaled));
        double factor = pow(1e3, cases[k].degree);
        assert_true(fabs(scaled.cost_map / plain.cost_map / factor - 1) < 1e-3);
        assert_true(fabs(scaled.cost_dual / plain.cost_dual / factor - 1) < 1e-3);
        assert_true(fabs(scaled.mismatch_before / plain.mismatch_before / 1e3 - 1) < 1e-6);
    }
}

static void every_cost_brings_the_source_nearer(void **state) {
    const fixture *at = *state;
    static const char *const costs[] = {"euclidean", "cosine", "elastic_l1:rho=1,lam=.2", "pnorm:p=1.5", "sq_pnorm:p=3"};
    for (size_t k = 0; k < sizeof costs / sizeof *costs; k++) {
        enot_fit_options options = quick_options(600);
        enot_report report = ENOT_REPORT_INIT;
        options.smoothing = .05;
        options.cost = costs[k];
        enot_map *map = fit_bent(at, 1, 0, &options, &report);
        if (!(report.mismatch_after < .3 * report.mismatch_before))
            fail_msg("%s: mismatch %g before, %g after", costs[k], report.mismatch_before, report.mismatch_after);
        assert_true(isnan(report.mismatch_gaussian) && isfinite(report.cost_dual) && report.cost_map > 0);
        enot_map_destroy(map);
    }
}

static void a_constant_column_is_no_error(void **state) {
    const fixture *at = *state;
    double *x = gaussian_rows(0, 1, 500, 1, 0), *y = gaussian_rows(1, 2, 500, 1, 0);
    static const char *const costs[] = {"sqeuclidean", "pnorm:p=3", "euclidean"};
    static const double most[] = {.2, 1.5, 1.5}; /* what does not start from the Gaussian map has to learn it */
    for (int i = 0; i < 500; i++) x[i * GAUSSIAN_DIM + 1] = y[i * GAUSSIAN_DIM + 1] = 7;
    enot_samples *source = samples_of(at, x, 500, GAUSSIAN_DIM), *target = samples_of(at, y, 500, GAUSSIAN_DIM);
    for (int scale = ENOT_SCALE_GLOBAL; scale <= ENOT_SCALE_NONE; scale++)
        for (int k = 0; k < 3; k++) {
            enot_fit_options options = quick_options(100);
            options.scale = (enot_scale)scale;
            options.cost = costs[k];
            enot_map *map;
            double moved[500 * GAUSSIAN_DIM];
            require(at, enot_fit(at->context, source, target, &options, &map, NULL));
            require(at, enot_map_apply(at->context, map, ENOT_FORWARD, x, 500, moved));
            for (int i = 0; i < 500; i++) assert_true(fabs(moved[i * GAUSSIAN_DIM + 1] - 7) < most[k]);
            enot_map_destroy(map);
        }
    free(x);
    free(y);
    enot_samples_destroy(source);
    enot_samples_destroy(target);
}

static void evaluation_of_the_training_tables_uses_the_rows_set_aside(void **state) {
    const fixture *at = *state;
    enot_samples *source = gaussian_samples(at, 0, 1000, 1, 0), *target = gaussian_samples(at, 1, 1200, 1, 0);
    enot_samples *fresh = gaussian_samples(at, 1, 700, 1, 0);
    enot_fit_options options = quick_options(50);
    enot_report fitted = ENOT_REPORT_INIT, found = ENOT_REPORT_INIT, other = ENOT_REPORT_INIT;
    options.validation = .2;
    enot_map *map;
    require(at, enot_fit(at->context, source, target, &options, &map, &fitted));
    require(at, enot_evaluate(at->context, map, source, target, NULL, &found));
    assert_true(found.held_out == 1 && found.source_rows == 200 && found.target_rows == 240);
    assert_true(found.mismatch_after == fitted.mismatch_after && found.mismatch_before == fitted.mismatch_before);
    assert_true(found.cost_dual == fitted.cost_dual && found.cost_map == fitted.cost_map && found.steps == fitted.steps);
    require(at, enot_evaluate(at->context, map, source, fresh, NULL, &other));
    assert_true(other.source_rows == 200 && other.target_rows == 700 && other.held_out == 1);
    enot_map_destroy(map);
    enot_samples_destroy(source);
    enot_samples_destroy(target);
    enot_samples_destroy(fresh);
}

static void moving_points_in_place_and_in_parts_gives_the_same(void **state) {
    const fixture *at = *state;
    enum { COUNT = 5000, NUMBERS = COUNT * GAUSSIAN_DIM };
    enot_fit_options options = quick_options(50);
    enot_map *map = fit_bent(at, 1, 0, &options, NULL);
    double *x = gaussian_rows(0, 9, COUNT, 1, 0);
    double *whole = malloc(NUMBERS * sizeof *whole), *parts = malloc(NUMBERS * sizeof *parts);
    require(at, enot_map_apply(at->context, map, ENOT_FORWARD, x, COUNT, whole));
    require(at, enot_map_apply(at->context, map, ENOT_FORWARD, x, 777, parts));
    require(at, enot_map_apply(at->context, map, ENOT_FORWARD, x + 777 * GAUSSIAN_DIM, COUNT - 777,
                               parts + 777 * GAUSSIAN_DIM));
    assert_true(relative_distance(parts, whole, COUNT, GAUSSIAN_DIM) < 1e-6);
    require(at, enot_map_apply(at->context, map, ENOT_FORWARD, x, COUNT, x));
    assert_memory_equal(x, whole, NUMBERS * sizeof *whole);
    require(at, enot_map_apply(at->context, map, ENOT_FORWARD, x, 0, x));
    free(x);
    free(whole);
    free(parts);
    enot_map_destroy(map);
}

/* The file too: the steps are what is recorded. */
static void a_budget_of_rows_is_so_many_batches(void **state) {
    const fixture *at = *state;
    enot_fit_options options = quick_options(7);
    enot_map *steps = fit_gaussians(at, 300, &options, NULL);
    options.steps = ENOT_AUTO;
    options.budget = 7 * options.batch + 5;
    enot_map *budget = fit_gaussians(at, 300, &options, NULL);
    assert_same_map(at, steps, budget);
    enot_map_destroy(steps);
    enot_map_destroy(budget);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, fixture_create, fixture_destroy)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(no_steps_give_the_gaussian_map),
        TEST(training_between_gaussians_does_no_harm),
        TEST(one_dimension_is_matched_by_rank),
        TEST(units_and_offsets_do_not_change_the_map),
        TEST(elastic_threshold_is_in_the_users_units),
        TEST(costs_are_reported_in_the_users_units),
        TEST(every_cost_brings_the_source_nearer),
        TEST(a_constant_column_is_no_error),
        TEST(evaluation_of_the_training_tables_uses_the_rows_set_aside),
        TEST(moving_points_in_place_and_in_parts_gives_the_same),
        TEST(a_budget_of_rows_is_so_many_batches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
