#include "net/conv/apply.h"

#include <string.h>

#include "core/memory.h"
#include "net/conv/pass.h"

#define BATCH_ROWS 32

typedef struct batch {
    conv_pass *pass;
    real *statistics;
    int64_t inputs, outputs;
    real *x, *out; /* [BATCH_ROWS, inputs], [BATCH_ROWS, outputs] */
} batch;

/* A pass has its number of rows; of the last batch some are left from before, and what comes of them is dropped. */
static enot_status forward(batch *b, const real *x, int64_t rows, real *out) {
    memcpy(b->x, x, (size_t)(rows * b->inputs) * sizeof *x);
    TRY(conv_pass_forward(b->pass, b->statistics, 0, b->x, b->out));
    memcpy(out, b->out, (size_t)(rows * b->outputs) * sizeof *out);
    return ENOT_OK;
}

static enot_status batch_create(enot_context *context, const conv_net *net, const real *weights, batch *b) {
    static const char *const PURPOSE = "applying a network";
    TRY(conv_pass_create(context, net, BATCH_ROWS, 0, &b->pass));
    TRY(conv_pass_load(b->pass, weights));
    TRY(MEMORY_NEW(context, net->statistic_count, PURPOSE, &b->statistics));
    memcpy(b->statistics, weights + net->parameter_count, (size_t)net->statistic_count * sizeof *weights);
    TRY(MEMORY_NEW(context, BATCH_ROWS * b->inputs, PURPOSE, &b->x));
    return MEMORY_NEW(context, BATCH_ROWS * b->outputs, PURPOSE, &b->out);
}

enot_status conv_apply(enot_context *context, const conv_net *net, const real *weights, const real *x, int64_t count, real *out) {
    batch b = {.inputs = image_shape_size(net->values[0]), .outputs = conv_net_outputs(net)};
    enot_status status = batch_create(context, net, weights, &b);
    for (int64_t first = 0; first < count && !status; first += BATCH_ROWS) {
        int64_t rows = count - first < BATCH_ROWS ? count - first : BATCH_ROWS;
        status = forward(&b, x + first * b.inputs, rows, out + first * b.outputs);
    }
    conv_pass_destroy(b.pass);
    memory_destroy(b.statistics);
    memory_destroy(b.x);
    memory_destroy(b.out);
    return status;
}

double conv_apply_bytes(const enot_context *context, const conv_net *net) { return conv_pass_bytes(context, net, BATCH_ROWS, 0); }
