/* One product of a convolution as a bare primitive of oneDNN, to be timed alone: no other work, its operands ready. */
#ifndef ENOT_BENCH_BARE_CONVOLUTION_H
#define ENOT_BENCH_BARE_CONVOLUTION_H

#include "net/conv/backend/onednn_convolution.h"

/* How it is computed. */
typedef struct bare_way {
    int own_threads; /* the whole batch in one call on oneDNN's threads, or parts of it, one on each of the context's */
    int plain;       /* images with channels last, or in the order that oneDNN prefers */
    int winograd;    /* Winograd's algorithm, or the sums as they are defined */
} bare_way;

/* Memory that all of a measurement share. What is read is never written, so that numbers stay of ordinary size. */
typedef struct bare_memory {
    char *input, *output, *weights, *written_images, *written_weights, *scratch;
    size_t images_bytes, weights_bytes, scratch_bytes; /* weights and scratch: of one thread */
} bare_memory;

typedef struct bare_convolution {
    enot_context *context;
    convolution_shape shape; /* biases are left out */
    int product;             /* FORWARD, BACKWARD_INPUT or BACKWARD_WEIGHTS */
    bare_way way;
    int64_t calls; /* that the batch takes */
    dnnl_primitive_desc_t plan;
    dnnl_primitive_t primitive;
    dnnl_memory_t *input, *output;    /* [calls] */
    dnnl_memory_t *weights, *scratch; /* [threads] */
    dnnl_stream_t *streams;           /* [threads] */
} bare_convolution;

/* Makes the primitive, unless oneDNN has no Winograd algorithm for it, and grows the sizes of memory to what it needs.
 */
enot_status bare_convolution_plan(enot_context *context, dnnl_engine_t engine, const convolution_shape *shape,
                                  int product, int64_t rows, bare_way way, bare_memory *sizes, bare_convolution *bare);
/* Once memory is there. */
enot_status bare_convolution_bind(bare_convolution *bare, dnnl_engine_t engine, const bare_memory *memory);
void bare_convolution_destroy(bare_convolution *bare);

/* Seconds of the product over the whole batch. */
double bare_convolution_time(bare_convolution *bare);

enot_status bare_memory_create(enot_context *context, bare_memory *memory);
void bare_memory_destroy(bare_memory *memory);

#endif
