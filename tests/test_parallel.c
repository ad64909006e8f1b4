/* parallel_for: every task once and done on return, whether helpers are awake, asleep or late; helpers end and begin again. */
#define _GNU_SOURCE
#include <sched.h>
#include <stdatomic.h>
#include <time.h>

#include "core/clock.h"
#include "core/parallel.h"
#include "numeric.h"

enum { MOST_THREADS = 5, MOST_TASKS = 40, JOBS = 20000, SLEEPY_JOBS = 50 };

/* Longer than a thread looks out for the next job, or for the last helper, before it goes to sleep. */
#define LONG_MS 5
#define PATIENCE_SECONDS 20.0

static void pause_ms(long milliseconds) { nanosleep(&(struct timespec){0, milliseconds * 1000000}, NULL); }

typedef struct tally {
    int threads;
    int64_t done[MOST_TASKS]; /* by each task, without a lock: whoever is told that all are done sees it */
} tally;

static void count_task(void *user, int64_t index, int worker) {
    tally *t = user;
    if (worker >= 0 && worker < t->threads) t->done[index]++;
}

static void assert_each_once(enot_context *context, int threads, int64_t count) {
    tally t = {.threads = threads};
    parallel_for(context, count, count_task, &t);
    for (int64_t i = 0; i < MOST_TASKS; i++) assert_int_equal(t.done[i], i < count);
}

static void every_task_is_done_once_before_the_call_returns(void **state) {
    for (int threads = 1; threads <= MOST_THREADS; threads++) {
        enot_context *context = context_new(threads);
        for (int64_t job = 0; job < JOBS; job++) assert_each_once(context, threads, job % (MOST_TASKS + 1));
        enot_context_destroy(context);
    }
}

typedef struct meeting {
    atomic_int arrived;
    int wanted, met;
} meeting;

/* Goes on when as many tasks are under way together as are wanted, or when they do not come. */
static void meet_task(void *user, int64_t index, int worker) {
    meeting *m = user;
    double began = clock_seconds();
    atomic_fetch_add(&m->arrived, 1);
    while (atomic_load(&m->arrived) < m->wanted && clock_seconds() - began < PATIENCE_SECONDS) sched_yield();
    if (index == 0) m->met = atomic_load(&m->arrived);
}

static void assert_all_take_part(enot_context *context, int threads) {
    meeting m = {.wanted = threads};
    parallel_for(context, threads, meet_task, &m);
    assert_int_equal(m.met, threads);
}

static void helpers_that_fell_asleep_take_part(void **state) {
    enot_context *context = context_new(MOST_THREADS);
    for (int job = 0; job < SLEEPY_JOBS; job++) {
        assert_all_take_part(context, MOST_THREADS);
        if (job % 2) pause_ms(LONG_MS);
    }
    enot_context_destroy(context);
}

/* The tasks of helpers are slow, the caller's own are not. */
static void dawdle_task(void *user, int64_t index, int worker) {
    tally *t = user;
    if (worker > 0) pause_ms(LONG_MS);
    t->done[index]++;
}

static void the_caller_waits_for_slow_helpers(void **state) {
    enot_context *context = context_new(2);
    for (int job = 0; job < SLEEPY_JOBS; job++) {
        tally t = {.threads = 2};
        assert_all_take_part(context, 2);
        parallel_for(context, MOST_TASKS, dawdle_task, &t);
        for (int64_t i = 0; i < MOST_TASKS; i++) assert_int_equal(t.done[i], 1);
    }
    enot_context_destroy(context);
}

static void helpers_end_awake_or_asleep_and_others_begin(void **state) {
    enot_context *context = context_new(2);
    for (int round = 0; round < SLEEPY_JOBS; round++) {
        int threads = 2 + round % (MOST_THREADS - 1);
        require(context, enot_context_set_threads(context, threads));
        assert_all_take_part(context, threads);
        if (round % 2) pause_ms(LONG_MS);
        parallel_stop(context);
        parallel_stop(context);
    }
    enot_context_destroy(context);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_task_is_done_once_before_the_call_returns),
        cmocka_unit_test(helpers_that_fell_asleep_take_part),
        cmocka_unit_test(the_caller_waits_for_slow_helpers),
        cmocka_unit_test(helpers_end_awake_or_asleep_and_others_begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
