/*
 * Independent tasks on the context's threads. Results do not depend on the number of threads because every task writes only
 * what is its own; whoever needs a sum over tasks adds it up in task order afterwards.
 */
#ifndef ENOT_CORE_PARALLEL_H
#define ENOT_CORE_PARALLEL_H

#include "core/context.h"

/* worker: 0 .. context->threads - 1, to pick a scratch buffer. */
typedef void (*parallel_task)(void *user, int64_t index, int worker);

/*
 * Runs task for index 0 .. count - 1 and returns when all are done. Threads take the next index as they come; one that the
 * system holds back delays nothing that it has not begun.
 */
void parallel_for(enot_context *context, int64_t count, parallel_task task, void *user);

/* Processors this process may run on, at least 1. */
int parallel_processors(void);

/* Ends the context's helper threads; the next parallel_for starts as many as the context then asks for. */
void parallel_stop(enot_context *context);

#endif
