/* The benchmark with known maps, against the figures that the pairs' files carry; skipped where the files are absent. */
#include <unistd.h>

#include "files/safetensors.h"
#include "fits.h"

static const char *const DIMS[] = {"002", "004", "016"};
enum { DIM_COUNT = sizeof DIMS / sizeof *DIMS };

/* Path of a pair's file; 0 if it is absent. */
static int find_pair(const char *dim, char *path, size_t capacity) {
    const char *shared = getenv("ENOT_SHARED");
    snprintf(path, capacity, "%s/w2bench/mix3to10_%s.safetensors", shared ? shared : ENOT_SOURCE_DIR "/../shared", dim);
    if (access(path, R_OK) == 0) return 1;
    print_message("skipped: %s is absent\n", path);
    return 0;
}

static double metadata_number(const safetensors_file *file, const char *key) {
    const char *text = safetensors_metadata(file, key);
    assert_non_null(text);
    return strtod(text, NULL);
}

static void assert_within(double got, double want, double part, const char *what) {
    if (!(fabs(got - want) <= part * fabs(want))) fail_msg("%s is %g, not %g", what, got, want);
}

static enot_w2_score bench(const fixture *at, const char *path, const enot_fit_options *fit, enot_w2_fn scored, void *user) {
    enot_w2_options options = ENOT_W2_OPTIONS_INIT;
    enot_w2_score score = ENOT_W2_SCORE_INIT;
    options.scored = scored;
    options.user = user;
    require(at, enot_bench_w2(at->context, path, fit, &options, &score));
    return score;
}

/* 2^14 rows against the 2^18 that the files' figures come from. */
static void scores_of_the_linear_map_and_the_identity_are_those_of_the_files(void **state) {
    const fixture *at = *state;
    char path[512];
    for (int i = 0; i < DIM_COUNT; i++) {
        if (!find_pair(DIMS[i], path, sizeof path)) continue;
        safetensors_file *file;
        enot_fit_options fit = ENOT_FIT_OPTIONS_INIT;
        fit.steps = 0;
        enot_w2_score score = bench(at, path, &fit, NULL, NULL);
        require(at, safetensors_open(at->context, path, &file));
        assert_within(score.uvp_forward, metadata_number(file, "linear_uvp_fwd"), .03, "UVP of the linear map");
        assert_within(score.uvp_identity, metadata_number(file, "identity_uvp_fwd"), .03, "UVP of the identity");
        assert_within(score.cost, metadata_number(file, "w2_squared"), .03, "W2^2");
        assert_int_equal(score.samples, 0);
        safetensors_close(file);
    }
}

typedef struct history {
    double best, last_seconds;
    int calls;
} history;

static int remember(void *user, const enot_w2_score *score) {
    history *h = user;
    assert_true(score->seconds >= h->last_seconds);
    h->last_seconds = score->seconds;
    h->best = h->calls++ ? fmin(h->best, score->uvp_forward) : score->uvp_forward;
    return 0;
}

static void training_comes_closer_to_the_true_map(void **state) {
    const fixture *at = *state;
    char path[512];
    if (!find_pair("004", path, sizeof path)) return;
    enot_fit_options fit = ENOT_FIT_OPTIONS_INIT;
    fit.steps = 400;
    history h = {0};
    enot_w2_score score = bench(at, path, &fit, remember, &h);
    assert_int_equal(score.steps, 400);
    assert_int_equal(score.samples, 400 * 512);
    assert_true(h.calls >= 2 && h.best <= score.uvp_forward);
    assert_true(score.uvp_forward < 5 && score.uvp_inverse < 5 && score.cosine > .9); /* linear: 15, 13, .84 */
    assert_within(score.dual, score.cost, .1, "the dual estimate");
}

static int stop_at_once(void *user, const enot_w2_score *score) { return 1; }

static void a_watcher_can_stop_it(void **state) {
    char path[512];
    if (!find_pair("002", path, sizeof path)) return;
    assert_int_equal(bench(*state, path, NULL, stop_at_once, NULL).steps, 0);
}

static void what_cannot_be_scored_is_refused(void **state) {
    const fixture *at = *state;
    char path[512];
    enot_w2_score score = ENOT_W2_SCORE_INIT;
    assert_int_not_equal(enot_bench_w2(at->context, "absent.safetensors", NULL, NULL, &score), ENOT_OK);
    assert_non_null(strstr(enot_context_message(at->context), "absent.safetensors"));
    if (!find_pair("002", path, sizeof path)) return;
    enot_fit_options fit = ENOT_FIT_OPTIONS_INIT;
    fit.cost = "euclidean";
    fit.form = ENOT_FORM_DOT_PRODUCT;
    assert_int_equal(enot_bench_w2(at->context, path, &fit, NULL, &score), ENOT_ERR_ARGUMENT);
}

/* Four columns, short trainings at a rate that all of them bear. Forward from 15, the linear map's. */
static void other_methods_come_closer_to_the_true_map_too(void **state) {
    const fixture *at = *state;
    static const struct {
        enot_method method;
        int64_t inner;
        double most;
    } methods[] = {{ENOT_METHOD_MAXMIN, 4, 11},
                   {ENOT_METHOD_W2GN, ENOT_AUTO, 8},
                   {ENOT_METHOD_W2OT, ENOT_AUTO, 8},
                   {ENOT_METHOD_MONGE_GAP, 50, 11}};
    char path[512];
    if (!find_pair("004", path, sizeof path)) return;
    for (int i = 0; i < 4; i++) {
        enot_fit_options fit = ENOT_FIT_OPTIONS_INIT;
        fit.method = methods[i].method;
        fit.inner = methods[i].inner;
        fit.steps = 400;
        fit.batch = 256;
        fit.learning_rate = 2e-3;
        enot_w2_score score = bench(at, path, &fit, NULL, NULL);
        if (!(score.uvp_forward < methods[i].most)) fail_msg("method %d: %g %%", (int)fit.method, score.uvp_forward);
        assert_true((fit.method == ENOT_METHOD_MONGE_GAP) == (isnan(score.uvp_inverse) != 0)); /* it has no way back */
        assert_true(score.operations > 400 * 256);
    }
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, fixture_create, fixture_destroy)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(scores_of_the_linear_map_and_the_identity_are_those_of_the_files),
        TEST(training_comes_closer_to_the_true_map),
        TEST(a_watcher_can_stop_it),
        TEST(what_cannot_be_scored_is_refused),
        TEST(other_methods_come_closer_to_the_true_map_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
