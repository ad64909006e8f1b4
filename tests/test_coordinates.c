/* The coordinates of a fit: Gaussian warm start, scaling, conditioning. */
#include "core/memory.h"
#include "core/random.h"
#include "one_context.h"
#include "space/coordinates.h"
#include "space/entry.h"
#include "space/moments.h"

#define D 5
#define N 3000
#define M 2000

/* rows of correlated normals, column j multiplied by scale^(j - dim / 2) */
static double *draw(uint64_t seed, int64_t count, int64_t dim, double scale, double offset) {
    double *rows = malloc((size_t)(count * dim) * sizeof *rows);
    for (int64_t i = 0; i < count; i++) {
        random_row row = random_row_start(seed, RANDOM_STREAM_MEASURE, (uint64_t)i);
        double previous = random_normal(&row);
        for (int64_t j = 0; j < dim; j++) {
            double mix = .2 + .15 * (double)((j * 7 + (int64_t)seed) % 5);
            previous = mix * previous + (1 + .3 * (double)(seed % 3)) * random_normal(&row);
            rows[i * dim + j] = previous * pow(scale, (double)(j - dim / 2)) + offset;
        }
    }
    return rows;
}

/* The shrunk covariance a fit works with, in units of the given columns. */
static void covariance(const double *rows, int64_t count, int64_t dim, double *out) {
    double *mean = calloc((size_t)(2 * dim), sizeof *mean), *variance = mean + dim;
    row_list list = row_list_of(rows, count, dim);
    moments_columns(context, &list, mean, variance);
    require(context, moments_correlation(context, &list, mean, variance, out));
    for (int64_t i = 0; i < dim; i++)
        for (int64_t j = 0; j < dim; j++) out[i * dim + j] *= sqrt(variance[i]) * sqrt(variance[j]);
    free(mean);
}

/* out = a^T if transposed, times b, times c */
static void triple(int64_t n, const double *a, const double *b, const double *c, int transpose_a, int transpose_c,
                   double *out) {
    double *half = calloc((size_t)(n * n), sizeof *half);
    for (int64_t i = 0; i < n; i++)
        for (int64_t k = 0; k < n; k++)
            for (int64_t j = 0; j < n; j++)
                half[i * n + j] += (transpose_a ? a[k * n + i] : a[i * n + k]) * b[k * n + j];
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < n; j++) {
            out[i * n + j] = 0;
            for (int64_t k = 0; k < n; k++)
                out[i * n + j] += half[i * n + k] * (transpose_c ? c[j * n + k] : c[k * n + j]);
        }
    free(half);
}

static void map_matrix(const coordinates *c, double *a) {
    int64_t n = c->dim;
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < n; j++) {
            a[i * n + j] = 0;
            for (int64_t k = 0; k < n; k++) a[i * n + j] += c->backward[1][i * n + k] * c->forward[0][k * n + j];
        }
}

static void check_map_carries_covariance(double scale) {
    double *x = draw(1, N, D, scale, 0), *y = draw(2, M, D, scale, 0);
    double sx[D * D], sy[D * D], a[D * D], moved[D * D];
    coordinates *c;
    require(context, coordinates_gaussian(context, row_list_of(x, N, D), row_list_of(y, M, D), ENOT_SCALE_GLOBAL, NULL, &c));
    covariance(x, N, D, sx);
    covariance(y, M, D, sy);
    map_matrix(c, a);
    triple(D, a, sx, a, 0, 0, moved);
    for (int i = 0; i < D; i++)
        for (int j = 0; j < D; j++) {
            double size = sqrt(sy[i * D + i] * sy[j * D + j]);
            assert_true(fabs(moved[i * D + j] - sy[i * D + j]) <= 1e-8 * size);
            assert_true(fabs(a[i * D + j] - a[j * D + i]) <= 1e-8 * sqrt(a[i * D + i] * a[j * D + j]));
        }
    coordinates_destroy(c);
    free(x);
    free(y);
}

static void gaussian_map_carries_covariance(void **state) {
    (void)state;
    check_map_carries_covariance(1);
}

static void columns_of_very_different_scales_keep_their_digits(void **state) {
    (void)state;
    check_map_carries_covariance(31.6); /* 1e-3 .. 1e3 */
    check_map_carries_covariance(1 / 31.6);
}

static void both_covariances_are_the_same_diagonal(void **state) {
    (void)state;
    for (int graded = 0; graded < 2; graded++) {
        double *rows[2] = {draw(1, N, D, graded ? 30 : 1, 3), draw(2, M, D, graded ? 30 : 1, -2)};
        int64_t counts[2] = {N, M};
        coordinates *c;
        require(context, coordinates_gaussian(context, row_list_of(rows[0], N, D), row_list_of(rows[1], M, D), ENOT_SCALE_GLOBAL, NULL, &c));
        double total = 0;
        for (int i = 0; i < D; i++) total += c->spread[i] * c->spread[i];
        assert_true(fabs(total - D) < 1e-9);
        for (int side = 0; side < 2; side++) {
            double s[D * D], inner[D * D];
            covariance(rows[side], counts[side], D, s);
            triple(D, c->forward[side], s, c->forward[side], 0, 1, inner);
            for (int i = 0; i < D; i++)
                for (int j = 0; j < D; j++) {
                    double expected = i == j ? c->spread[i] * c->spread[i] : 0;
                    assert_true(fabs(inner[i * D + j] - expected) <= 1e-9 * c->spread[i] * c->spread[j]);
                }
            free(rows[side]);
        }
        coordinates_destroy(c);
    }
}

/* c(x, y) = (x - y)' M (x - y): the gradient of c's potential is M (x - T(x)), so that M A must be symmetric. */
static void under_a_metric_the_gaussian_map_is_optimal_for_its_cost(void **state) {
    (void)state;
    double *x = draw(1, N, D, 2, 10), *y = draw(2, M, D, 2, -5), *metric;
    double sx[D * D], sy[D * D], a[D * D], moved[D * D], turned[D * D], eye[D * D] = {0}, inner[2][D], copy[D * D], scratch[D];
    coordinates *c;
    require(context, MEMORY_NEW(context, D * D, "a test", &metric));
    for (int i = 0; i < D; i++) {
        metric[i * D + i] = 1 + i;
        eye[i * D + i] = 1;
        if (i) metric[i * D + i - 1] = metric[(i - 1) * D + i] = .6;
    }
    memcpy(copy, metric, sizeof copy);
    require(context, coordinates_gaussian(context, row_list_of(x, N, D), row_list_of(y, M, D), ENOT_SCALE_GLOBAL, metric, &c));
    covariance(x, N, D, sx);
    covariance(y, M, D, sy);
    map_matrix(c, a);
    triple(D, a, sx, a, 0, 1, moved);
    triple(D, copy, a, eye, 0, 0, turned);
    for (int i = 0; i < D; i++)
        for (int j = 0; j < D; j++) {
            assert_true(fabs(moved[i * D + j] - sy[i * D + j]) <= .03 * sqrt(sy[i * D + i] * sy[j * D + j])); /* other correlations shrink */
            assert_true(fabs(turned[i * D + j] - turned[j * D + i]) <= 1e-8 * sqrt(turned[i * D + i] * turned[j * D + j]));
        }
    coordinates_enter(c, COORDINATES_SOURCE, x, 1, inner[0]);
    coordinates_enter(c, COORDINATES_TARGET, y, 1, inner[1]);
    double outside = 0, inside = 0, square = 0;
    for (int i = 0; i < D; i++) {
        inside += inner[0][i] * inner[1][i];
        for (int j = 0; j < D; j++) {
            outside += copy[i * D + j] * (x[i] - c->mean[0][i]) * (y[j] - c->mean[1][j]);
            square += copy[i * D + j] * (x[i] - c->mean[1][i]) * (x[j] - c->mean[1][j]);
        }
    }
    assert_true(fabs(outside - inside * c->unit * c->unit) < 1e-9 * fabs(outside));
    assert_true(fabs(square - coordinates_square(c, x, c->mean[1], scratch)) < 1e-9 * square);
    coordinates_destroy(c);
    free(x);
    free(y);
}

static void dot_products_keep_their_meaning(void **state) {
    (void)state;
    double *x = draw(1, N, D, 2, 10), *y = draw(2, M, D, 2, -5), inner[2][D];
    coordinates *c;
    require(context, coordinates_gaussian(context, row_list_of(x, N, D), row_list_of(y, M, D), ENOT_SCALE_COLUMN, NULL, &c));
    coordinates_enter(c, COORDINATES_SOURCE, x, 1, inner[0]);
    coordinates_enter(c, COORDINATES_TARGET, y, 1, inner[1]);
    double outside = 0, inside = 0;
    for (int i = 0; i < D; i++) {
        outside += (x[i] / c->column[i] - c->mean[0][i]) * (y[i] / c->column[i] - c->mean[1][i]);
        inside += inner[0][i] * inner[1][i];
    }
    assert_true(fabs(outside - inside * c->unit * c->unit) < 1e-10);
    coordinates_destroy(c);
    free(x);
    free(y);
}

static void check_round_trip(const coordinates *c, const double *x, int64_t count) {
    size_t cells = (size_t)(count * c->dim);
    double *inner = malloc(cells * sizeof *inner), *back = malloc(cells * sizeof *back);
    for (int side = 0; side < 2; side++) {
        coordinates_enter(c, (coordinates_side)side, x, count, inner);
        coordinates_leave(c, (coordinates_side)side, inner, count, back);
        for (size_t i = 0; i < cells; i++) assert_true(fabs(back[i] - x[i]) <= 1e-8 * (1 + fabs(x[i])));
    }
    free(inner);
    free(back);
}

static void leaving_undoes_entering(void **state) {
    (void)state;
    double *x = draw(1, 200, 70, 1.1, 1), *y = draw(2, 150, 70, 1.1, 2);
    for (int scale = ENOT_SCALE_GLOBAL; scale <= ENOT_SCALE_NONE; scale++) {
        coordinates *c;
        require(context, coordinates_gaussian(context, row_list_of(x, 200, 70), row_list_of(y, 150, 70), (enot_scale)scale, NULL, &c));
        check_round_trip(c, x, 200);
        coordinates_destroy(c);
        require(context, coordinates_common(context, row_list_of(x, 200, 70), row_list_of(y, 150, 70), (enot_scale)scale, 1, &c));
        check_round_trip(c, x, 200);
        coordinates_destroy(c);
    }
    free(x);
    free(y);
}

/* Far from the origin too, where centring must not lose the digits; and whatever the rows are entered with. */
static void rows_drawn_all_the_time_enter_as_others_do(void **state) {
    (void)state;
    enum { COUNT = 50, WIDEST = 300 };
    const int64_t dims[] = {1, 5, 32, 70, WIDEST};
    for (size_t k = 0; k < sizeof dims / sizeof *dims; k++) {
        int64_t dim = dims[k];
        double *x = draw(1, 400, dim, 1.01, 1e5), *y = draw(2, 400, dim, 1.01, 2), *want = malloc((size_t)(COUNT * dim) * sizeof *want);
        real *got = malloc((size_t)(COUNT * dim) * sizeof *got);
        coordinates *c;
        entry e;
        require(context, coordinates_gaussian(context, row_list_of(x, 400, dim), row_list_of(y, 400, dim), ENOT_SCALE_COLUMN, NULL, &c));
        coordinates_enter(c, COORDINATES_SOURCE, x, COUNT, want);
        require(context, entry_create(context, c, COORDINATES_SOURCE, &e));
        int64_t at_once = entry_rows(&e);
        for (int64_t first = 0; first < COUNT; first += at_once)
            entry_enter(&e, x + first * dim, COUNT - first < at_once ? COUNT - first : at_once, got + first * dim);
        for (int64_t i = 0; i < COUNT * dim; i++) assert_true(fabs((double)got[i] - want[i]) < 2e-5);
        real *alone = malloc((size_t)dim * sizeof *alone);
        entry_enter(&e, x + 7 * dim, 1, alone);
        assert_memory_equal(alone, got + 7 * dim, (size_t)dim * sizeof *alone);
        entry_destroy(&e);
        coordinates_destroy(c);
        free(alone);
        free(got);
        free(want);
        free(x);
        free(y);
    }
}

/* Rows whose sample mean is m and whose sample covariance is exactly [[p, q], [q, r]]. */
static double *exact(double m, double p, double q, double r) {
    const double corners[4][2] = {{1, 1}, {1, -1}, {-1, 1}, {-1, -1}};
    int64_t n = 40000;
    double *rows = malloc((size_t)(2 * n) * sizeof *rows), l = sqrt(p), k = q / l, w = sqrt(r - k * k);
    double unit = sqrt((double)(n - 1) / (double)n);
    for (int64_t i = 0; i < n; i++) {
        rows[2 * i] = m + unit * l * corners[i % 4][0];
        rows[2 * i + 1] = m + unit * (k * corners[i % 4][0] + w * corners[i % 4][1]);
    }
    return rows;
}

static void map_is_the_closed_form_in_two_dimensions(void **state) {
    (void)state;
    /* Sx = [[2, 1], [1, 2]], A = [[2, .5], [.5, 1]], so Sy = A Sx A = [[10.5, 5.25], [5.25, 3.5]]; A is symmetric and
     * positive. */
    double *x = exact(1, 2, 1, 2), *y = exact(-3, 10.5, 5.25, 3.5), point[2] = {2, 5}, inner[2], moved[2];
    coordinates *c;
    require(context, coordinates_gaussian(context, row_list_of(x, 40000, 2), row_list_of(y, 40000, 2), ENOT_SCALE_GLOBAL, NULL, &c));
    coordinates_enter(c, COORDINATES_SOURCE, point, 1, inner);
    coordinates_leave(c, COORDINATES_TARGET, inner, 1, moved);
    assert_true(fabs(moved[0] - (-3 + 2 * 1 + .5 * 4)) < 2e-3); /* correlations are shrunk by 1 / n */
    assert_true(fabs(moved[1] - (-3 + .5 * 1 + 1 * 4)) < 2e-3);
    coordinates_destroy(c);
    free(x);
    free(y);
}

static void constant_columns_and_constant_data_give_finite_coordinates(void **state) {
    (void)state;
    double *x = draw(1, N, D, 1, .1), *y = draw(2, M, D, 1, .1), spread_of_mean = 0;
    for (int64_t i = 0; i < N; i++) x[i * D + 1] = x[i * D + 3] = .1;
    for (int64_t i = 0; i < M; i++) y[i * D + 1] = .1;
    coordinates *c;
    for (int rows = 1; rows <= 2; rows++) {
        int64_t n = rows == 1 ? N : 1, m = rows == 1 ? M : 1; /* a single row: every column constant */
        for (int scale = ENOT_SCALE_GLOBAL; scale <= ENOT_SCALE_NONE; scale++) {
            require(context, coordinates_gaussian(context, row_list_of(x, n, D), row_list_of(y, m, D), (enot_scale)scale, NULL, &c));
            for (int i = 0; i < D; i++) assert_true(isfinite(c->spread[i]) && c->spread[i] > 0 && c->column[i] > 0);
            check_round_trip(c, x, 20);
            spread_of_mean += c->unit;
            coordinates_destroy(c);
            require(context, coordinates_common(context, row_list_of(x, n, D), row_list_of(y, m, D), (enot_scale)scale, 1, &c));
            for (int i = 0; i < D; i++) assert_true(isfinite(c->spread[i]) && c->spread[i] > 0 && c->column[i] > 0);
            coordinates_destroy(c);
        }
    }
    assert_true(isfinite(spread_of_mean));
    free(x);
    free(y);
}

/* Moves 50 points by the identity in the coordinates of (x, y) times factor plus offset; returns them in the first
 * units. */
static double *moved_points(const double *x, const double *y, double factor, double offset) {
    double *a = malloc(N * D * sizeof *a), *b = malloc(M * D * sizeof *b), *inner = malloc(50 * D * sizeof *inner);
    for (int i = 0; i < N * D; i++) a[i] = x[i] * factor + offset;
    for (int i = 0; i < M * D; i++) b[i] = y[i] * factor + offset;
    coordinates *c;
    require(context, coordinates_gaussian(context, row_list_of(a, N, D), row_list_of(b, M, D), ENOT_SCALE_GLOBAL, NULL, &c));
    coordinates_enter(c, COORDINATES_SOURCE, a, 50, inner);
    coordinates_leave(c, COORDINATES_TARGET, inner, 50, a);
    for (int i = 0; i < 50 * D; i++) a[i] = (a[i] - offset) / factor;
    coordinates_destroy(c);
    free(b);
    free(inner);
    return a;
}

static void map_follows_units_and_offsets(void **state) {
    (void)state;
    const double change[][2] = {{1e6, 0}, {1e-6, 0}, {1, 1e4}};
    double *x = draw(1, N, D, 1.5, 0), *y = draw(2, M, D, 1.5, 1), *plain = moved_points(x, y, 1, 0);
    for (int k = 0; k < 3; k++) {
        double *other = moved_points(x, y, change[k][0], change[k][1]);
        for (int i = 0; i < 50 * D; i++) assert_true(fabs(other[i] - plain[i]) < 1e-9);
        free(other);
    }
    free(plain);
    free(x);
    free(y);
}

static void more_columns_than_rows_is_shrunk_and_works(void **state) {
    (void)state;
    double *x = draw(1, 12, 40, 1, 0), *y = draw(2, 9, 40, 1, 0);
    coordinates *c;
    require(context, coordinates_gaussian(context, row_list_of(x, 12, 40), row_list_of(y, 9, 40), ENOT_SCALE_GLOBAL, NULL, &c));
    for (int i = 0; i < 40; i++) assert_true(c->spread[i] > .05 && c->spread[i] < 20);
    check_round_trip(c, x, 12);
    coordinates_destroy(c);
    free(x);
    free(y);
}

static void duplicate_columns_are_no_error(void **state) {
    (void)state;
    double *x = draw(1, N, D, 1, 0), *y = draw(2, M, D, 1, 0);
    for (int64_t i = 0; i < N; i++) x[i * D + 1] = x[i * D];
    for (int64_t i = 0; i < M; i++) y[i * D + 1] = y[i * D];
    coordinates *c;
    require(context, coordinates_gaussian(context, row_list_of(x, N, D), row_list_of(y, M, D), ENOT_SCALE_GLOBAL, NULL, &c));
    check_round_trip(c, x, 50);
    coordinates_destroy(c);
    free(x);
    free(y);
}

static void samples_without_scatter_of_their_own_are_no_error(void **state) {
    (void)state;
    const double line[] = {-1, -1, 1, 1, -1, -1, 1, 1}, two[] = {0, 0, 1, 1};
    const double square[] = {-1, -1, 1, -1, -1, 1, 1, 1};
    coordinates *c;
    require(context, coordinates_gaussian(context, row_list_of(line, 4, 2), row_list_of(line, 4, 2), ENOT_SCALE_GLOBAL, NULL, &c)); /* two equal columns */
    check_round_trip(c, line, 4);
    coordinates_destroy(c);
    require(context, coordinates_gaussian(context, row_list_of(two, 2, 2), row_list_of(square, 4, 2), ENOT_SCALE_GLOBAL, NULL, &c));
    assert_true(c->spread[1] > .05); /* two rows say nothing about correlation: it is taken as none */
    coordinates_destroy(c);
}

static void check_shrinkage(int rows, int dim) {
    double *x = draw(4, rows, dim, 1, 0), *numbers = calloc((size_t)(2 * dim + 2 * dim * dim + rows), sizeof *x), above = 0, below = 0;
    double *mean = numbers, *variance = mean + dim, *shrunk = variance + dim, *sample = shrunk + dim * dim, *w = sample + dim * dim;
    row_list list = row_list_of(x, rows, dim);
    moments_columns(context, &list, mean, variance);
    require(context, moments_correlation(context, &list, mean, variance, shrunk));
    for (int i = 0; i < dim; i++)
        for (int j = 0; j < dim; j++) {
            double average = 0, scatter = 0;
            for (int k = 0; k < rows; k++) {
                w[k] = (x[k * dim + i] - mean[i]) * (x[k * dim + j] - mean[j]) / sqrt(variance[i] * variance[j]);
                average += w[k] / rows;
            }
            for (int k = 0; k < rows; k++) scatter += (w[k] - average) * (w[k] - average);
            sample[i * dim + j] = average * rows / (rows - 1);
            if (i != j) above += scatter * rows / pow(rows - 1, 3);
            if (i != j) below += sample[i * dim + j] * sample[i * dim + j];
        }
    double lambda = above / below;
    assert_true(lambda > .01 && lambda < 1);
    for (int i = 0; i < dim; i++)
        for (int j = 0; j < dim; j++)
            assert_true(fabs(shrunk[i * dim + j] - (i == j ? 1 : (1 - lambda) * sample[i * dim + j])) < 1e-12);
    free(x);
    free(numbers);
}

static void shrinkage_is_the_published_estimate(void **state) {
    check_shrinkage(30, 4);
    check_shrinkage(101, 37); /* parts of tiles and of blocks of rows and columns */
}

/* Inner coordinate i of a point of the source. */
static double entered(const coordinates *c, const double *point, int64_t i) {
    double sum = 0;
    for (int64_t j = 0; j < c->dim; j++) sum += c->forward[0][i * c->dim + j] * (point[j] / c->column[j] - c->mean[0][j]);
    return sum;
}

static void rows_enter_by_the_formula_and_each_as_if_it_were_alone(void **state) {
    const int64_t dims[] = {1, 3, 8, 70, 131}, counts[] = {1, 5, 67};
    for (int d = 0; d < 5; d++) {
        int64_t dim = dims[d];
        double *x = draw(1, 300, dim, 1, 1), *y = draw(2, 300, dim, 1, 2), *inner = calloc((size_t)(68 * dim), sizeof *inner);
        coordinates *c;
        require(context, coordinates_gaussian(context, row_list_of(x, 300, dim), row_list_of(y, 300, dim), ENOT_SCALE_COLUMN, NULL, &c));
        for (int n = 0; n < 3; n++) {
            coordinates_enter(c, COORDINATES_SOURCE, x, counts[n], inner);
            for (int64_t k = 0; k < counts[n]; k++) {
                double *alone = inner + 67 * dim;
                coordinates_enter(c, COORDINATES_SOURCE, x + k * dim, 1, alone);
                assert_memory_equal(inner + k * dim, alone, (size_t)dim * sizeof *inner);
                for (int64_t i = 0; i < dim; i++) assert_true(fabs(alone[i] - entered(c, x + k * dim, i)) < 1e-12);
            }
        }
        coordinates_destroy(c);
        free(x);
        free(y);
        free(inner);
    }
}

static void common_coordinates_share_mean_and_unit(void **state) {
    (void)state;
    const double x[] = {0, 0, 2, 0}, y[] = {4, 4, 6, 4};
    coordinates *c;
    require(context, coordinates_common(context, row_list_of(x, 2, 2), row_list_of(y, 2, 2), ENOT_SCALE_GLOBAL, 1, &c));
    assert_true(fabs(c->mean[0][0] - 3) < 1e-15 && fabs(c->mean[1][1] - 2) < 1e-15);
    assert_true(fabs(c->unit - sqrt((9 + 4 + 1 + 4 + 1 + 4 + 9 + 4) / 8.)) < 1e-14);
    coordinates_destroy(c);
    require(context, coordinates_common(context, row_list_of(x, 2, 2), row_list_of(y, 2, 2), ENOT_SCALE_GLOBAL, 0, &c));
    assert_true(c->mean[0][0] == 0 && fabs(c->unit - sqrt((4 + 16 + 16 + 36 + 16) / 8.)) < 1e-14);
    coordinates_destroy(c);
}

static void values_beyond_double_range_are_refused(void **state) {
    (void)state;
    const double x[] = {1e200, 0, 2e200, 0}, y[] = {4, 4, 6, 4};
    coordinates *c = NULL;
    assert_int_equal(coordinates_gaussian(context, row_list_of(x, 2, 2), row_list_of(y, 2, 2), ENOT_SCALE_GLOBAL, NULL, &c), ENOT_ERR_DATA);
    assert_null(c);
    assert_non_null(strstr(enot_context_message(context), "column 1 of the source"));
}

static coordinates *gaussian_of(row_list x, row_list y, int with_metric) {
    double *metric = NULL;
    coordinates *c;
    if (with_metric) require(context, MEMORY_NEW(context, x.dim * x.dim, "a test", &metric));
    for (int64_t i = 0; i < x.dim && with_metric; i++) metric[i * x.dim + i] = 1 + (double)i;
    require(context, coordinates_gaussian(context, x, y, ENOT_SCALE_COLUMN, metric, &c));
    return c;
}

static void chosen_rows_count_as_if_they_were_a_table(void **state) {
    (void)state;
    double *x = draw(1, 3000, D, 1.1, 1), *y = draw(2, M, D, 1.1, 2), *chosen = malloc(2000 * D * sizeof *chosen);
    int64_t order[2000];
    for (int64_t i = 0; i < 2000; i++) order[i] = (i * 7 + 5) % 3000;
    for (int64_t i = 0; i < 2000; i++) memcpy(chosen + i * D, x + order[i] * D, D * sizeof *chosen);
    for (int with_metric = 0; with_metric < 2; with_metric++) {
        coordinates *a = gaussian_of((row_list){x, order, 2000, D}, row_list_of(y, M, D), with_metric);
        coordinates *b = gaussian_of(row_list_of(chosen, 2000, D), row_list_of(y, M, D), with_metric);
        for (int side = 0; side < 2; side++) {
            assert_memory_equal(a->mean[side], b->mean[side], D * sizeof(double));
            assert_memory_equal(a->forward[side], b->forward[side], D * D * sizeof(double));
        }
        coordinates_destroy(a);
        coordinates_destroy(b);
    }
    free(x);
    free(y);
    free(chosen);
}

static void threads_do_not_change_a_bit(void **state) {
    (void)state;
    double *x = draw(1, 3000, 70, 1.1, 1), *y = draw(2, 250, 70, 1.1, 2);
    coordinates *c[2];
    for (int k = 0; k < 2; k++) {
        require(context, enot_context_set_threads(context, k ? 3 : 1));
        require(context, coordinates_gaussian(context, row_list_of(x, 3000, 70), row_list_of(y, 250, 70), ENOT_SCALE_GLOBAL, NULL, &c[k]));
    }
    require(context, enot_context_set_threads(context, 1));
    assert_memory_equal(c[0]->forward[0], c[1]->forward[0], 70 * 70 * sizeof(double));
    assert_memory_equal(c[0]->spread, c[1]->spread, 70 * sizeof(double));
    for (int k = 0; k < 2; k++) coordinates_destroy(c[k]);
    free(x);
    free(y);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gaussian_map_carries_covariance),
        cmocka_unit_test(columns_of_very_different_scales_keep_their_digits),
        cmocka_unit_test(both_covariances_are_the_same_diagonal),
        cmocka_unit_test(under_a_metric_the_gaussian_map_is_optimal_for_its_cost),
        cmocka_unit_test(dot_products_keep_their_meaning),
        cmocka_unit_test(leaving_undoes_entering),
        cmocka_unit_test(rows_enter_by_the_formula_and_each_as_if_it_were_alone),
        cmocka_unit_test(rows_drawn_all_the_time_enter_as_others_do),
        cmocka_unit_test(map_is_the_closed_form_in_two_dimensions),
        cmocka_unit_test(constant_columns_and_constant_data_give_finite_coordinates),
        cmocka_unit_test(map_follows_units_and_offsets),
        cmocka_unit_test(more_columns_than_rows_is_shrunk_and_works),
        cmocka_unit_test(duplicate_columns_are_no_error),
        cmocka_unit_test(samples_without_scatter_of_their_own_are_no_error),
        cmocka_unit_test(shrinkage_is_the_published_estimate),
        cmocka_unit_test(common_coordinates_share_mean_and_unit),
        cmocka_unit_test(values_beyond_double_range_are_refused),
        cmocka_unit_test(chosen_rows_count_as_if_they_were_a_table),
        cmocka_unit_test(threads_do_not_change_a_bit),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
