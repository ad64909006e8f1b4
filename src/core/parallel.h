/*
 * Independent tasks on several threads. Results do not depend on the number of threads because every task writes only what
 * is its own; whoever needs a sum over tasks adds it up in task order afterwards.
 */
#ifndef ENOT_CORE_PARALLEL_H
#define ENOT_CORE_PARALLEL_H

#include <stdint.h>

/* worker: 0 .. threads - 1, to pick a scratch buffer. */
typedef void (*parallel_task)(void *user, int64_t index, int worker);

/* Runs task for index 0 .. count - 1. Libraries called inside a task run on the task's thread alone. */
void parallel_for(int threads, int64_t count, parallel_task task, void *user);

/* Processors this process may run on, at least 1. */
int parallel_processors(void);

#endif
