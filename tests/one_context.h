/* The context of all tests of a file. One thread where the work is small, since waiting threads would cost more than they bring. */
#ifndef ENOT_TESTS_ONE_CONTEXT_H
#define ENOT_TESTS_ONE_CONTEXT_H

#include "numeric.h"

#ifndef TEST_THREADS
#define TEST_THREADS 1
#endif

static enot_context *context;

static int setup(void **state) {
    context = context_new(TEST_THREADS);
    return 0;
}

static int teardown(void **state) {
    enot_context_destroy(context);
    return 0;
}

#endif
