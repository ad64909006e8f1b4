/* The Kantorovich potentials of a map, in the user's units: they certify its cost. */
#include "fits.h"

enum { ROWS = 2000, POINTS = 400, NUMBERS = POINTS * GAUSSIAN_DIM };

typedef struct points {
    double *x, *y; /* [POINTS, GAUSSIAN_DIM] of either measure, independent */
    double f[POINTS], g[POINTS];
} points;

static void points_create(const fixture *at, const enot_map *map, double scale, double shift, points *p) {
    p->x = gaussian_rows(0, 33, POINTS, scale, shift);
    p->y = gaussian_rows(1, 34, POINTS, scale, shift);
    require(at, enot_map_potential(at->context, map, ENOT_FORWARD, p->x, POINTS, p->f));
    require(at, enot_map_potential(at->context, map, ENOT_INVERSE, p->y, POINTS, p->g));
}

static void points_destroy(points *p) {
    free(p->x);
    free(p->y);
}

static double square(const double *a, const double *b) {
    double sum = 0;
    for (int j = 0; j < GAUSSIAN_DIM; j++) sum += (a[j] - b[j]) * (a[j] - b[j]);
    return sum;
}

static enot_map *fit(const fixture *at, enot_form form, const char *cost, int64_t steps, double scale, double shift,
                     enot_report *report) {
    enot_samples *source = gaussian_samples(at, 0, ROWS, scale, shift), *target = gaussian_samples(at, 1, ROWS, scale, shift);
    enot_fit_options options = quick_options(steps);
    options.form = form;
    options.cost = cost;
    enot_map *map;
    require(at, enot_fit(at->context, source, target, &options, &map, report));
    enot_samples_destroy(source);
    enot_samples_destroy(target);
    return map;
}

static const enot_form FORMS[] = {ENOT_FORM_DOT_PRODUCT, ENOT_FORM_POTENTIAL, ENOT_FORM_VECTOR_FIELD};

/* f(x) + g(y) <= |x - y|^2 for all pairs, and nearly equal on average: which no other f and g do. */
static void assert_dual(const fixture *at, enot_form form, int64_t steps, double scale, double shift) {
    enot_map *map = fit(at, form, "sqeuclidean", steps, scale, shift, NULL);
    double sum = 0, cost = gaussian_cost() * scale * scale;
    points p;
    points_create(at, map, scale, shift, &p);
    for (int i = 0; i < POINTS; i++) {
        sum += (p.f[i] + p.g[i]) / POINTS;
        for (int k = 0; k < POINTS; k++) {
            double excess = p.f[i] + p.g[k] - square(p.x + i * GAUSSIAN_DIM, p.y + k * GAUSSIAN_DIM);
            if (!(excess < .02 * cost)) fail_msg("form %d: f(x) + g(y) exceeds the cost by %g of %g", form, excess, cost);
        }
    }
    if (!(fabs(sum / cost - 1) < .1)) fail_msg("form %d: mean f + mean g is %g, the cost %g", form, sum, cost);
    points_destroy(&p);
    enot_map_destroy(map);
}

static void potentials_of_the_gaussian_map_are_feasible_and_tight(void **state) {
    for (int k = 0; k < 3; k++) assert_dual(*state, FORMS[k], 0, 1, 0);
}

static void trained_potentials_are_feasible_and_tight(void **state) {
    for (int k = 0; k < 3; k++) assert_dual(*state, FORMS[k], 100, 1, 0);
}

static void large_offsets_and_units_do_not_blur_the_potentials(void **state) {
    for (int k = 0; k < 3; k++) {
        assert_dual(*state, FORMS[k], 0, 1, 1e3);
        assert_dual(*state, FORMS[k], 0, 1e-3, 1e3);
        assert_dual(*state, FORMS[k], 50, 1e5, -1e7);
    }
}

/* f(x) + g(T(x)) = c(x, T(x)): T(x) is where the bound is reached. */
static void bound_is_reached_at_the_image(void **state) {
    const fixture *at = *state;
    static const char *const costs[] = {"sqeuclidean", "pnorm:p=3", "elastic_l1:rho=2,lam=.3", "sq_pnorm:p=1.5"};
    for (int k = 0; k < 4; k++) {
        enot_map *map = fit(at, ENOT_FORM_POTENTIAL, costs[k], 200, 1, 5, NULL);
        points p;
        double moved[NUMBERS], g[POINTS];
        points_create(at, map, 1, 5, &p);
        require(at, enot_map_apply(at->context, map, ENOT_FORWARD, p.x, POINTS, moved));
        require(at, enot_map_potential(at->context, map, ENOT_INVERSE, moved, POINTS, g));
        for (int i = 0; i < POINTS; i++) {
            double z[GAUSSIAN_DIM], one = 0, two = 0, three = 0, half = 0;
            for (int j = 0; j < GAUSSIAN_DIM; j++) {
                z[j] = fabs(p.x[i * GAUSSIAN_DIM + j] - moved[i * GAUSSIAN_DIM + j]);
                one += z[j];
                two += z[j] * z[j];
                three += pow(z[j], 3);
                half += pow(z[j], 1.5);
            }
            const double want[] = {two, three / 3, two + .3 * one, pow(half, 4 / 3.0) / 2};
            if (!(fabs(p.f[i] + g[i] - want[k]) < 1e-3 * (1 + want[k])))
                fail_msg("%s: f(x) + g(T(x)) is %g, c(x, T(x)) %g", costs[k], p.f[i] + g[i], want[k]);
        }
        points_destroy(&p);
        enot_map_destroy(map);
    }
}

static double variance(const double *values) {
    double mean = 0, square = 0;
    for (int i = 0; i < POINTS; i++) mean += values[i] / POINTS;
    for (int i = 0; i < POINTS; i++) square += (values[i] - mean) * (values[i] - mean) / POINTS;
    return square;
}

/* E f + E g of the report is the mean of the potentials that the map gives out, here on other rows: within four errors. */
static void reported_dual_is_the_mean_of_the_potentials(void **state) {
    const fixture *at = *state;
    static const char *const costs[] = {"sqeuclidean", "pnorm:p=1.5", "euclidean", "cosine"};
    for (int k = 0; k < 4; k++) {
        enot_report report = ENOT_REPORT_INIT;
        enot_map *map = fit(at, ENOT_FORM_AUTO, costs[k], 200, 1, 5, &report);
        points p;
        double sum = 0;
        points_create(at, map, 1, 5, &p);
        for (int i = 0; i < POINTS; i++) sum += (p.f[i] + p.g[i]) / POINTS;
        double share = 1.0 / POINTS + 1.0 / (double)report.source_rows;
        if (!(fabs(sum - report.cost_dual) < 4 * sqrt((variance(p.f) + variance(p.g)) * share)))
            fail_msg("%s: mean f + mean g is %g on other rows, %g in the report", costs[k], sum, report.cost_dual);
        points_destroy(&p);
        enot_map_destroy(map);
    }
}

static int note_dual(void *user, const enot_progress *progress) {
    if (strcmp(progress->stage, "train") == 0) *(double *)user = progress->cost_dual;
    return 0;
}

/* What the progress bar shows while training is the same quantity as the report's, roughly. */
static void running_dual_estimate_is_in_the_units_of_the_report(void **state) {
    const fixture *at = *state;
    static const struct {
        const char *cost;
        enot_form form;
    } cases[] = {{"sqeuclidean", ENOT_FORM_DOT_PRODUCT},     {"sqeuclidean", ENOT_FORM_POTENTIAL},
                 {"sqeuclidean", ENOT_FORM_VECTOR_FIELD},    {"pnorm:p=3", ENOT_FORM_POTENTIAL},
                 {"elastic_l1:lam=50", ENOT_FORM_POTENTIAL}, {"euclidean", ENOT_FORM_AUTO}};
    enot_samples *source = gaussian_samples(at, 0, ROWS, 1e3, 1e4), *target = gaussian_samples(at, 1, ROWS, 1e3, 1e4);
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        double running = NAN;
        enot_report report = ENOT_REPORT_INIT;
        enot_map *map;
        enot_fit_options options = quick_options(400);
        options.smoothing = 0;
        options.cost = cases[k].cost;
        options.form = cases[k].form;
        options.progress = note_dual;
        options.progress_user = &running;
        require(at, enot_fit(at->context, source, target, &options, &map, &report));
        if (!(fabs(running - report.cost_dual) < .2 * fabs(report.cost_dual)))
            fail_msg("%s, form %d: %g while training, %g in the report", cases[k].cost, cases[k].form, running, report.cost_dual);
        enot_map_destroy(map);
    }
    enot_samples_destroy(source);
    enot_samples_destroy(target);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, fixture_create, fixture_destroy)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(potentials_of_the_gaussian_map_are_feasible_and_tight),
        TEST(trained_potentials_are_feasible_and_tight),
        TEST(large_offsets_and_units_do_not_blur_the_potentials),
        TEST(bound_is_reached_at_the_image),
        TEST(running_dual_estimate_is_in_the_units_of_the_report),
        TEST(reported_dual_is_the_mean_of_the_potentials),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
