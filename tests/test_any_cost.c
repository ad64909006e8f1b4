/* Whole fits under costs other than the squared Euclidean one, where the optimal transport is known. */
#include "core/random.h"
#include "fits.h"

enum { ROWS = 3000, POINTS = 200 };

static fixture *at_of(void **state) { return *state; }

/* Fits and gives both samples back. */
static enot_map *fit(const fixture *at, enot_samples *source, enot_samples *target, const enot_fit_options *options,
                     enot_report *report) {
    enot_map *map;
    require(at, enot_fit(at->context, source, target, options, &map, report));
    enot_samples_destroy(source);
    enot_samples_destroy(target);
    return map;
}

static enot_fit_options options_for(const char *cost, int64_t steps) {
    static const int64_t hidden[] = {32, 32};
    enot_fit_options options = ENOT_FIT_OPTIONS_INIT;
    options.cost = cost;
    options.hidden = hidden;
    options.hidden_count = 2;
    options.steps = steps;
    options.batch = 256;
    options.learning_rate = 5e-3;
    options.expectile = .99;
    options.patience = 0;
    options.seed = 3;
    return options;
}

/*
 * On the line every convex cost is served by the increasing map: from uniform to the exponential of rate 1 it is -log(1 - x).
 * The tail beyond the nine tenths looked at is learned last.
 */
static void on_the_line_convex_costs_match_in_order(void **state) {
    fixture *at = at_of(state);
    static const char *const costs[] = {"pnorm:p=1.5", "pnorm:p=3", "huber", "elastic_l1", "elastic_overlap", "euclidean",
                                        "mean_squared:absolute=.5", "projected:rank=1"};
    double *rows = malloc(ROWS * sizeof *rows), x[POINTS], want[POINTS], got[POINTS];
    for (int i = 0; i < ROWS; i++) rows[i] = -log(1 - (i + .5) / ROWS);
    for (int i = 0; i < POINTS; i++) x[i] = .02 + .88 * i / POINTS, want[i] = -log(1 - x[i]);
    for (size_t k = 0; k < sizeof costs / sizeof *costs; k++) {
        enot_fit_options options = options_for(costs[k], 2500);
        enot_map *map = fit(at, measure_samples(at, "measure:box:dim=1"), samples_of(at, rows, ROWS, 1), &options, NULL);
        require(at, enot_map_apply(at->context, map, ENOT_FORWARD, x, POINTS, got));
        double error = relative_distance(got, want, POINTS, 1);
        if (!(error < .12)) fail_msg("%s: the map is %g of the spread from the increasing one", costs[k], error);
        enot_map_destroy(map);
    }
    free(rows);
}

/* y = x moved along the first column alone: so does the optimal map, under a cost that wants few columns to move. */
static void sparse_costs_leave_the_columns_where_nothing_moves_untouched(void **state) {
    fixture *at = at_of(state);
    enum { DIM = 3 };
    static const char *const costs[] = {"elastic_l1", "elastic_stvs", "elastic_overlap:lam=4"};
    double *x = malloc(ROWS * DIM * sizeof *x), *y = malloc(ROWS * DIM * sizeof *y), *moved = malloc(ROWS * DIM * sizeof *moved);
    for (int i = 0; i < ROWS * DIM; i++) {
        random_row rows[2] = {random_row_start(8, RANDOM_STREAM_MEASURE, (uint64_t)i), random_row_start(9, RANDOM_STREAM_MEASURE, (uint64_t)i)};
        x[i] = random_normal(&rows[0]);
        y[i] = random_normal(&rows[1]) + (i % DIM == 0 ? 4 : 0);
    }
    for (size_t k = 0; k < sizeof costs / sizeof *costs; k++) {
        enot_fit_options options = options_for(costs[k], 1000);
        int64_t still = 0;
        double first = 0;
        enot_map *map = fit(at, samples_of(at, x, ROWS, DIM), samples_of(at, y, ROWS, DIM), &options, NULL);
        require(at, enot_map_apply(at->context, map, ENOT_FORWARD, x, ROWS, moved));
        for (int i = 0; i < ROWS * DIM; i++) {
            if (i % DIM == 0) first += (moved[i] - x[i]) / ROWS;
            else still += moved[i] == x[i];
        }
        if (still < ROWS * (DIM - 1) * 9 / 10) fail_msg("%s: %lld of %d coordinates stay", costs[k], (long long)still, ROWS * (DIM - 1));
        if (!(fabs(first - 4) < .2)) fail_msg("%s: the first column moves by %g", costs[k], first);
        enot_map_destroy(map);
    }
    free(x);
    free(y);
    free(moved);
}

static const double MEAN[2][2] = {{0, 0}, {3, -1}}, DEVIATION[2][2] = {{1, 2}, {2, .5}};

/* Rows of side's normal; the same seed gives rows that the optimal map takes into each other. */
static enot_samples *normal_rows(const fixture *at, int side, uint64_t seed) {
    double rows[2 * ROWS];
    enot_samples *samples;
    for (int64_t i = 0; i < 2 * ROWS; i++) {
        random_row draw = random_row_start(seed, RANDOM_STREAM_MEASURE, (uint64_t)i);
        rows[i] = MEAN[side][i % 2] + DEVIATION[side][i % 2] * random_normal(&draw);
    }
    require(at, enot_samples_from_rows(at->context, rows, ROWS, 2, &samples));
    return samples;
}

/* Independent columns are moved each for itself, at the cost sum w_j ((m_j - n_j)^2 + (s_j - t_j)^2). */
static void between_gaussians_a_weighted_cost_has_its_closed_form(void **state) {
    fixture *at = at_of(state);
    char weights[PATH_CAPACITY], cost[PATH_CAPACITY + 40];
    path_in(at, "w.csv", weights);
    snprintf(cost, sizeof cost, "mahalanobis:matrix=%s", weights);
    FILE *file = fopen(weights, "w");
    fputs("2,.5\n", file);
    fclose(file);
    enot_fit_options options = options_for(cost, 0);
    enot_report report = ENOT_REPORT_INIT;
    enot_map *map = fit(at, normal_rows(at, 0, 5), normal_rows(at, 1, 6), &options, NULL);
    enot_samples *source = normal_rows(at, 0, 7), *target = normal_rows(at, 1, 7);
    require(at, enot_evaluate(at->context, map, source, target, NULL, &report));
    double expected = 2 * (9 + 1) + .5 * (1 + 1.5 * 1.5);
    assert_true(fabs(report.cost_map / expected - 1) < .05); /* the means of 3,000 rows */
    assert_true(fabs(report.cost_dual / expected - 1) < .02);
    enot_samples_destroy(source);
    enot_samples_destroy(target);
    enot_map_destroy(map);
}

/* A map's costs are the same after it was saved, its matrix removed, and loaded. */
static void assert_cost_is_kept(const fixture *at, const char *cost, const char *matrix) {
    char path[PATH_CAPACITY];
    path_in(at, "map.safetensors", path);
    FILE *file = fopen(matrix, "w");
    fputs("1,0,0\n0,100,0\n0,0,2\n", file);
    fclose(file);
    enot_fit_options options = options_for(cost, 200);
    enot_report before = ENOT_REPORT_INIT, after = ENOT_REPORT_INIT;
    enot_map *map = fit(at, gaussian_samples(at, 0, ROWS, 1, 0), gaussian_samples(at, 1, ROWS, 1, 0), &options, NULL), *loaded;
    require(at, enot_map_save(at->context, map, path));
    remove(matrix);
    require(at, enot_map_load(at->context, path, &loaded));
    enot_samples *source = gaussian_samples(at, 0, ROWS, 1, 0), *target = gaussian_samples(at, 1, ROWS, 1, 0);
    require(at, enot_evaluate(at->context, map, source, target, NULL, &before));
    require(at, enot_evaluate(at->context, loaded, source, target, NULL, &after));
    assert_true(isfinite(before.cost_map) && before.cost_map == after.cost_map && before.cost_dual == after.cost_dual);
    enot_samples_destroy(source);
    enot_samples_destroy(target);
    enot_map_destroy(map);
    enot_map_destroy(loaded);
}

static void a_matrix_from_a_file_is_kept_in_the_map(void **state) {
    static const char *const names[] = {"mahalanobis:matrix=", "projected:matrix="};
    fixture *at = at_of(state);
    char matrix[PATH_CAPACITY], cost[PATH_CAPACITY + 40];
    path_in(at, "m.csv", matrix);
    for (int k = 0; k < 2; k++) {
        snprintf(cost, sizeof cost, "%s%s", names[k], matrix);
        assert_cost_is_kept(at, cost, matrix);
    }
    assert_cost_is_kept(at, "projected:rank=2,seed=7", matrix);
}

static void square_value(void *user, int64_t rows, int64_t dim, const double *x, const double *y, double *values) {
    for (int64_t i = 0; i < rows; i++) {
        values[i] = 0;
        for (int64_t j = i * dim; j < (i + 1) * dim; j++) values[i] += *(double *)user * (x[j] - y[j]) * (x[j] - y[j]);
    }
}

static void square_gradient(void *user, int64_t rows, int64_t dim, const double *x, const double *y, double *gradient) {
    for (int64_t i = 0; i < rows * dim; i++) gradient[i] = *(double *)user * 2 * (y[i] - x[i]);
}

/* 1e6 |x - y|^2 by a callback: the map of the squared Euclidean cost, and a million times its cost. */
static void a_callback_is_a_cost(void **state) {
    fixture *at = at_of(state);
    double scale = 1e6, x[POINTS * GAUSSIAN_DIM], want[POINTS * GAUSSIAN_DIM], got[POINTS * GAUSSIAN_DIM];
    enot_cost callback = {sizeof callback, &scale, square_value, square_gradient};
    enot_fit_options options = options_for(NULL, 1500);
    enot_report report = ENOT_REPORT_INIT;
    options.cost_callback = &callback;
    enot_map *map = fit(at, gaussian_samples(at, 0, ROWS, 1, 0), gaussian_samples(at, 1, ROWS, 1, 0), &options, &report), *loaded;
    double *rows = gaussian_rows(0, 77, POINTS, 1, 0);
    memcpy(x, rows, sizeof x);
    free(rows);
    for (int i = 0; i < POINTS; i++) gaussian_truth(x + i * GAUSSIAN_DIM, want + i * GAUSSIAN_DIM);
    require(at, enot_map_apply(at->context, map, ENOT_FORWARD, x, POINTS, got));
    assert_true(relative_distance(got, want, POINTS, GAUSSIAN_DIM) < .15);
    assert_true(fabs(report.cost_map / (1e6 * gaussian_cost()) - 1) < .1);
    assert_true(fabs(report.cost_dual / (1e6 * gaussian_cost()) - 1) < .1);
    char path[PATH_CAPACITY];
    path_in(at, "map.safetensors", path);
    require(at, enot_map_save(at->context, map, path));
    require(at, enot_map_load(at->context, path, &loaded));
    require(at, enot_map_apply(at->context, loaded, ENOT_FORWARD, x, POINTS, want));
    assert_memory_equal(got, want, sizeof got);
    enot_map_destroy(map);
    enot_map_destroy(loaded);
}

static void a_callback_without_a_gradient_is_refused(void **state) {
    fixture *at = at_of(state);
    double scale = 1;
    enot_cost callback = {sizeof callback, &scale, square_value, NULL};
    enot_fit_options options = options_for(NULL, 1);
    options.cost_callback = &callback;
    enot_samples *source = gaussian_samples(at, 0, 100, 1, 0), *target = gaussian_samples(at, 1, 100, 1, 0);
    enot_map *map;
    assert_int_equal(enot_fit(at->context, source, target, &options, &map, NULL), ENOT_ERR_ARGUMENT);
    assert_non_null(strstr(enot_context_message(at->context), "gradient"));
    enot_samples_destroy(source);
    enot_samples_destroy(target);
}

#define CAPS "measure:sphere_mixture:layout="

static void maps_stay_on_the_sphere(void **state) {
    fixture *at = at_of(state);
    static const char *const costs[] = {"geodesic", "arccos"};
    double x[POINTS * 3], moved[POINTS * 3];
    for (int k = 0; k < 2; k++) {
        enot_fit_options options = options_for(costs[k], 800);
        enot_report report = ENOT_REPORT_INIT;
        enot_samples *points = measure_samples(at, CAPS "1");
        enot_map *map = fit(at, measure_samples(at, CAPS "1"), measure_samples(at, CAPS "2"), &options, &report);
        require(at, enot_samples_rows(at->context, points, 0, POINTS, x));
        require(at, enot_map_apply(at->context, map, ENOT_FORWARD, x, POINTS, moved));
        for (int i = 0; i < POINTS; i++) {
            const double *p = moved + 3 * i;
            assert_true(fabs(sqrt(p[0] * p[0] + p[1] * p[1] + p[2] * p[2]) - 1) < 1e-6);
        }
        assert_true(report.mismatch_after < .05 * report.mismatch_before);
        enot_samples_destroy(points);
        enot_map_destroy(map);
    }
}

static void rows_off_the_sphere_are_refused_by_number(void **state) {
    fixture *at = at_of(state);
    double rows[12] = {1, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 1};
    enot_fit_options options = options_for("geodesic", 1);
    enot_samples *source = samples_of(at, rows, 4, 3), *target = measure_samples(at, CAPS "2");
    enot_map *map;
    assert_int_equal(enot_fit(at->context, source, target, &options, &map, NULL), ENOT_ERR_DATA);
    assert_non_null(strstr(enot_context_message(at->context), "row 3 has length 2"));
    enot_samples_destroy(source);
    enot_samples_destroy(target);
}

/* From around .9 to around .1 on a circle of length 1 it is .2 across the seam, not .8 back. */
static void on_a_circle_maps_go_the_short_way_round(void **state) {
    fixture *at = at_of(state);
    enot_fit_options options = options_for("periodic", 800);
    enot_report report = ENOT_REPORT_INIT;
    enot_map *map = fit(at, measure_samples(at, "measure:box:dim=1,low=.85,high=.95"), measure_samples(at, "measure:box:dim=1,low=.05,high=.15"),
                        &options, &report);
    assert_true(fabs(report.cost_map / .04 - 1) < .05);
    assert_true(report.mismatch_after < .05 * report.mismatch_before);
    enot_map_destroy(map);
}

static void the_way_back_is_learned_where_it_is_asked_for(void **state) {
    fixture *at = at_of(state);
    enot_fit_options options = options_for("pnorm:p=1.5", 1500);
    enot_report report = ENOT_REPORT_INIT;
    options.reverse = 1;
    enot_map *map = fit(at, gaussian_samples(at, 0, ROWS, 1, 0), gaussian_samples(at, 1, ROWS, 1, 0), &options, &report), *loaded;
    assert_true(report.cycle_error < .5);
    char path[PATH_CAPACITY];
    path_in(at, "map.safetensors", path);
    require(at, enot_map_save(at->context, map, path));
    require(at, enot_map_load(at->context, path, &loaded));
    assert_same_map(at, map, loaded);
    double *y = gaussian_rows(1, 78, POINTS, 1, 0), back[2][POINTS * GAUSSIAN_DIM];
    require(at, enot_map_apply(at->context, map, ENOT_INVERSE, y, POINTS, back[0]));
    require(at, enot_map_apply(at->context, loaded, ENOT_INVERSE, y, POINTS, back[1]));
    assert_memory_equal(back[0], back[1], sizeof back[0]);
    free(y);
    enot_map_destroy(map);
    enot_map_destroy(loaded);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(on_the_line_convex_costs_match_in_order),
        cmocka_unit_test(sparse_costs_leave_the_columns_where_nothing_moves_untouched),
        cmocka_unit_test(between_gaussians_a_weighted_cost_has_its_closed_form),
        cmocka_unit_test(a_matrix_from_a_file_is_kept_in_the_map),
        cmocka_unit_test(a_callback_is_a_cost),
        cmocka_unit_test(a_callback_without_a_gradient_is_refused),
        cmocka_unit_test(maps_stay_on_the_sphere),
        cmocka_unit_test(rows_off_the_sphere_are_refused_by_number),
        cmocka_unit_test(on_a_circle_maps_go_the_short_way_round),
        cmocka_unit_test(the_way_back_is_learned_where_it_is_asked_for),
    };
    return cmocka_run_group_tests(tests, fixture_create, fixture_destroy);
}
