#include "net/apply.h"

#include "core/memory.h"
#include "core/parallel.h"
#include "net/conv/apply.h"

/* Most rows that go through a network at a time. */
#define BLOCK_ROWS 128

typedef struct worker {
    mlp_trace trace;
    mlp_scratch scratch;
} worker;

typedef struct job {
    const ops *ops;
    const transport *t;
    const mlp *net;
    mlp_weights weights;
    const real *points;
    int64_t count, rows; /* of all points; of a block */
    int potential;
    real *out;
    worker *workers;
} job;

static void block_task(void *user, int64_t index, int worker_index) {
    job *j = user;
    worker *w = &j->workers[worker_index];
    int64_t first = index * j->rows, count = j->count - first < j->rows ? j->count - first : j->rows;
    mlp_block block = {j->ops, &j->weights, &w->trace, &w->scratch, count, NULL};
    const real *points = j->points + first * j->t->dim;
    if (j->potential)
        transport_potential(&block, j->t, points, j->out + first);
    else
        transport_map(&block, j->t, points, j->out + first * j->t->dim);
}

/* As many in each block as leave no thread without one at the end. */
static int64_t block_rows(int64_t count, int64_t threads) {
    int64_t turns = (count + threads * BLOCK_ROWS - 1) / (threads * BLOCK_ROWS), blocks = turns * threads;
    return (count + blocks - 1) / blocks;
}

static enot_status run(enot_context *context, job *j, const real *parameters) {
    int threads = context->threads;
    j->rows = block_rows(j->count, threads);
    TRY(mlp_weights_create(context, j->net, NULL, &j->weights));
    mlp_weights_load(context, j->ops, &j->weights, parameters);
    enot_status status = MEMORY_NEW(context, threads, "applying a network", &j->workers);
    for (int i = 0; i < threads && !status; i++) {
        status = mlp_trace_create(context, j->net, j->rows, 0, &j->workers[i].trace);
        if (!status) status = mlp_scratch_create(context, j->net, j->rows, 0, &j->workers[i].scratch);
    }
    if (!status) parallel_for(context, (j->count + j->rows - 1) / j->rows, block_task, j);
    for (int i = 0; j->workers && i < threads; i++) {
        mlp_trace_destroy(&j->workers[i].trace);
        mlp_scratch_destroy(&j->workers[i].scratch);
    }
    memory_destroy(j->workers);
    mlp_weights_destroy(&j->weights);
    return status;
}

/* T(x) = x + net(x), an image again: its values are cut off at -1 and 1. */
static enot_status move_images(enot_context *context, const conv_net *net, const real *weights, const real *x, int64_t count,
                               real *moved) {
    int64_t numbers = count * conv_net_outputs(net);
    TRY(conv_apply(context, net, weights, x, count, moved));
    for (int64_t i = 0; i < numbers; i++) {
        real value = x[i] + moved[i];
        moved[i] = value < -1 ? -1 : value > 1 ? 1 : value;
    }
    return ENOT_OK;
}

enot_status apply_map(enot_context *context, const transport *t, const architecture *net, const real *weights, const real *x,
                      int64_t count, real *moved) {
    if (architecture_is_conv(net)) return move_images(context, &net->conv, weights, x, count, moved);
    job j = {.ops = ops_select(), .t = t, .net = &net->mlp, .points = x, .count = count, .out = moved};
    return run(context, &j, weights);
}

enot_status apply_potential(enot_context *context, const transport *t, const architecture *net, const real *weights, const real *y,
                            int64_t count, real *values) {
    if (architecture_is_conv(net)) return conv_apply(context, &net->conv, weights, y, count, values);
    job j = {.ops = ops_select(), .t = t, .net = &net->mlp, .points = y, .count = count, .potential = 1, .out = values};
    return run(context, &j, weights);
}
