/* Convolutions by oneDNN. */
#ifndef ENOT_REAL_DOUBLE

#include "net/conv/backend/onednn_convolution.h"

static int64_t scratch_size(const void *state) {
    const planned_convolution *s = state;
    size_t most = 0;
    for (int size = 0; size < 2; size++)
        for (int p = 0; p < PRODUCTS; p++)
            if (s->product[size][p].scratch > most) most = s->product[size][p].scratch;
    return (int64_t)most;
}

static int64_t gradient_count(const void *state) {
    return onednn_reals(&((const planned_convolution *)state)->weights[BACKWARD_WEIGHTS]);
}

static dnnl_status_t reorder(dnnl_stream_t stream, dnnl_primitive_t primitive, dnnl_memory_t from, dnnl_memory_t to) {
    dnnl_exec_arg_t arguments[] = {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}};
    return onednn_execute(primitive, stream, 2, arguments);
}

static int load(void *state, const real *weight, const real *bias) {
    planned_convolution *s = state;
    dnnl_status_t status = dnnl_memory_set_data_handle(s->plain_weights, (void *)weight);
    for (int p = 0; p < 2 && status == dnnl_success; p++)
        if (s->pack[p]) status = reorder(s->operands[0].stream, s->pack[p], s->plain_weights, s->packed_weights[p]);
    for (int64_t o = 0; o < s->shape.outputs && s->shape.with_bias; o++) s->loaded_bias[o] = bias[o];
    return status != dnnl_success;
}

static dnnl_status_t hand_over(planned_convolution *s, operands *o, int size, int p, void *const images[SIDES], char *scratch) {
    const product *product = &s->product[size][p];
    product_operands *own = &o->product[size][p];
    for (int side = 0; side < SIDES; side++) {
        TRY_DNNL(dnnl_memory_set_data_handle(o->given[size][side], images[side]));
        if (product->reorder[side])
            TRY_DNNL(dnnl_memory_set_data_handle(own->images[side], scratch + product->copy_at[side]));
    }
    return dnnl_memory_set_data_handle(own->scratch, scratch);
}

static dnnl_memory_t images_of(const planned_convolution *s, const operands *o, int size, int p, int side) {
    return s->product[size][p].reorder[side] ? o->product[size][p].images[side] : o->given[size][side];
}

/* Copies what the primitive reads, or what it has written, to where it is wanted. */
static dnnl_status_t copy_images(const planned_convolution *s, operands *o, int size, int p, int written) {
    const product *product = &s->product[size][p];
    for (int side = 0; side < SIDES; side++) {
        dnnl_memory_t given = o->given[size][side], own = o->product[size][p].images[side];
        if (!product->reorder[side] || (side == written_side(p)) != written) continue;
        TRY_DNNL(reorder(o->stream, product->reorder[side], written ? own : given, written ? given : own));
    }
    return dnnl_success;
}

typedef struct call {
    int size, product;
    int64_t rows;
    const void *images[SIDES];
    int image_arguments[SIDES], weights_argument;
    dnnl_memory_t weights, bias;
    int bias_argument;
} call;

static dnnl_status_t run_product(planned_convolution *s, operands *o, const call *c) {
    dnnl_exec_arg_t arguments[] = {
        {c->image_arguments[INPUT], images_of(s, o, c->size, c->product, INPUT)},
        {c->image_arguments[OUTPUT], images_of(s, o, c->size, c->product, OUTPUT)},
        {c->weights_argument, c->weights},
        {DNNL_ARG_SCRATCHPAD, o->product[c->size][c->product].scratch},
        {c->bias_argument, c->bias}};
    return onednn_execute(s->product[c->size][c->product].primitive, o->stream,
                          s->shape.with_bias && c->bias ? 5 : 4, arguments);
}

static dnnl_status_t carry_out(planned_convolution *s, conv_worker worker, call c) {
    operands *o = &s->operands[worker.index];
    c.size = c.rows != s->rows[0];
    void *const images[SIDES] = {(void *)c.images[INPUT], (void *)c.images[OUTPUT]};
    TRY_DNNL(hand_over(s, o, c.size, c.product, images, worker.scratch));
    TRY_DNNL(copy_images(s, o, c.size, c.product, 0));
    TRY_DNNL(run_product(s, o, &c));
    return copy_images(s, o, c.size, c.product, 1);
}

static int forward(void *state, conv_worker worker, int64_t rows, const real *x, real *y) {
    planned_convolution *s = state;
    call c = {.product = FORWARD, .rows = rows, .images = {x, y}, .image_arguments = {DNNL_ARG_SRC, DNNL_ARG_DST}};
    c.weights_argument = DNNL_ARG_WEIGHTS;
    c.weights = s->packed_weights[FORWARD];
    c.bias_argument = DNNL_ARG_BIAS;
    c.bias = s->packed_bias;
    return carry_out(s, worker, c) != dnnl_success;
}

static int backward_input(void *state, conv_worker worker, int64_t rows, const real *dy, real *dx) {
    planned_convolution *s = state;
    call c = {.product = BACKWARD_INPUT, .rows = rows, .images = {dx, dy}};
    c.image_arguments[INPUT] = DNNL_ARG_DIFF_SRC;
    c.image_arguments[OUTPUT] = DNNL_ARG_DIFF_DST;
    c.weights_argument = DNNL_ARG_WEIGHTS;
    c.weights = s->packed_weights[BACKWARD_INPUT];
    return carry_out(s, worker, c) != dnnl_success;
}

static int backward_weights(void *state, conv_worker worker, int64_t rows, const real *x, const real *dy,
                            real *gradient, real *bias_gradient) {
    planned_convolution *s = state;
    operands *o = &s->operands[worker.index];
    if (dnnl_memory_set_data_handle(o->gradient, gradient) != dnnl_success ||
        dnnl_memory_set_data_handle(o->bias_gradient, bias_gradient) != dnnl_success)
        return 1;
    call c = {.product = BACKWARD_WEIGHTS, .rows = rows, .images = {x, dy}};
    c.image_arguments[INPUT] = DNNL_ARG_SRC;
    c.image_arguments[OUTPUT] = DNNL_ARG_DIFF_DST;
    c.weights_argument = DNNL_ARG_DIFF_WEIGHTS;
    c.weights = o->gradient;
    c.bias_argument = DNNL_ARG_DIFF_BIAS;
    c.bias = o->bias_gradient;
    return carry_out(s, worker, c) != dnnl_success;
}

static int unpack(void *state, const real *gradient, real *weight_gradient) {
    planned_convolution *s = state;
    if (dnnl_memory_set_data_handle(s->packed_gradient, (void *)gradient) != dnnl_success ||
        dnnl_memory_set_data_handle(s->plain_weights, weight_gradient) != dnnl_success)
        return 1;
    return reorder(s->operands[0].stream, s->unpack, s->packed_gradient, s->plain_weights) != dnnl_success;
}

const convolution_ops onednn_convolution = {onednn_convolution_create,
                                            onednn_convolution_destroy,
                                            scratch_size,
                                            gradient_count,
                                            load,
                                            forward,
                                            backward_input,
                                            backward_weights,
                                            unpack};

#endif
