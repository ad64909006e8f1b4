#include "core/parallel.h"

#include <omp.h>

int parallel_processors(void) { return omp_get_num_procs(); }

void parallel_for(int threads, int64_t count, parallel_task task, void *user) {
    if (count < threads) threads = count > 0 ? (int)count : 1;
#pragma omp parallel num_threads(threads)
    {
        omp_set_num_threads(1); /* this thread's own setting: oneDNN reads it when the team has one member only */
#pragma omp for schedule(dynamic, 1)
        for (int64_t i = 0; i < count; i++) task(user, i, omp_get_thread_num());
    }
}
