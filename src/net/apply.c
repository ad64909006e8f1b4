#include "net/apply.h"

#include "core/memory.h"
#include "core/parallel.h"

#define BLOCK_ROWS 128

typedef struct worker {
    mlp_trace trace;
    mlp_scratch scratch;
} worker;

typedef struct job {
    const ops *ops;
    const transport *t;
    const mlp *net;
    const real *parameters, *points;
    int64_t count;
    int potential;
    real *out;
    worker *workers;
} job;

static void block_task(void *user, int64_t index, int worker_index) {
    job *j = user;
    worker *w = &j->workers[worker_index];
    int64_t first = index * BLOCK_ROWS, count = j->count - first < BLOCK_ROWS ? j->count - first : BLOCK_ROWS;
    mlp_block block = {j->ops, j->net, j->parameters, &w->trace, &w->scratch, 0, count};
    const real *points = j->points + first * j->t->dim;
    if (j->potential)
        transport_potential(&block, j->t, points, j->out + first);
    else
        transport_map(&block, j->t, points, j->out + first * j->t->dim);
}

static enot_status run(enot_context *context, job *j) {
    int threads = context->threads;
    enot_status status = MEMORY_NEW(context, threads, "applying a network", &j->workers);
    for (int i = 0; i < threads && !status; i++) {
        status = mlp_trace_create(context, j->net, BLOCK_ROWS, 0, &j->workers[i].trace);
        if (!status) status = mlp_scratch_create(context, j->net, BLOCK_ROWS, &j->workers[i].scratch);
    }
    if (!status) parallel_for(context, (j->count + BLOCK_ROWS - 1) / BLOCK_ROWS, block_task, j);
    for (int i = 0; j->workers && i < threads; i++) {
        mlp_trace_destroy(j->net, &j->workers[i].trace);
        mlp_scratch_destroy(j->net, &j->workers[i].scratch);
    }
    memory_destroy(j->workers);
    return status;
}

enot_status apply_map(enot_context *context, const transport *t, const mlp *net, const real *parameters, const real *x,
                      int64_t count, real *moved) {
    return run(context, &(job){ops_select(), t, net, parameters, x, count, 0, moved, NULL});
}

enot_status apply_potential(enot_context *context, const transport *t, const mlp *net, const real *parameters, const real *y,
                            int64_t count, real *values) {
    return run(context, &(job){ops_select(), t, net, parameters, y, count, 1, values, NULL});
}
