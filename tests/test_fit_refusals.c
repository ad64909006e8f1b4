/* What a fit refuses, how it stops where numbers break down, and that neither leaves a file. */
#include "fits.h"

enum { ROWS = 300 };

typedef struct pair {
    enot_samples *source, *target;
} pair;

static pair pair_create(const fixture *at) {
    return (pair){gaussian_samples(at, 0, ROWS, 1, 0), gaussian_samples(at, 1, ROWS, 1, 0)};
}

static void pair_destroy(pair *p) {
    enot_samples_destroy(p->source);
    enot_samples_destroy(p->target);
}

static void refuse(const fixture *at, const enot_samples *source, const enot_samples *target, const enot_fit_options *options,
                   enot_status status, const char *reason) {
    enot_map *map = NULL;
    enot_report report = ENOT_REPORT_INIT;
    assert_int_equal(enot_fit(at->context, source, target, options, &map, &report), status);
    assert_null(map);
    assert_message(at, reason, NULL);
    assert_int_equal(count_files(at), 0);
}

static void reals_outside_their_range_are_refused(void **state) {
    const fixture *at = *state;
    pair p = pair_create(at);
    enot_fit_options o = quick_options(10);
    const struct {
        double *option, value;
        const char *reason;
    } wrong[] = {
        {&o.expectile, .5, "tau"},          {&o.expectile, 1.01, "tau"},         {&o.expectile, NAN, "tau"},
        {&o.expectile_coefficient, -.1, "lambda"}, {&o.learning_rate, 0, "learning rate"},
        {&o.learning_rate, INFINITY, "learning rate"}, {&o.beta1, 1, "beta1"},   {&o.beta2, -.5, "beta2"},
        {&o.epsilon, 0, "epsilon"},         {&o.weight_decay, -2, "decay"},      {&o.schedule_final, 1.5, "final"},
        {&o.averaging, 1, "averaging"},     {&o.smoothing, -2, "smoothing"},     {&o.validation, .6, "validation"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        *wrong[i].option = wrong[i].value;
        refuse(at, p.source, p.target, &o, ENOT_ERR_ARGUMENT, wrong[i].reason);
        *wrong[i].option = ENOT_AUTO;
    }
    pair_destroy(&p);
}

static void counts_outside_their_range_are_refused(void **state) {
    const fixture *at = *state;
    pair p = pair_create(at);
    enot_fit_options o = quick_options(10);
    const struct {
        int64_t *option, value;
        const char *reason;
    } wrong[] = {{&o.batch, 0, "batch"}, {&o.batch, -2, "batch"}, {&o.steps, -2, "steps"}, {&o.warmup_steps, -2, "warmup"},
                 {&o.patience, -2, "patience"}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        int64_t kept = *wrong[i].option;
        *wrong[i].option = wrong[i].value;
        refuse(at, p.source, p.target, &o, ENOT_ERR_ARGUMENT, wrong[i].reason);
        *wrong[i].option = kept;
    }
    const int64_t none[] = {0}, some[] = {8, -3};
    o.hidden = none;
    o.hidden_count = 1;
    refuse(at, p.source, p.target, &o, ENOT_ERR_ARGUMENT, "hidden");
    o.hidden = some;
    o.hidden_count = 2;
    refuse(at, p.source, p.target, &o, ENOT_ERR_ARGUMENT, "hidden");
    o.hidden_count = 0;
    refuse(at, p.source, p.target, &o, ENOT_ERR_ARGUMENT, "hidden");
    pair_destroy(&p);
}

static void combinations_that_make_no_sense_are_refused_with_the_way_out(void **state) {
    const fixture *at = *state;
    static const struct {
        enot_form form;
        const char *cost, *activation, *reason;
    } wrong[] = {
        {ENOT_FORM_DOT_PRODUCT, "pnorm:p=3", NULL, "use form potential"},
        {ENOT_FORM_DOT_PRODUCT, "euclidean", NULL, "use form vector_field"},
        {ENOT_FORM_POTENTIAL, "cosine", NULL, "use form vector_field"},
        {ENOT_FORM_POTENTIAL, NULL, "relu", "second derivative"},
        {ENOT_FORM_AUTO, NULL, "leaky_relu", "second derivative"},
        {ENOT_FORM_AUTO, NULL, "tahn", "'tanh'"},
        {ENOT_FORM_AUTO, "sqeuclidian", NULL, "'sqeuclidean'"},
        {ENOT_FORM_AUTO, "pnorm:p=1", NULL, "p is 1"},
    };
    pair p = pair_create(at);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        enot_fit_options o = quick_options(10);
        o.form = wrong[i].form;
        o.cost = wrong[i].cost;
        o.activation = wrong[i].activation;
        refuse(at, p.source, p.target, &o, ENOT_ERR_ARGUMENT, wrong[i].reason);
    }
    pair_destroy(&p);
}

/* Options that a method has no use for are left at their defaults, or it says so. */
static void methods_refuse_what_they_cannot_do_with_the_way_out(void **state) {
    const fixture *at = *state;
    const enot_fit_options plain = quick_options(10);
    pair p = pair_create(at);
    enot_fit_options o[13];
    static const char *const reasons[13] = {
        "needs form dot_product", "needs form dot_product", "use form vector_field", "use form vector_field", "no use for lambda",
        "no use for lambda", "no use for the expectile tau", "no use for directions", "no use for calibration",
        "no use for the inner number", "no use for the inner number", "takes 1 to 1000", "number 9 does not exist"};
    static const enot_method methods[13] = {
        ENOT_METHOD_W2GN, ENOT_METHOD_W2GN, ENOT_METHOD_MONGE_GAP, ENOT_METHOD_MONGE_GAP, ENOT_METHOD_MAXMIN,
        ENOT_METHOD_W2OT, ENOT_METHOD_MAXMIN, ENOT_METHOD_W2OT, ENOT_METHOD_W2GN,
        ENOT_METHOD_W2GN, ENOT_METHOD_ENOT, ENOT_METHOD_MAXMIN, (enot_method)9};
    for (int i = 0; i < 13; i++) {
        o[i] = plain;
        o[i].method = methods[i];
        o[i].expectile = ENOT_AUTO;
    }
    o[0].cost = "pnorm:p=3";
    o[0].form = ENOT_FORM_AUTO;
    o[1].form = ENOT_FORM_VECTOR_FIELD;
    o[2].form = ENOT_FORM_DOT_PRODUCT;
    o[3].form = ENOT_FORM_POTENTIAL;
    o[4].expectile_coefficient = 1;
    o[5].expectile_coefficient = 0;
    o[6].expectile = .9;
    o[7].directions = ENOT_DIRECTIONS_ALTERNATE;
    o[8].calibration = ENOT_CALIBRATION_ON;
    o[9].inner = 3;
    o[10].inner = 3;
    o[11].inner = 0;
    for (int i = 0; i < 13; i++) refuse(at, p.source, p.target, &o[i], ENOT_ERR_ARGUMENT, reasons[i]);
    pair_destroy(&p);
}

/* Of steps, minutes and budget one says how long to train. */
static void limits_that_contradict_or_allow_nothing_are_refused(void **state) {
    const fixture *at = *state;
    const struct {
        int64_t steps, budget;
        double minutes;
        const char *reason;
    } wrong[] = {
        {10, ENOT_AUTO, 1, "give one"},      {10, 960, ENOT_AUTO, "give one"},           {ENOT_AUTO, 960, 1, "give one"},
        {ENOT_AUTO, ENOT_AUTO, 0, "minutes"}, {ENOT_AUTO, ENOT_AUTO, NAN, "minutes"},    {ENOT_AUTO, ENOT_AUTO, INFINITY, "minutes"},
        {ENOT_AUTO, 95, ENOT_AUTO, "budget"}, {ENOT_AUTO, -2, ENOT_AUTO, "budget"},
    };
    pair p = pair_create(at);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        enot_fit_options o = quick_options(wrong[i].steps);
        o.budget = wrong[i].budget;
        o.minutes = wrong[i].minutes;
        refuse(at, p.source, p.target, &o, ENOT_ERR_ARGUMENT, wrong[i].reason);
    }
    pair_destroy(&p);
}

static void sides_of_different_width_are_refused(void **state) {
    const fixture *at = *state;
    const double rows[] = {1, 2, 3, 4, 5, 6, 7, 9};
    enot_samples *two = samples_of(at, rows, 4, 2), *one = samples_of(at, rows, 8, 1);
    refuse(at, two, one, NULL, ENOT_ERR_DATA, "columns");
    enot_samples_destroy(two);
    enot_samples_destroy(one);
}

static void values_that_are_not_finite_never_become_samples(void **state) {
    const fixture *at = *state;
    const double wrong[] = {NAN, INFINITY, -INFINITY};
    for (int i = 0; i < 3; i++) {
        double rows[6] = {1, 2, 3, 4, wrong[i], 6};
        enot_samples *samples = NULL;
        assert_int_equal(enot_samples_from_rows(at->context, rows, 3, 2, &samples), ENOT_ERR_DATA);
        assert_null(samples);
        assert_message(at, "row 3", "column 1", NULL);
    }
}

/* Too few rows to set any aside, and rows on a line: no error, and no number that is not one. */
static void a_handful_of_rows_still_gives_a_map(void **state) {
    const fixture *at = *state;
    const double few[] = {0, 0, 1, 0, 0, 1, 1, 1, 2, 1}, line[] = {0, 1, 1, 1, 2, 1, 3, 1};
    enot_samples *all[] = {samples_of(at, few, 5, 2), samples_of(at, line, 4, 2)};
    static const char *const costs[] = {"sqeuclidean", "pnorm:p=3", "euclidean", "cosine"};
    for (int k = 0; k < 4; k++)
        for (int i = 0; i < 4; i++) {
            enot_fit_options o = quick_options(20);
            enot_map *map;
            enot_report report = ENOT_REPORT_INIT;
            double moved[10];
            o.cost = costs[k];
            require(at, enot_fit(at->context, all[i / 2], all[i % 2], &o, &map, &report));
            assert_true(report.held_out == 0 && report.source_rows == enot_samples_count(all[i / 2]));
            assert_true(isfinite(report.mismatch_after) && isfinite(report.cost_dual));
            require(at, enot_map_apply(at->context, map, ENOT_FORWARD, few, 5, moved));
            for (int j = 0; j < 10; j++) assert_true(isfinite(moved[j]));
            enot_map_destroy(map);
        }
    for (int i = 0; i < 2; i++) enot_samples_destroy(all[i]);
}

static void rows_that_are_all_equal_never_become_samples(void **state) {
    const fixture *at = *state;
    const double same[] = {3, 4, 3, 4, 3, 4};
    enot_samples *samples = NULL;
    assert_int_equal(enot_samples_from_rows(at->context, same, 3, 2, &samples), ENOT_ERR_DATA);
    assert_int_equal(enot_samples_from_rows(at->context, same, 1, 2, &samples), ENOT_ERR_DATA);
    assert_null(samples);
}

static void divergence_stops_with_the_step_and_the_last_good_map(void **state) {
    const fixture *at = *state;
    static const struct {
        enot_method method;
        enot_form form;
    } kinds[] = {{ENOT_METHOD_ENOT, ENOT_FORM_DOT_PRODUCT},   {ENOT_METHOD_ENOT, ENOT_FORM_POTENTIAL},
                 {ENOT_METHOD_ENOT, ENOT_FORM_VECTOR_FIELD},  {ENOT_METHOD_MAXMIN, ENOT_FORM_DOT_PRODUCT},
                 {ENOT_METHOD_W2OT, ENOT_FORM_DOT_PRODUCT}};
    pair p = pair_create(at);
    for (int k = 0; k < 5; k++) {
        enot_fit_options o = quick_options(0);
        o.method = kinds[k].method;
        if (o.method != ENOT_METHOD_ENOT) o.expectile = ENOT_AUTO;
        enot_map *start, *map = NULL;
        double *x = gaussian_rows(0, 3, 20, 1, 0), want[20 * GAUSSIAN_DIM], got[20 * GAUSSIAN_DIM];
        o.form = kinds[k].form;
        require(at, enot_fit(at->context, p.source, p.target, &o, &start, NULL));
        o.steps = 200;
        /* The others' gradients get large first: their squares must stay finite, or Adam stands still. */
        o.learning_rate = o.method == ENOT_METHOD_ENOT ? 1e30 : 1e15;
        assert_int_equal(enot_fit(at->context, p.source, p.target, &o, &map, NULL), ENOT_ERR_NONFINITE);
        assert_message(at, "step", "learning rate", o.method == ENOT_METHOD_ENOT ? "1e+30" : "1e+15", NULL);
        assert_non_null(map);
        require(at, enot_map_apply(at->context, start, ENOT_FORWARD, x, 20, want));
        require(at, enot_map_apply(at->context, map, ENOT_FORWARD, x, 20, got));
        assert_memory_equal(got, want, sizeof want);
        assert_int_equal(count_files(at), 0);
        enot_map_destroy(start);
        enot_map_destroy(map);
        free(x);
    }
    pair_destroy(&p);
}

static int count_calls(void *user, const enot_progress *progress) {
    int64_t *calls = user;
    assert_true(progress->size == sizeof *progress && progress->steps == 30);
    if (strcmp(progress->stage, "train") == 0) assert_int_equal(progress->step, ++*calls);
    assert_true(isfinite(progress->cost_dual) && isfinite(progress->mismatch_best) && progress->seconds >= 0);
    return 0;
}

static void progress_is_told_of_every_step(void **state) {
    const fixture *at = *state;
    pair p = pair_create(at);
    int64_t calls = 0;
    enot_fit_options o = quick_options(30);
    o.progress = count_calls;
    o.progress_user = &calls;
    enot_map *map;
    require(at, enot_fit(at->context, p.source, p.target, &o, &map, NULL));
    assert_int_equal(calls, 30);
    enot_map_destroy(map);
    pair_destroy(&p);
}

/* A caller that was compiled when the structure ended earlier: what it does not know is left to the library. */
static void an_older_and_shorter_options_structure_is_understood(void **state) {
    const fixture *at = *state;
    pair p = pair_create(at);
    enot_fit_options o = quick_options(5);
    o.size = offsetof(enot_fit_options, optimizer);
    o.learning_rate = NAN; /* beyond the end */
    enot_map *map;
    require(at, enot_fit(at->context, p.source, p.target, &o, &map, NULL));
    enot_map_destroy(map);
    pair_destroy(&p);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, fixture_create, fixture_destroy)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(reals_outside_their_range_are_refused),
        TEST(counts_outside_their_range_are_refused),
        TEST(combinations_that_make_no_sense_are_refused_with_the_way_out),
        TEST(methods_refuse_what_they_cannot_do_with_the_way_out),
        TEST(limits_that_contradict_or_allow_nothing_are_refused),
        TEST(sides_of_different_width_are_refused),
        TEST(values_that_are_not_finite_never_become_samples),
        TEST(a_handful_of_rows_still_gives_a_map),
        TEST(rows_that_are_all_equal_never_become_samples),
        TEST(divergence_stops_with_the_step_and_the_last_good_map),
        TEST(progress_is_told_of_every_step),
        TEST(an_older_and_shorter_options_structure_is_understood),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
