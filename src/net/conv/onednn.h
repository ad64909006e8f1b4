/* What planning a convolution by oneDNN and running it share. */
#ifndef ENOT_NET_CONV_ONEDNN_H
#define ENOT_NET_CONV_ONEDNN_H

#include <dnnl.h>
#include <omp.h>

#include "core/memory.h"
#include "net/conv/convolution.h"

enum { FORWARD, BACKWARD_INPUT, BACKWARD_WEIGHTS, PRODUCTS };
enum { INPUT, OUTPUT, SIDES };

/* One of the products, for one count of rows. Images in an order that it cannot take go through a copy in the scratch.
 */
typedef struct product {
    dnnl_primitive_desc_t plan;
    dnnl_primitive_t primitive;
    dnnl_memory_desc_t images[SIDES]; /* as the primitive has them */
    dnnl_primitive_t reorder[SIDES];  /* from or to what the caller has; NULL: the same */
    size_t copy_at[SIDES], scratch;   /* bytes */
} product;

/* What one thread hands to a product. images: the copies of those that are reordered. */
typedef struct product_operands {
    dnnl_memory_t images[SIDES], scratch;
} product_operands;

/* What one thread hands to primitives; the arrays are for each count of rows. */
typedef struct operands {
    dnnl_stream_t stream;
    dnnl_memory_t given[2][SIDES], gradient, bias_gradient;
    product_operands product[2][PRODUCTS];
} operands;

typedef struct onednn {
    convolution_shape shape;
    int64_t rows[2];
    int workers;
    dnnl_engine_t engine;
    dnnl_memory_desc_t given[2][SIDES], bias, plain; /* given: images as callers have them; plain: weights so */
    dnnl_memory_desc_t weights[PRODUCTS];            /* as each product wants them */
    dnnl_alg_kind_t algorithm[PRODUCTS];
    product product[2][PRODUCTS];
    dnnl_primitive_t pack[2], unpack;
    real *packed[2], *loaded_bias;
    dnnl_memory_t packed_weights[2], packed_bias, plain_weights, packed_gradient;
    operands *operands; /* [workers] */
} onednn;

/* The side that a product writes; none of the two: SIDES. */
static inline int written_side(int product) {
    return product == FORWARD ? OUTPUT : product == BACKWARD_INPUT ? INPUT : SIDES;
}

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

/* What a product works on. */
typedef struct product_description {
    dnnl_memory_desc_t input, output, weights;
    const dnnl_memory_desc_t *bias; /* NULL: none */
} product_description;

/* The plan of one of PRODUCTS, whose scratch is the caller's. forward: the plan of the forward product, for the others. */
dnnl_status_t onednn_plan_product(dnnl_engine_t engine, const convolution_shape *shape, int product,
                                  dnnl_alg_kind_t algorithm, const product_description *description,
                                  const_dnnl_primitive_desc_t forward, dnnl_primitive_desc_t *plan);

static inline size_t onednn_bytes(const dnnl_memory_desc_t *description) { /* in whole cache lines */
    return (dnnl_memory_desc_get_size(description) + MEMORY_ALIGNMENT - 1) / MEMORY_ALIGNMENT * MEMORY_ALIGNMENT;
}

/* As create and destroy of convolution_ops. */
enot_status onednn_create(enot_context *context, const convolution_shape *shape, const convolution_uses *uses,
                          void **state);
void onednn_destroy(void *state);

#endif
