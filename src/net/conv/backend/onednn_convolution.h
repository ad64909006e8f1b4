/* What planning a convolution by oneDNN and running it share. */
#ifndef ENOT_NET_CONV_ONEDNN_CONVOLUTION_H
#define ENOT_NET_CONV_ONEDNN_CONVOLUTION_H

#include "net/conv/backend/onednn.h"

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

typedef struct planned_convolution {
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
} planned_convolution;

/* The side that a product writes; none of the two: SIDES. */
static inline int written_side(int product) {
    return product == FORWARD ? OUTPUT : product == BACKWARD_INPUT ? INPUT : SIDES;
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

/* As create and destroy of convolution_ops. */
enot_status onednn_convolution_create(enot_context *context, const convolution_shape *shape, const conv_uses *uses,
                                      void **state);
void onednn_convolution_destroy(void *state);

#endif
