#include <string.h>

#include "core/parallel.h"
#include "net/conv/elements.h"
#include "net/conv/pass_memory.h"
#include "net/conv/resample.h"

/* One layer of a pass, whose parts are the tasks. */
typedef struct run {
    conv_pass *pass;
    int64_t index;
} run;

static void run_rowwise(const conv_pass *pass, const conv_layer *layer, conv_part part) {
    image_shape shape = pass->net->values[layer->input];
    const real *x = conv_pass_value(pass, layer->input, part.first);
    const real *other = layer->other < 0 ? NULL : conv_pass_value(pass, layer->other, part.first);
    real *y = conv_pass_value(pass, layer->output, part.first);
    int64_t count = part.rows * image_shape_size(shape);
    switch (layer->kind) {
    case CONV_LEAKY: elements_leaky(count, CONV_LEAKY_SLOPE, x, y); break;
    case CONV_MAX_POOL: resample_max(shape, part.rows, x, y); break;
    case CONV_AVERAGE_POOL: resample_mean(shape, part.rows, x, y); break;
    case CONV_JOIN: resample_join(shape, pass->net->values[layer->other], part.rows, x, other, y); break;
    case CONV_RESIDUAL: elements_add_scaled(count, CONV_RESIDUAL_FACTOR, x, other, y); break;
    case CONV_CONVOLUTION:
    case CONV_NORM: break; /* which are no one's own rows */
    }
}

static void run_part(void *user, int64_t index, int worker) {
    const run *r = user;
    conv_pass *pass = r->pass;
    const conv_layer *layer = &pass->net->layers[r->index];
    conv_part part = conv_pass_part(pass, index);
    if (layer->kind != CONV_CONVOLUTION) {
        run_rowwise(pass, layer, part);
        return;
    }
    if (pass->ops->forward(pass->convolutions[r->index], conv_pass_worker(pass, worker), part.rows,
                           conv_pass_value(pass, layer->input, part.first), conv_pass_value(pass, layer->output, part.first)))
        atomic_store(&pass->failed, 1);
}

enot_status conv_pass_forward(conv_pass *pass, real *statistics, int training, const real *x, real *y) {
    const conv_net *net = pass->net;
    if (!training && !statistics && net->statistic_count > 0)
        return context_fail(pass->context, ENOT_ERR_ARGUMENT, "a network with batch normalisation needs its running statistics in use");
    memcpy(conv_pass_value(pass, 0, 0), x, (size_t)(pass->rows * image_shape_size(net->values[0])) * sizeof *x);
    for (int64_t l = 0; l < net->layer_count; l++) {
        if (net->layers[l].kind == CONV_NORM)
            conv_norm_forward(pass, &net->layers[l], statistics, training);
        else
            parallel_for(pass->context, pass->parts, run_part, &(run){pass, l});
    }
    pass->trained = training;
    memcpy(y, conv_pass_value(pass, net->value_count - 1, 0), (size_t)(pass->rows * conv_net_outputs(net)) * sizeof *y);
    return conv_pass_check(pass);
}
