/* The context of tests whose work is small: one thread, since waiting threads would cost more than they bring. */
#ifndef ENOT_TESTS_ONE_THREAD_H
#define ENOT_TESTS_ONE_THREAD_H

#include "numeric.h"

static enot_context *context;

static int setup(void **state) {
    context = context_new(1);
    return 0;
}

static int teardown(void **state) {
    enot_context_destroy(context);
    return 0;
}

#endif
