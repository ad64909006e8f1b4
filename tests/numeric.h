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

/* |got - want| <= most */
static inline void assert_within(int64_t count, const real *got, const real *want, double most, const char *what) {
    for (int64_t i = 0; i < count; i++)
        if (!(fabs((double)got[i] - (double)want[i]) <= most))
            fail_msg("%s, number %lld of %lld: %.9g, not %.9g", what, (long long)i, (long long)count, (double)got[i],
                     (double)want[i]);
}

/* count standard normals times deviation; free them. */
static inline real *random_reals(uint64_t seed, int64_t count, double deviation) {
    real *values = malloc((size_t)count * sizeof *values);
    assert_non_null(values);
    random_row row = random_row_start(seed, RANDOM_STREAM_MEASURE, 0);
    for (int64_t i = 0; i < count; i++) values[i] = (real)(deviation * random_normal(&row));
    return values;
}

static inline double *widened(const real *values, int64_t count) {
    double *wide = malloc((size_t)count * sizeof *wide);
    assert_non_null(wide);
    for (int64_t i = 0; i < count; i++) wide[i] = (double)values[i];
    return wide;
}

/* A function of one number that some variable is set to, for derivative_at. */
typedef double (*number_function)(void *user, double value);

/* Five-point difference quotient: error step^4. */
static inline double derivative_at(number_function function, void *user, double at, double step) {
    double near = function(user, at + step) - function(user, at - step);
    double far = function(user, at + 2 * step) - function(user, at - 2 * step);
    return (8 * near - far) / (12 * step);
}

typedef double (*loss_function)(void *user);

/* A loss with one of its parameters set. */
typedef struct varied_loss {
    loss_function loss;
    void *user;
    double *parameter;
} varied_loss;

static inline double varied_loss_at(void *user, double value) {
    const varied_loss *v = user;
    *v->parameter = value;
    return v->loss(v->user);
}

/* got[count] = gradient of the loss in parameters[count], within tolerance of its largest entry; every stride-th is looked at. */
static inline void assert_loss_gradient(loss_function loss, void *user, double *parameters, int64_t count, int64_t stride,
                                   const real *got, double tolerance, const char *subject, const char *what) {
    double *want = malloc((size_t)count * sizeof *want), largest = 0;
    for (int64_t i = 0; i < count; i += stride) {
        varied_loss varied = {loss, user, &parameters[i]};
        double at = parameters[i];
        want[i] = derivative_at(varied_loss_at, &varied, at, 1e-4);
        parameters[i] = at;
        largest = fmax(largest, fabs(want[i]));
    }
    for (int64_t i = 0; i < count; i += stride)
        if (!(fabs((double)got[i] - want[i]) <= tolerance * largest))
            fail_msg("%s, %s: parameter %d: %.12g, not %.12g", subject, what, (int)i, (double)got[i], want[i]);
    free(want);
}

#endif
