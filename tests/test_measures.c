/* Built-in measures: reproducible rows, known moments, benchmark pairs that match their file, refusals that help. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "files/safetensors.h"
#include "measures/kind.h"
#include "measures/measure.h"
#include "measures/w2bench.h"
#include "space/coordinates.h"
#include "space/moments.h"

#define ROWS 20000

static enot_context *context;

static int setup(void **state) {
    (void)state;
    return enot_context_create(&context) != ENOT_OK;
}

static int teardown(void **state) {
    (void)state;
    enot_context_destroy(context);
    return 0;
}

static void require(enot_status status) {
    if (status != ENOT_OK) fail_msg("%s", enot_context_message(context));
}

/* Caller frees. */
static double *draw(const char *spec, uint64_t seed, int64_t count, int64_t *dim) {
    measure *m;
    require(measure_open(context, spec, &m));
    *dim = measure_dim(m);
    double *rows = malloc((size_t)(count * *dim) * sizeof *rows);
    measure_draw(m, seed, 0, count, rows);
    measure_close(m);
    return rows;
}

static void every_measure_opens_with_defaults_and_is_finite(void **state) {
    (void)state;
    for (size_t k = 0; measure_kinds[k]; k++) {
        int64_t dim;
        double *rows = draw(measure_kinds[k]->name, 1, 500, &dim);
        assert_int_equal(dim, strncmp(measure_kinds[k]->name, "sphere", 6) == 0 ? 3 : 2);
        for (int64_t i = 0; i < 500 * dim; i++) assert_true(isfinite(rows[i]) && fabs(rows[i]) < 100);
        free(rows);
    }
}

static void points_of_spheres_have_length_one(void **state) {
    (void)state;
    static const char *const specs[] = {"sphere:dim=5", "sphere_mixture:components=4,std=.5"};
    for (int k = 0; k < 2; k++) {
        int64_t dim;
        double *rows = draw(specs[k], 1, 500, &dim);
        for (int i = 0; i < 500; i++) {
            double square = 0;
            for (int64_t j = 0; j < dim; j++) square += rows[i * dim + j] * rows[i * dim + j];
            assert_true(fabs(square - 1) < 1e-12);
        }
        free(rows);
    }
}

static void check_blocking(const char *spec) {
    enum { COUNT = 37 };
    measure *m;
    require(measure_open(context, spec, &m));
    int64_t dim = measure_dim(m);
    double *whole = malloc((size_t)(COUNT * dim) * sizeof *whole), *part = malloc((size_t)(COUNT * dim) * sizeof *part);
    measure_draw(m, 5, 100, COUNT, whole);
    measure_draw(m, 5, 111, 26, part);
    assert_memory_equal(part, whole + 11 * dim, (size_t)(26 * dim) * sizeof *part);
    measure_draw(m, 6, 100, COUNT, part);
    assert_memory_not_equal(part, whole, (size_t)(COUNT * dim) * sizeof *part);
    free(whole);
    free(part);
    measure_close(m);
}

static void a_row_depends_on_seed_and_number_only(void **state) {
    (void)state;
    for (size_t k = 0; measure_kinds[k]; k++) check_blocking(measure_kinds[k]->name);
}

/* Mean and standard deviation of both columns over many rows, within five standard errors or so. */
static void check_moments(const char *spec, double mean0, double mean1, double std0, double std1) {
    int64_t dim;
    double *rows = draw(spec, 3, ROWS, &dim), mean[16], variance[16];
    moments_columns(context, &(row_list){rows, NULL, ROWS, dim}, mean, variance);
    const double means[] = {mean0, mean1}, stds[] = {std0, std1};
    for (int i = 0; i < 2; i++) {
        if (fabs(mean[i] - means[i]) > 5 * stds[i] / sqrt(ROWS) || fabs(sqrt(variance[i]) / stds[i] - 1) > .025)
            fail_msg("%s, column %d: mean %g, deviation %g, expected %g, %g", spec, i, mean[i], sqrt(variance[i]),
                     means[i], stds[i]);
    }
    free(rows);
}

static void moments_are_those_of_the_formulas(void **state) {
    (void)state;
    double corner = sqrt(.25 * .25 + 25 * .8), cross = sqrt(.25 * .25 + 12.5),
           moon = sqrt(.5 - 4 / (M_PI * M_PI) + .0025);
    check_moments("gaussian:mean=3,std=2", 3, 3, 2, 2);
    check_moments("square_five", 0, 0, corner, corner);
    check_moments("square_four", 0, 0, cross, cross);
    check_moments("eight_gaussians", 0, 0, cross, cross);
    check_moments("moons:rotation=0,y=0", 0, 2 / M_PI, sqrt(.5 + .0025), moon);
    check_moments("moons:rotation=0,y=0,both=1", .5, .25, sqrt(.7525), sqrt(moon * moon + pow(2 / M_PI - .25, 2)));
    check_moments("s_curve:rotation=0,x=0,y=0,scale=1", 0, 0, sqrt(1.5 + 4 / (3 * M_PI) + .0025), sqrt(.5025));
    check_moments("circles:noise=0,factor=0.5", 0, 0, sqrt(.625 / 2), sqrt(.625 / 2));
    check_moments("rings:noise=0,count=2,scale=2", 0, 0, sqrt(2.5 / 2), sqrt(2.5 / 2));
    check_moments("box:low=-1,high=3", 1, 1, 4 / sqrt(12), 4 / sqrt(12));
    check_moments("ball:radius=2,center=1", 1, 1, 1, 1);
    check_moments("checkerboard", 0, 0, 8 / sqrt(12), 8 / sqrt(12));
    check_moments("checkerboard:cells=3,scale=1.5", 0, 0, sqrt(.8 + 1 / 12.), sqrt(.8 + 1 / 12.));
}

static void default_moon_lies_where_the_tutorial_has_it(void **state) {
    (void)state;
    int64_t dim;
    double *rows = draw("moons:noise=0", 1, 1000, &dim), cosine = cos(M_PI / 6), sine = sin(M_PI / 6);
    for (int i = 0; i < 1000; i++) {
        double x = rows[2 * i], y = rows[2 * i + 1] + .5, turned = -sine * x + cosine * y;
        assert_true(fabs(x * x + y * y - 1) < 1e-12 && turned > -1e-12);
    }
    free(rows);
    rows = draw("s_curve:noise=0", 1, 1000, &dim);
    for (int i = 0; i < 1000; i++) {
        double x = (rows[2 * i] - .5) / .6, y = (rows[2 * i + 1] + 2) / .6;
        double u = cosine * x - sine * y, v = sine * x + cosine * y; /* turned back by 30 degrees */
        assert_true(fabs(hypot(fabs(u) - 1, v) - 1) < 1e-12);
    }
    free(rows);
}

static void dimension_and_shape_parameters_work(void **state) {
    (void)state;
    int64_t dim;
    const struct {
        const char *spec;
        int64_t dim;
    } cases[] = {{"gaussian:dim=7", 7},
                 {"box:dim=1", 1},
                 {"ball:dim=5", 5},
                 {"swiss_roll:dim=3", 3},
                 {"gaussian_mixture:dim=4,layout=2", 4}};
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        double *rows = draw(cases[k].spec, 1, 10, &dim);
        assert_int_equal(dim, cases[k].dim);
        free(rows);
    }
    double *rows = draw("ball:dim=5,radius=3", 1, 2000, &dim), furthest = 0;
    for (int i = 0; i < 2000; i++) {
        double square = 0;
        for (int c = 0; c < 5; c++) square += rows[5 * i + c] * rows[5 * i + c];
        furthest = fmax(furthest, sqrt(square));
    }
    assert_true(furthest < 3 && furthest > 2.95);
    free(rows);
}

static void checkerboard_uses_one_colour_only(void **state) {
    (void)state;
    const char *specs[] = {"checkerboard:cells=4,scale=2", "checkerboard:cells=5,scale=2.5"};
    for (int k = 0; k < 2; k++) {
        int64_t dim;
        double *rows = draw(specs[k], 1, 2000, &dim), half = k ? 2.5 : 2;
        for (int i = 0; i < 2000; i++) {
            int across = (int)floor(rows[2 * i] + half), up = (int)floor(rows[2 * i + 1] + half);
            assert_int_equal((across + up) % 2, 0);
            assert_true(across >= 0 && across < 4 + k && up >= 0 && up < 4 + k);
        }
        free(rows);
    }
}

static void mistakes_are_refused_with_a_hint(void **state) {
    (void)state;
    const char *cases[][2] = {{"moon", "did you mean moons?"},
                              {"square_fiv", "did you mean square_five?"},
                              {"zzzzzzzz", "gaussian, moons and others"},
                              {"", "no measure"},
                              {"gaussian:dims=3", "did you mean dim?"},
                              {"gaussian:q=3", "its first one is dim"},
                              {"gaussian:dim=0", "a whole number from 1 to 4096"},
                              {"gaussian:dim=5000", "a whole number from 1 to 4096"},
                              {"gaussian:dim=2.5", "a whole number from 1 to 4096"},
                              {"gaussian:std=-1", "a number from 0 to"},
                              {"gaussian:std=abc", "std=abc is not a number"},
                              {"gaussian:std=nan", "std=nan is not a number"},
                              {"gaussian:std", "not of the form key=value"},
                              {"gaussian:", "not of the form key=value"},
                              {"gaussian:std=1,", "not of the form key=value"},
                              {"w2bench", "measure:w2bench:FILE"},
                              {"w2bench_target:", "measure:w2bench_target:FILE"},
                              {"w2bench:/no/such/file.safetensors", "/no/such/file.safetensors"}};
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        measure *m = NULL;
        assert_int_not_equal(measure_open(context, cases[k][0], &m), ENOT_OK);
        assert_null(m);
        if (!strstr(enot_context_message(context), cases[k][1]))
            fail_msg("%s: \"%s\" lacks \"%s\"", cases[k][0], enot_context_message(context), cases[k][1]);
    }
    char *long_spec = calloc(1, 5000);
    measure *m;
    memset(long_spec, 'a', 4999);
    assert_int_equal(measure_open(context, long_spec, &m), ENOT_ERR_ARGUMENT);
    free(long_spec);
}

static void every_measure_is_described_on_one_line(void **state) {
    (void)state;
    char *text;
    size_t lines = 0, kinds = 0;
    require(enot_measures_describe(context, &text));
    for (const char *p = text; *p; p++) lines += *p == '\n';
    for (; measure_kinds[kinds]; kinds++) assert_non_null(strstr(text, measure_kinds[kinds]->name));
    assert_int_equal(lines, kinds + 2);
    assert_non_null(strstr(text, "gaussian:dim=2,mean=0,std=1  "));
    enot_text_free(text);
}

/* 0 if there is no such file. */
static int bench_path(int dim, char *path, size_t size) {
    const char *shared = getenv("ENOT_SHARED");
    char folder[2048];
    snprintf(folder, sizeof folder, "%s", shared ? shared : ENOT_SOURCE_DIR "/../shared");
    snprintf(path, size, "%s/w2bench/mix3to10_%03d.safetensors", folder, dim);
    if (access(path, R_OK) == 0) return 1;
    print_message("skipped: shared data absent (%s)\n", path);
    return 0;
}

static double number_in(const safetensors_file *file, const char *key) {
    const char *text = safetensors_metadata(file, key);
    assert_non_null(text);
    return atof(text);
}

/* Mean over the rows of |a_i - b_i|^2 against the expected value, within five standard errors and a fraction slack of
 * it. */
static void check_mean_square(const char *what, const double *a, const double *b, int64_t count, int64_t dim,
                              double expected, double slack) {
    double mean = 0, square = 0;
    for (int64_t i = 0; i < count; i++) {
        double own = 0;
        for (int64_t c = 0; c < dim; c++) own += pow(a[i * dim + c] - b[i * dim + c], 2);
        mean += own / (double)count;
        square += own * own / (double)count;
    }
    double error = sqrt((square - mean * mean) / (double)count);
    assert_true(error < .05 * mean); /* else nothing is tested */
    if (fabs(mean - expected) > 5 * error + slack * expected)
        fail_msg("%s in dimension %d: %g +- %g, expected %g", what, (int)dim, mean, error, expected);
}

static void check_variance(const char *what, const double *rows, int64_t count, int64_t dim, double expected) {
    double mean[64], variance[64], *means = malloc((size_t)(count * dim) * sizeof *means);
    moments_columns(context, &(row_list){rows, NULL, count, dim}, mean, variance);
    for (int64_t i = 0; i < count * dim; i++) means[i] = mean[i % dim];
    check_mean_square(what, rows, means, count, dim, expected, 0);
    free(means);
}

/* count >= 100 dim, so that the moments of the linear map are known well enough. */
static void check_linear_map(const double *x, const double *y, int64_t count, int64_t dim, double expected) {
    double *inner = malloc((size_t)(count * dim) * sizeof *inner),
           *moved = malloc((size_t)(count * dim) * sizeof *moved);
    coordinates *c;
    require(coordinates_gaussian(context, row_list_of(x, count, dim), row_list_of(y, count, dim), ENOT_SCALE_GLOBAL, NULL, &c));
    coordinates_enter(c, COORDINATES_SOURCE, x, count, inner);
    coordinates_leave(c, COORDINATES_TARGET, inner, count, moved);
    check_mean_square("linear map", moved, y, count, dim, expected, .02);
    coordinates_destroy(c);
    free(inner);
    free(moved);
}

static void check_bench(int dim, int64_t count) {
    char path[2200], spec[2300];
    if (!bench_path(dim, path, sizeof path)) return;
    safetensors_file *file;
    require(safetensors_open(context, path, &file));
    double target_var = number_in(file, "target_var");
    int64_t width;
    snprintf(spec, sizeof spec, "w2bench:%s", path);
    double *x = draw(spec, 1, count, &width);
    assert_int_equal(width, dim);
    snprintf(spec, sizeof spec, "w2bench_target:%s", path);
    double *y = draw(spec, 1, count, &width);
    check_variance("source variance", x, count, dim, number_in(file, "source_var"));
    check_variance("target variance", y, count, dim, target_var);
    check_mean_square("W2^2", x, y, count, dim, number_in(file, "w2_squared"), 0);
    check_mean_square("identity", x, y, count, dim, number_in(file, "identity_uvp_fwd") * target_var / 100, 0);
    if (count >= 100 * dim) check_linear_map(x, y, count, dim, number_in(file, "linear_uvp_fwd") * target_var / 100);
    safetensors_close(file);
    free(x);
    free(y);
}

static void benchmark_pairs_match_their_published_numbers(void **state) {
    (void)state;
    check_bench(2, 1 << 13);
    check_bench(4, 1 << 13);
    check_bench(16, 1 << 11);
    check_bench(64, 1 << 10);
}

static void benchmark_rows_do_not_depend_on_blocking(void **state) {
    (void)state;
    char path[2200], spec[2300];
    if (!bench_path(4, path, sizeof path)) return;
    snprintf(spec, sizeof spec, "w2bench_target:%s", path);
    check_blocking(spec);
    snprintf(spec, sizeof spec, "w2bench:%s", path);
    check_blocking(spec);
}

/* Half a step of central differences, and how far what they give strays: rounding in real, divided by the step. */
static const double STEP = sizeof(real) == 8 ? 1e-5 : 3e-3, DIFFERENCE = sizeof(real) == 8 ? 1e-7 : 1e-3;

/* The map is a gradient: its Jacobian by central differences is symmetric, and positive as the potential is convex. */
static void benchmark_map_is_the_gradient_of_a_convex_function(void **state) {
    (void)state;
    char path[2200];
    w2bench *bench;
    if (!bench_path(4, path, sizeof path)) return;
    require(w2bench_open(context, path, &bench));
    double jacobian[4][4];
    for (int j = 0; j < 4; j++) {
        double ends[2][4] = {{.3, -.7, 1.1, .2}, {.3, -.7, 1.1, .2}}, moved[2][4];
        ends[0][j] += STEP;
        ends[1][j] -= STEP;
        w2bench_map(bench, ends[0], 2, moved[0]);
        for (int i = 0; i < 4; i++) jacobian[i][j] = (moved[0][i] - moved[1][i]) / (2 * STEP);
    }
    for (int i = 0; i < 4; i++) {
        assert_true(jacobian[i][i] > 0);
        for (int j = 0; j < i; j++) assert_true(fabs(jacobian[i][j] - jacobian[j][i]) < DIFFERENCE);
    }
    w2bench_close(bench);
}

/* v of the tiny benchmark below, in one dimension; b shifts both layers. */
static double tiny_potential(double x, double b) {
    double z = .25 * x * x + .75 * x + b, before = 2 * z + 2.25 * x * x - x - b;
    return 3 * (before > 0 ? before : expm1(before)) + .005 * x * x;
}

/* Writes a benchmark of one dimension and two layers of one unit whose second potential is the first one with -b. */
static void write_tiny_bench(const char *path, float b) {
    static const float center = 4, one = 1, shift = -5, scale = .5f, map = 2, final = 3;
    static const float q[] = {.5f, 1.5f}, w[] = {.75f, -1}, convex = 2;
    const float bias[2][2] = {{b, -b}, {-b, b}};
    const size_t size = sizeof(float);
    safetensor tensors[32] = {{"source.centers", ELEMENT_F32, 2, {1, 1}, &center, size},
                              {"source.maps", ELEMENT_F32, 3, {1, 1, 1}, &map, size},
                              {"source.std", ELEMENT_F32, 1, {1}, &one, size},
                              {"target.shift", ELEMENT_F32, 1, {1}, &shift, size},
                              {"target.scale", ELEMENT_F32, 1, {1}, &scale, size}};
    char names[16][64];
    size_t count = 5, name = 0;
    for (int v = 0; v < 2; v++) {
        for (int i = 0; i < 2; i++) {
            const char *parts[] = {"quadratic_decomposed", "weight", "bias"};
            const float *values[] = {&q[i], &w[i], &bias[v][i]};
            for (int k = 0; k < 3; k++) {
                snprintf(names[name], sizeof names[name], "v%d.quadratic_layers.%d.%s", v + 1, i, parts[k]);
                tensors[count++] = (safetensor){names[name++], ELEMENT_F32, 3 - k, {1, 1, 1}, values[k], size};
            }
        }
        snprintf(names[name], sizeof names[name], "v%d.convex_layers.0.weight", v + 1);
        tensors[count++] = (safetensor){names[name++], ELEMENT_F32, 2, {1, 1}, &convex, size};
        snprintf(names[name], sizeof names[name], "v%d.final_layer.weight", v + 1);
        tensors[count++] = (safetensor){names[name++], ELEMENT_F32, 2, {1, 1}, &final, size};
    }
    const safetensors_pair pairs[] = {{"format", "w2bench-mix3to10"}, {"activation", "celu"}};
    require(safetensors_write(context, path, tensors, count, pairs, 2));
}

static void benchmark_map_is_that_of_its_formula(void **state) {
    (void)state;
    char path[] = "/tmp/enot_measures_XXXXXX";
    int handle = mkstemp(path);
    assert_true(handle >= 0);
    close(handle);
    write_tiny_bench(path, .125f);
    w2bench *bench;
    require(w2bench_open(context, path, &bench));
    for (double x = -2; x <= 2; x += .25) { /* both branches of celu are met */
        double y, h = 1e-5, slope = 0;
        for (int v = 0; v < 2; v++) {
            double b = v ? -.125 : .125;
            slope += (tiny_potential(x + h, b) - tiny_potential(x - h, b)) / (2 * h);
        }
        w2bench_map(bench, &x, 1, &y);
        assert_true(fabs(y - .5 * (slope - 5)) < (sizeof(real) == 8 ? 1e-7 : 1e-5));
    }
    w2bench_close(bench);
    unlink(path);
}

static void a_file_that_is_no_benchmark_is_refused(void **state) {
    (void)state;
    const float number = 1;
    const safetensor tensor = {"a", ELEMENT_F32, 1, {1}, &number, sizeof number};
    const safetensors_pair format[] = {{"format", "w2bench-mix3to10"}, {"activation", "celu"}};
    char path[] = "/tmp/enot_measures_XXXXXX", spec[64];
    int handle = mkstemp(path);
    assert_true(handle >= 0);
    close(handle);
    snprintf(spec, sizeof spec, "w2bench:%s", path);
    for (size_t pairs = 0; pairs <= 2; pairs += 2) {
        measure *m = NULL;
        require(safetensors_write(context, path, &tensor, 1, format, pairs));
        assert_int_equal(measure_open(context, spec, &m), ENOT_ERR_FORMAT);
        assert_non_null(
            strstr(enot_context_message(context), pairs ? "source.centers is missing" : "not a benchmark pair"));
        assert_null(m);
    }
    unlink(path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_measure_opens_with_defaults_and_is_finite),
        cmocka_unit_test(points_of_spheres_have_length_one),
        cmocka_unit_test(a_row_depends_on_seed_and_number_only),
        cmocka_unit_test(moments_are_those_of_the_formulas),
        cmocka_unit_test(default_moon_lies_where_the_tutorial_has_it),
        cmocka_unit_test(dimension_and_shape_parameters_work),
        cmocka_unit_test(checkerboard_uses_one_colour_only),
        cmocka_unit_test(mistakes_are_refused_with_a_hint),
        cmocka_unit_test(every_measure_is_described_on_one_line),
        cmocka_unit_test(benchmark_pairs_match_their_published_numbers),
        cmocka_unit_test(benchmark_rows_do_not_depend_on_blocking),
        cmocka_unit_test(benchmark_map_is_the_gradient_of_a_convex_function),
        cmocka_unit_test(benchmark_map_is_that_of_its_formula),
        cmocka_unit_test(a_file_that_is_no_benchmark_is_refused),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
