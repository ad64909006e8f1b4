/* The Frechet distance of two sets, its floor, and how far a map moves. */
#include "eval/frechet.h"
#include "eval/squared_change.h"
#include "one_context.h"

/* rows [count, dim] whose sample means are mean[j] and whose sample covariance is diagonal with deviation[j]^2. count:
 * a power of two > dim */
static double *orthogonal_rows(int64_t count, int64_t dim, const double *mean, const double *deviation) {
    double *rows = malloc((size_t)(count * dim) * sizeof *rows);
    for (int64_t i = 0; i < count; i++)
        for (int64_t j = 0; j < dim; j++) {
            /* Walsh functions: orthogonal, mean 0 */
            double sign = __builtin_parityll((unsigned long long)(i & (j + 1))) ? -1 : 1;
            rows[i * dim + j] = mean[j] + sign * deviation[j] * sqrt((double)(count - 1) / (double)count);
        }
    return rows;
}

static double *normals(uint64_t seed, int64_t count, int64_t dim, double mean, double deviation) {
    double *rows = malloc((size_t)(count * dim) * sizeof *rows);
    for (int64_t i = 0; i < count; i++) {
        random_row row = random_row_start(seed, RANDOM_STREAM_MEASURE, (uint64_t)i);
        for (int64_t j = 0; j < dim; j++) rows[i * dim + j] = mean + deviation * random_normal(&row) * (double)(j + 1);
    }
    return rows;
}

static double distance_of(int64_t dim, int64_t n, const double *a, int64_t m, const double *b) {
    double distance;
    require(context, frechet_distance(context, dim, n, a, m, b, &distance));
    return distance;
}

static void equal_sets_have_none(void **state) {
    (void)state;
    double *a = normals(1, 50, 6, 3, 2);
    assert_true(distance_of(6, 50, a, 50, a) < 1e-11);
    free(a);
}

static void a_moved_set_is_as_far_as_it_moved_squared(void **state) {
    (void)state;
    double *a = normals(1, 50, 6, 0, 2), *b = normals(1, 50, 6, 0, 2), square = 0;
    for (int j = 0; j < 6; j++) {
        double move = .5 * (j - 2);
        square += move * move;
        for (int i = 0; i < 50; i++) b[i * 6 + j] += move;
    }
    assert_close(distance_of(6, 50, a, 50, b), square, 1e-12, "distance");
    free(a);
    free(b);
}

/* Commuting covariances: the sum of (deviation - deviation')^2; one deviation is 0. */
static void commuting_covariances_follow_the_closed_form(void **state) {
    (void)state;
    enum { DIM = 5 };
    const double mean[DIM] = {1, -2, 0, 3, 0}, other_mean[DIM] = {1, 0, 0, 2, 0};
    const double deviation[DIM] = {1, 2, 0, 1e-3, 5}, other[DIM] = {2, 1, 3, 1e-3, 5};
    double *a = orthogonal_rows(16, DIM, mean, deviation), *b = orthogonal_rows(8, DIM, other_mean, other), want = 0;
    for (int j = 0; j < DIM; j++) want += pow(mean[j] - other_mean[j], 2) + pow(deviation[j] - other[j], 2);
    assert_close(distance_of(DIM, 16, a, 8, b), want, 1e-12, "distance");
    free(a);
    free(b);
}

/* Of 2 x 2 matrices tr M^1/2 = sqrt(tr M + 2 sqrt(det M)); M = A^1/2 B A^1/2 has the trace and determinant of A B. */
static void covariances_that_do_not_commute_follow_the_closed_form(void **state) {
    (void)state;
    const double zero[2] = {0}, deviation[2] = {2, .5};
    double *a = orthogonal_rows(8, 2, zero, deviation), *b = orthogonal_rows(8, 2, zero, deviation);
    double cosine = cos(.6), sine = sin(.6);
    for (int i = 0; i < 8; i++) {
        double x = b[2 * i], y = b[2 * i + 1];
        b[2 * i] = cosine * x - sine * y;
        b[2 * i + 1] = sine * x + cosine * y;
    }
    double trace = 4 * (4 * cosine * cosine + .25 * sine * sine) + .25 * (4 * sine * sine + .25 * cosine * cosine);
    assert_close(distance_of(2, 8, a, 8, b), 2 * 4.25 - 2 * sqrt(trace + 2 * 1), 1e-12, "distance");
    free(a);
    free(b);
}

static void is_symmetric(void **state) {
    (void)state;
    double *a = normals(1, 7, 9, 0, 1), *b = normals(2, 40, 9, .3, 2); /* the first covariance is singular */
    assert_close(distance_of(9, 7, a, 40, b), distance_of(9, 40, b, 7, a), 1e-12, "the other way round");
    free(a);
    free(b);
}

/* Few rows look further apart than they are: the floor, which halves where the rows are doubled. */
static void floor_falls_with_the_rows(void **state) {
    (void)state;
    enum { DIM = 4, COUNT = 4000 };
    double *rows = normals(1, COUNT, DIM, 0, 1), few, many, again;
    require(context, frechet_floor(context, DIM, COUNT, rows, 100, 40, 5, &few));
    require(context, frechet_floor(context, DIM, COUNT, rows, 200, 40, 5, &many));
    require(context, frechet_floor(context, DIM, COUNT, rows, 200, 40, 5, &again));
    assert_true(many == again);
    assert_true(many > 0 && few > 1.5 * many && few < 2.7 * many);
    free(rows);
}

static void floor_is_the_distance_of_fresh_sets(void **state) {
    (void)state;
    enum { DIM = 4, COUNT = 2000, SIZE = 100, FRESH = 40 };
    double *rows = normals(1, COUNT, DIM, 0, 1), floor, mean = 0;
    require(context, frechet_floor(context, DIM, COUNT, rows, SIZE, 40, 5, &floor));
    for (int k = 0; k < FRESH; k++) {
        double *a = normals(100 + 2 * k, SIZE, DIM, 0, 1), *b = normals(101 + 2 * k, SIZE, DIM, 0, 1);
        mean += distance_of(DIM, SIZE, a, SIZE, b) / FRESH;
        free(a);
        free(b);
    }
    assert_true(fabs(floor / mean - 1) < .3);
    free(rows);
}

/* With all rows taken, two disjoint halves of two points each. */
static void floor_takes_disjoint_rows(void **state) {
    (void)state;
    const double rows[] = {0, 1, 10, 11};
    const double splits[3] = {distance_of(1, 2, rows, 2, rows + 2),
                              distance_of(1, 2, (const double[]){0, 10}, 2, (const double[]){1, 11}),
                              distance_of(1, 2, (const double[]){0, 11}, 2, (const double[]){1, 10})};
    for (uint64_t seed = 0; seed < 20; seed++) {
        double floor, nearest = INFINITY;
        require(context, frechet_floor(context, 1, 4, rows, 2, 1, seed, &floor));
        for (int k = 0; k < 3; k++) nearest = fmin(nearest, fabs(floor - splits[k]));
        assert_true(nearest < 1e-9);
    }
}

static void too_few_rows_are_refused(void **state) {
    (void)state;
    const double x[] = {0, 1, 2, 4};
    double distance;
    assert_int_equal(frechet_distance(context, 1, 1, x, 3, x, &distance), ENOT_ERR_DATA);
    assert_non_null(strstr(enot_context_message(context), "needs two rows"));
    assert_int_equal(frechet_distance(context, 1, 3, x, 1, x, &distance), ENOT_ERR_DATA);
    assert_int_equal(frechet_floor(context, 1, 4, x, 3, 1, 0, &distance), ENOT_ERR_DATA);
    assert_int_equal(frechet_floor(context, 1, 4, x, 1, 1, 0, &distance), ENOT_ERR_DATA);
}

static void values_that_are_not_finite_show_as_nan(void **state) {
    (void)state;
    const double x[] = {0, INFINITY, 2}, y[] = {0, 1, 2};
    assert_true(isnan(distance_of(1, 3, x, 3, y)));
    assert_true(isnan(distance_of(1, 3, y, 3, x)));
}

static void squared_change_is_the_mean_over_rows_and_values(void **state) {
    (void)state;
    const double x[] = {0, 1, 2, 3, 4, 5}, moved[] = {1, 1, 2, 3, 4, 3};
    assert_close(squared_change(2, 3, x, moved), 5. / 6, 1e-12, "squared change");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_sets_have_none),
        cmocka_unit_test(a_moved_set_is_as_far_as_it_moved_squared),
        cmocka_unit_test(commuting_covariances_follow_the_closed_form),
        cmocka_unit_test(covariances_that_do_not_commute_follow_the_closed_form),
        cmocka_unit_test(is_symmetric),
        cmocka_unit_test(floor_falls_with_the_rows),
        cmocka_unit_test(floor_is_the_distance_of_fresh_sets),
        cmocka_unit_test(floor_takes_disjoint_rows),
        cmocka_unit_test(too_few_rows_are_refused),
        cmocka_unit_test(values_that_are_not_finite_show_as_nan),
        cmocka_unit_test(squared_change_is_the_mean_over_rows_and_values),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
