/* What planning a convolution by oneDNN and running it share. */
#ifndef ENOT_NET_CONV_ONEDNN_H
#define ENOT_NET_CONV_ONEDNN_H

#include <dnnl.h>
#include <omp.h>

#include "net/conv/convolution.h"

enum { FORWARD, BACKWARD_INPUT, BACKWARD_WEIGHTS, PRODUCTS };

/* What one thread hands to primitives; one set for each count of rows. */
typedef struct operands {
    dnnl_stream_t stream;
    dnnl_memory_t input[2], output[2], scratch[2][PRODUCTS], gradient, bias_gradient;
} operands;

typedef struct onednn {
    convolution_shape shape;
    int64_t rows[2];
    int workers;
    dnnl_engine_t engine;
    dnnl_memory_desc_t input[2], output[2], bias, plain; /* plain: weights as in the parameters */
    dnnl_memory_desc_t weights[PRODUCTS];                /* as each product wants them */
    dnnl_primitive_desc_t plan[2][PRODUCTS];
    dnnl_primitive_t product[2][PRODUCTS], pack[2], unpack;
    real *packed[2], *loaded_bias;
    dnnl_memory_t packed_weights[2], packed_bias, plain_weights, packed_gradient;
    operands *operands; /* [workers] */
} onednn;

/* Returns the calling thread's setting, to be restored. */
static inline int run_alone(void) {
    int before = omp_get_max_threads();
    omp_set_num_threads(1);
    return before;
}

/* The first failure of a sequence of calls to oneDNN. */
#define TRY_DNNL(call)                                                                                                 \
    do {                                                                                                               \
        dnnl_status_t try_status = (call);                                                                             \
        if (try_status != dnnl_success) return try_status;                                                             \
    } while (0)

static inline int64_t reals_of(const dnnl_memory_desc_t *description) {
    return (int64_t)(dnnl_memory_desc_get_size(description) / sizeof(real));
}

/* As create and destroy of convolution_ops. */
enot_status onednn_create(enot_context *context, const convolution_shape *shape, const convolution_uses *uses,
                          void **state);
void onednn_destroy(void *state);

#endif
