/* The context: how many threads to use, where messages go. Every other layer reports errors through context_fail. */
#ifndef ENOT_CORE_CONTEXT_H
#define ENOT_CORE_CONTEXT_H

#include "enot.h"

#define CONTEXT_MESSAGE_CAPACITY 1024

struct enot_context {
    int threads;
    struct parallel_pool *pool; /* helper threads, NULL until they are needed */
    char message[CONTEXT_MESSAGE_CAPACITY];
    enot_warning_fn warning;
    void *warning_user;
};

/* Stores the formatted message (one line: what happened, where, what to do) and returns status. */
enot_status context_fail(enot_context *context, enot_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* context_fail(ENOT_ERR_MEMORY) with the size that was asked for and what for. */
enot_status context_fail_memory(enot_context *context, size_t bytes, const char *purpose);

void context_warn(enot_context *context, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Returns from the calling function if the expression is not ENOT_OK. For functions that hold nothing yet. */
#define TRY(expression)                                  \
    do {                                                 \
        enot_status try_status = (expression);           \
        if (try_status != ENOT_OK) return try_status;    \
    } while (0)

#endif
