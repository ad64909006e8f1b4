/* Signals that arrive while a fit computes, as from timers and profilers. */
#include <signal.h>
#include <sys/time.h>

#include "fits.h"

static volatile sig_atomic_t caught;

static void catch(int number) { caught++; }

static void ring_every(int microseconds) {
    struct itimerval interval = {{0, microseconds}, {0, microseconds}};
    assert_int_equal(setitimer(ITIMER_REAL, &interval, NULL), 0);
}

static enot_map *fit(const fixture *at) {
    enot_samples *source = measure_samples(at, "measure:moons"), *target = measure_samples(at, "measure:s_curve");
    enot_fit_options options = ENOT_FIT_OPTIONS_INIT;
    options.steps = 200;
    enot_map *map;
    require(at, enot_fit(at->context, source, target, &options, &map, NULL));
    enot_samples_destroy(source);
    enot_samples_destroy(target);
    return map;
}

/* A handler may run between any two instructions of the kernels. */
static void signals_during_training_change_nothing(void **state) {
    const fixture *at = *state;
    struct sigaction action = {.sa_handler = catch, .sa_flags = SA_RESTART};
    sigaction(SIGALRM, &action, NULL);
    enot_map *quiet = fit(at);
    ring_every(100);
    enot_map *disturbed = fit(at);
    ring_every(0);
    assert_true(caught > 10);
    assert_same_map(at, quiet, disturbed);
    enot_map_destroy(quiet);
    enot_map_destroy(disturbed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(signals_during_training_change_nothing, fixture_create, fixture_destroy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
