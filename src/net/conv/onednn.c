/*
 * Convolutions by oneDNN. A primitive's plan may depend on the number of threads that it was made for, and oneDNN asks
 * OpenMP, so primitives are made and run while OpenMP's number of threads, a setting of each thread, is 1.
 *
 * Images stay in the plain order, channels last: against blocks of 16 channels a forward and backward pass of 3 x 3
 * convolutions of 32 to 256 channels at 32 to 4 pixels takes .9 to 1.05 of the time, and every other layer is a loop
 * over channels.
 */
#ifndef ENOT_REAL_DOUBLE

#include "net/conv/onednn.h"

static int64_t scratch_size(const void *state) {
    const onednn *s = state;
    size_t most = 0;
    for (int size = 0; size < 2; size++)
        for (int p = 0; p < PRODUCTS; p++) {
            if (!s->plan[size][p]) continue;
            const dnnl_memory_desc_t *scratch =
                dnnl_primitive_desc_query_md(s->plan[size][p], dnnl_query_scratchpad_md, 0);
            size_t bytes = dnnl_memory_desc_get_size(scratch);
            most = bytes > most ? bytes : most;
        }
    return (int64_t)most;
}

static int64_t gradient_count(const void *state) {
    return reals_of(&((const onednn *)state)->weights[BACKWARD_WEIGHTS]);
}

static dnnl_status_t reorder(dnnl_stream_t stream, dnnl_primitive_t primitive, dnnl_memory_t from, dnnl_memory_t to) {
    dnnl_exec_arg_t arguments[] = {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}};
    int before = run_alone();
    dnnl_status_t status = dnnl_primitive_execute(primitive, stream, 2, arguments);
    omp_set_num_threads(before);
    return status;
}

static int load(void *state, const real *weight, const real *bias) {
    onednn *s = state;
    dnnl_status_t status = dnnl_memory_set_data_handle(s->plain_weights, (void *)weight);
    for (int p = 0; p < 2 && status == dnnl_success; p++)
        if (s->pack[p]) status = reorder(s->operands[0].stream, s->pack[p], s->plain_weights, s->packed_weights[p]);
    for (int64_t o = 0; o < s->shape.outputs && s->shape.with_bias; o++) s->loaded_bias[o] = bias[o];
    return status != dnnl_success;
}

static dnnl_status_t hand_over(operands *o, int size, int product, const void *input, const void *output,
                               void *scratch) {
    TRY_DNNL(dnnl_memory_set_data_handle(o->input[size], (void *)input));
    TRY_DNNL(dnnl_memory_set_data_handle(o->output[size], (void *)output));
    return dnnl_memory_set_data_handle(o->scratch[size][product], scratch);
}

static int run_product(onednn *s, operands *o, int size, int product, int count, const dnnl_exec_arg_t *arguments) {
    int before = run_alone();
    dnnl_status_t status = dnnl_primitive_execute(s->product[size][product], o->stream, count, arguments);
    omp_set_num_threads(before);
    return status != dnnl_success;
}

static int forward(void *state, convolution_worker worker, int64_t rows, const real *x, real *y) {
    onednn *s = state;
    operands *o = &s->operands[worker.index];
    int size = rows != s->rows[0];
    if (hand_over(o, size, FORWARD, x, y, worker.scratch) != dnnl_success) return 1;
    dnnl_exec_arg_t arguments[] = {{DNNL_ARG_SRC, o->input[size]},
                                   {DNNL_ARG_WEIGHTS, s->packed_weights[FORWARD]},
                                   {DNNL_ARG_DST, o->output[size]},
                                   {DNNL_ARG_SCRATCHPAD, o->scratch[size][FORWARD]},
                                   {DNNL_ARG_BIAS, s->packed_bias}};
    return run_product(s, o, size, FORWARD, s->shape.with_bias ? 5 : 4, arguments);
}

static int backward_input(void *state, convolution_worker worker, int64_t rows, const real *dy, real *dx) {
    onednn *s = state;
    operands *o = &s->operands[worker.index];
    int size = rows != s->rows[0];
    if (hand_over(o, size, BACKWARD_INPUT, dx, dy, worker.scratch) != dnnl_success) return 1;
    dnnl_exec_arg_t arguments[] = {{DNNL_ARG_DIFF_SRC, o->input[size]},
                                   {DNNL_ARG_WEIGHTS, s->packed_weights[BACKWARD_INPUT]},
                                   {DNNL_ARG_DIFF_DST, o->output[size]},
                                   {DNNL_ARG_SCRATCHPAD, o->scratch[size][BACKWARD_INPUT]}};
    return run_product(s, o, size, BACKWARD_INPUT, 4, arguments);
}

static int backward_weights(void *state, convolution_worker worker, int64_t rows, const real *x, const real *dy,
                            real *gradient, real *bias_gradient) {
    onednn *s = state;
    operands *o = &s->operands[worker.index];
    int size = rows != s->rows[0];
    if (hand_over(o, size, BACKWARD_WEIGHTS, x, dy, worker.scratch) != dnnl_success ||
        dnnl_memory_set_data_handle(o->gradient, gradient) != dnnl_success ||
        dnnl_memory_set_data_handle(o->bias_gradient, bias_gradient) != dnnl_success)
        return 1;
    dnnl_exec_arg_t arguments[] = {{DNNL_ARG_SRC, o->input[size]},
                                   {DNNL_ARG_DIFF_DST, o->output[size]},
                                   {DNNL_ARG_DIFF_WEIGHTS, o->gradient},
                                   {DNNL_ARG_SCRATCHPAD, o->scratch[size][BACKWARD_WEIGHTS]},
                                   {DNNL_ARG_DIFF_BIAS, o->bias_gradient}};
    return run_product(s, o, size, BACKWARD_WEIGHTS, s->shape.with_bias ? 5 : 4, arguments);
}

static int unpack(void *state, const real *gradient, real *weight_gradient) {
    onednn *s = state;
    if (dnnl_memory_set_data_handle(s->packed_gradient, (void *)gradient) != dnnl_success ||
        dnnl_memory_set_data_handle(s->plain_weights, weight_gradient) != dnnl_success)
        return 1;
    return reorder(s->operands[0].stream, s->unpack, s->packed_gradient, s->plain_weights) != dnnl_success;
}

const convolution_ops convolution_onednn = {onednn_create, onednn_destroy, scratch_size,     gradient_count, load,
                                            forward,       backward_input, backward_weights, unpack};

#endif
