/* Energy distance, its error and its noise floor. */
#include "core/random.h"
#include "eval/distances.h"
#include "eval/energy.h"
#include "eval/energy_floor.h"
#include "one_context.h"

static double *normals(uint64_t seed, int64_t count, int64_t dim, double mean, double std) {
    double *rows = malloc((size_t)(count * dim) * sizeof *rows);
    for (int64_t i = 0; i < count; i++) {
        random_row row = random_row_start(seed, RANDOM_STREAM_MEASURE, (uint64_t)i);
        for (int64_t c = 0; c < dim; c++) rows[i * dim + c] = mean + std * random_normal(&row);
    }
    return rows;
}

static double mean_distance(const double *x, int64_t n, const double *y, int64_t m, int64_t dim, double pairs) {
    double total = 0;
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < m; j++) {
            double square = 0;
            for (int64_t c = 0; c < dim; c++) square += pow(x[i * dim + c] - y[j * dim + c], 2);
            total += sqrt(square);
        }
    return total / pairs;
}

static double naive(const double *x, int64_t n, const double *y, int64_t m, int64_t dim) {
    return 2 * mean_distance(x, n, y, m, dim, (double)(n * m)) - mean_distance(x, n, x, n, dim, (double)(n * (n - 1))) -
           mean_distance(y, m, y, m, dim, (double)(m * (m - 1)));
}

static void equals_the_sum_over_pairs(void **state) {
    (void)state;
    const int64_t sizes[][3] = {{2, 2, 1}, {63, 65, 2}, {130, 64, 7}, {200, 129, 33}};
    for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
        int64_t n = sizes[k][0], m = sizes[k][1], dim = sizes[k][2];
        double *x = normals(1, n, dim, 0, 1), *y = normals(2, m, dim, .5, 2), distance;
        require(context, energy_distance(context, x, n, y, m, dim, &distance, NULL));
        assert_true(fabs(distance - naive(x, n, y, m, dim)) < 1e-5);
        free(x);
        free(y);
    }
}

static double distance_sum(const double *point, const double *rows, int64_t count, int64_t dim) {
    return mean_distance(point, 1, rows, count, dim, 1);
}

static void check_sums(const char *what, const double *sums, const double *rows, int64_t count, const double *others, int64_t m,
                       int64_t dim) {
    for (int64_t i = 0; i < count; i++) {
        double want = distance_sum(rows + i * dim, others, m, dim);
        if (!(fabs(sums[i] - want) <= 1e-6 * want)) fail_msg("%s of row %d: %.9g, not %.9g", what, (int)i, sums[i], want);
    }
}

/* More tiles than are summed side by side, and a last one that is not full. */
static void sums_of_rows_and_columns_are_those_over_all_pairs(void **state) {
    (void)state;
    enum { N = 1100, M = 1230, D = 3 };
    double *x = normals(1, N, D, 0, 1), *y = normals(2, M, D, .5, 1), shift[D] = {0}, sums[N + M];
    point_set from, to;
    require(context, point_set_create(context, x, N, D, shift, 1, &from));
    require(context, point_set_create(context, y, M, D, shift, 1, &to));
    require(context, distances_sums(context, &from, &to, sums, sums + N));
    check_sums("the sum", sums, x, N, y, M, D);
    check_sums("the other side's sum", sums + N, y, M, x, N, D);
    require(context, distances_sums(context, &from, &to, sums, NULL));
    check_sums("the sum alone", sums, x, N, y, M, D);
    require(context, distances_sums(context, &to, &to, sums, NULL));
    check_sums("the sum within", sums, y, M, y, M, D);
    point_set_destroy(&from);
    point_set_destroy(&to);
    free(x);
    free(y);
}

static void is_unbiased_where_the_measures_agree(void **state) {
    (void)state;
    enum { REPEATS = 400 };
    double sum = 0, square = 0;
    for (int k = 0; k < REPEATS; k++) {
        double *x = normals(1000 + 2 * k, 30, 3, 0, 1), *y = normals(1001 + 2 * k, 40, 3, 0, 1), distance;
        require(context, energy_distance(context, x, 30, y, 40, 3, &distance, NULL));
        sum += distance / REPEATS;
        square += distance * distance / REPEATS;
        free(x);
        free(y);
    }
    assert_true(fabs(sum) < 3.5 * sqrt(square / REPEATS));
}

/* E|Z| for Z normal. */
static double folded_mean(double mean, double std) {
    return std * sqrt(2 / M_PI) * exp(-mean * mean / (2 * std * std)) + mean * erf(mean / (std * sqrt(2)));
}

static void matches_the_closed_form_of_two_normals(void **state) {
    (void)state;
    double expected = 2 * folded_mean(1, sqrt(1 + 4)) - folded_mean(0, sqrt(2)) - folded_mean(0, sqrt(8));
    double *x = normals(1, 3000, 1, 0, 1), *y = normals(2, 3000, 1, 1, 2), distance, error;
    require(context, energy_distance(context, x, 3000, y, 3000, 1, &distance, &error));
    assert_true(fabs(distance - expected) < 3 * error);
    assert_true(error > .001 && error < .1 * expected);
    free(x);
    free(y);
}

static void error_is_the_spread_over_repeats(void **state) {
    (void)state;
    enum { REPEATS = 200 };
    double sum = 0, square = 0, predicted = 0;
    for (int k = 0; k < REPEATS; k++) {
        double *x = normals(1000 + 2 * k, 60, 2, 0, 1), *y = normals(1001 + 2 * k, 90, 2, 1, 1), distance, error;
        require(context, energy_distance(context, x, 60, y, 90, 2, &distance, &error));
        sum += distance / REPEATS;
        square += distance * distance / REPEATS;
        predicted += error / REPEATS;
        free(x);
        free(y);
    }
    double spread = sqrt(square - sum * sum);
    assert_true(fabs(predicted / spread - 1) < .2);
}

static void cached_target_gives_the_same_bits(void **state) {
    (void)state;
    double *x = normals(1, 300, 5, 0, 1), *y = normals(2, 200, 5, .5, 2), once, cached;
    energy_target *target;
    require(context, energy_distance(context, x, 300, y, 200, 5, &once, NULL));
    require(context, energy_target_create(context, y, 200, 5, &target));
    require(context, energy_target_distance(context, target, x, 300, &cached, NULL));
    assert_true(once == cached);
    energy_target_destroy(target);
    free(x);
    free(y);
}

static void threads_do_not_change_a_bit(void **state) {
    (void)state;
    double *x = normals(1, 1000, 5, 0, 1), *y = normals(2, 900, 5, .5, 2), results[2][4];
    for (int k = 0; k < 2; k++) {
        require(context, enot_context_set_threads(context, k ? 3 : 1));
        require(context, energy_distance(context, x, 1000, y, 900, 5, &results[k][0], &results[k][1]));
        require(context, energy_floor(context, y, 900, 5, 40, 7, &results[k][2], &results[k][3]));
    }
    require(context, enot_context_set_threads(context, 1));
    for (int i = 0; i < 4; i++) assert_true(results[0][i] == results[1][i]);
    free(x);
    free(y);
}

static void offsets_and_units_keep_their_digits(void **state) {
    (void)state;
    const double change[][2] = {{1, 1e4}, {1e-30, 0}, {1e30, 0}};
    enum { N = 300, DIM = 4 };
    double *x = normals(1, N, DIM, 0, 1), *y = normals(2, N, DIM, .1, 1), plain, floor_mean, floor_top;
    require(context, energy_distance(context, x, N, y, N, DIM, &plain, NULL));
    require(context, energy_floor(context, y, N, DIM, 50, 7, &floor_mean, &floor_top));
    for (int k = 0; k < 3; k++) {
        double *a = malloc(N * DIM * sizeof *a), *b = malloc(N * DIM * sizeof *b), distance, mean, top;
        for (int i = 0; i < N * DIM; i++) a[i] = x[i] * change[k][0] + change[k][1];
        for (int i = 0; i < N * DIM; i++) b[i] = y[i] * change[k][0] + change[k][1];
        require(context, energy_distance(context, a, N, b, N, DIM, &distance, NULL));
        require(context, energy_floor(context, b, N, DIM, 50, 7, &mean, &top));
        assert_true(fabs(distance / change[k][0] - plain) < 1e-6);
        assert_true(fabs(top / change[k][0] - floor_top) < 1e-6);
        free(a);
        free(b);
    }
    free(x);
    free(y);
}

static void floor_is_the_distance_between_halves(void **state) {
    (void)state;
    enum { N = 501, DIM = 3, FRESH = 200 };
    double *rows = normals(1, N, DIM, 0, 1), mean, top, scatter = 0;
    int above = 0;
    require(context, energy_floor(context, rows, N, DIM, ENERGY_FLOOR_SPLITS, 7, &mean, &top));
    for (int k = 0; k < FRESH; k++) {
        double *x = normals(100 + 2 * k, N / 2, DIM, 0, 1), *y = normals(101 + 2 * k, N / 2, DIM, 0, 1), distance;
        require(context, energy_distance(context, x, N / 2, y, N / 2, DIM, &distance, NULL));
        scatter += distance * distance / FRESH;
        above += distance > top;
        free(x);
        free(y);
    }
    assert_true(fabs(mean) < 4 * sqrt(scatter / ENERGY_FLOOR_SPLITS));
    assert_true(top > sqrt(scatter) && top < 3 * sqrt(scatter));
    assert_in_range(above, 1, FRESH / 8); /* a twentieth is expected */
    free(rows);
}

static void floor_of_four_points_is_exact(void **state) {
    (void)state;
    /* Points 0, 1, 10, 11: splits {0 1|10 11}, {0 10|1 11}, {0 11|1 10} have distances 18, -9 and -9, none else. */
    const double rows[] = {0, 1, 10, 11};
    double mean, top;
    require(context, energy_floor(context, rows, 4, 1, 1, 3, &mean, &top));
    assert_true(mean == top);
    double first = naive((const double[]){0, 1}, 2, (const double[]){10, 11}, 2, 1);
    double second = naive((const double[]){0, 10}, 2, (const double[]){1, 11}, 2, 1);
    double third = naive((const double[]){0, 11}, 2, (const double[]){1, 10}, 2, 1);
    double nearest = fmin(fabs(mean - first), fmin(fabs(mean - second), fabs(mean - third)));
    assert_true(nearest < 1e-5);
}

static void too_few_rows_are_refused(void **state) {
    (void)state;
    const double x[] = {0, 1, 2};
    double distance, top;
    assert_int_equal(energy_distance(context, x, 1, x, 3, 1, &distance, NULL), ENOT_ERR_DATA);
    assert_int_equal(energy_distance(context, x, 3, x, 1, 1, &distance, NULL), ENOT_ERR_DATA);
    assert_int_equal(energy_floor(context, x, 3, 1, 10, 0, &distance, &top), ENOT_ERR_DATA);
}

static void values_that_are_not_finite_show_as_nan(void **state) {
    (void)state;
    const double x[] = {0, INFINITY, 2}, y[] = {0, 1, 2};
    double distance;
    require(context, energy_distance(context, x, 3, y, 3, 1, &distance, NULL));
    assert_true(isnan(distance));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equals_the_sum_over_pairs),
        cmocka_unit_test(sums_of_rows_and_columns_are_those_over_all_pairs),
        cmocka_unit_test(is_unbiased_where_the_measures_agree),
        cmocka_unit_test(matches_the_closed_form_of_two_normals),
        cmocka_unit_test(error_is_the_spread_over_repeats),
        cmocka_unit_test(cached_target_gives_the_same_bits),
        cmocka_unit_test(threads_do_not_change_a_bit),
        cmocka_unit_test(offsets_and_units_keep_their_digits),
        cmocka_unit_test(floor_is_the_distance_between_halves),
        cmocka_unit_test(floor_of_four_points_is_exact),
        cmocka_unit_test(too_few_rows_are_refused),
        cmocka_unit_test(values_that_are_not_finite_show_as_nan),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
