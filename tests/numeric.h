/* What the tests of the numeric core share: comparisons that say what differed, random numbers, difference quotients. */
#ifndef ENOT_TESTS_NUMERIC_H
#define ENOT_TESTS_NUMERIC_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/context.h"
#include "core/random.h"
#include "core/real.h"

static inline enot_context *context_new(int threads) {
    enot_context *context;
    assert_int_equal(enot_context_create(&context), ENOT_OK);
    assert_int_equal(enot_context_set_threads(context, threads), ENOT_OK);
    return context;
}

static inline void require(enot_context *context, enot_status status) {
    if (status != ENOT_OK) fail_msg("%s: %s", enot_status_name(status), enot_context_message(context));
}

/* |got - want| <= tolerance (1 + |want|) */
static inline void assert_close(double got, double want, double tolerance, const char *what) {
    if (!(fabs(got - want) <= tolerance * (1 + fabs(want)))) fail_msg("%s: %.17g, not %.17g", what, got, want);
}

static inline void assert_all_close(int64_t count, const real *got, const double *want, double tolerance,
                                    const char *what) {
    for (int64_t i = 0; i < count; i++)
        if (!(fabs(got[i] - want[i]) <= tolerance * (1 + fabs(want[i]))))
            fail_msg("%s, number %lld: %.17g, not %.17g", what, (long long)i, (double)got[i], want[i]);
}

/* count standard normals times deviation; free them. */
static inline real *random_reals(uint64_t seed, int64_t count, double deviation) {
    real *values = malloc((size_t)count * sizeof *values);
    assert_non_null(values);
    random_row row = random_row_start(seed, RANDOM_STREAM_MEASURE, 0);
    for (int64_t i = 0; i < count; i++) values[i] = (real)(deviation * random_normal(&row));
    return values;
}

/* A function of one number that some variable is set to, for derivative_at. */
typedef double (*number_function)(void *user, double value);

/* Five-point difference quotient: error step^4. */
static inline double derivative_at(number_function function, void *user, double at, double step) {
    double near = function(user, at + step) - function(user, at - step);
    double far = function(user, at + 2 * step) - function(user, at - 2 * step);
    return (8 * near - far) / (12 * step);
}

#endif
