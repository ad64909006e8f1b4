/*
 * What the layers by oneDNN share. A primitive's plan may depend on the number of threads that it was made for, and
 * oneDNN asks OpenMP, so primitives are made and run while OpenMP's number of threads, a setting of each thread, is 1.
 * Their scratch is the caller's.
 */
#ifndef ENOT_NET_CONV_ONEDNN_H
#define ENOT_NET_CONV_ONEDNN_H

#include <dnnl.h>
#include <omp.h>

#include "core/memory.h"
#include "net/conv/backend/backend.h"

extern const convolution_ops onednn_convolution;
extern const pool_ops onednn_pool;

/* The first failure of a sequence of calls to oneDNN. */
#define TRY_DNNL(call)                                                                                                 \
    do {                                                                                                               \
        dnnl_status_t try_status = (call);                                                                             \
        if (try_status != dnnl_success) return try_status;                                                             \
    } while (0)

/* Returns the calling thread's setting, to be restored. */
static inline int onednn_run_alone(void) {
    int before = omp_get_max_threads();
    omp_set_num_threads(1);
    return before;
}

static inline int64_t onednn_reals(const dnnl_memory_desc_t *description) {
    return (int64_t)(dnnl_memory_desc_get_size(description) / sizeof(real));
}

static inline size_t onednn_bytes(const dnnl_memory_desc_t *description) { /* in whole cache lines */
    return (dnnl_memory_desc_get_size(description) + MEMORY_ALIGNMENT - 1) / MEMORY_ALIGNMENT * MEMORY_ALIGNMENT;
}

/* group: 16 channels, or 0. */
dnnl_status_t onednn_describe_images(dnnl_memory_desc_t *out, int64_t rows, int64_t channels, int64_t height,
                                     int64_t width, int64_t group);

/* The plan of an operation that oneDNN describes. forward: that of the forward pass, for a backward one. */
dnnl_status_t onednn_plan(dnnl_engine_t engine, const void *operation, const_dnnl_primitive_desc_t forward,
                          dnnl_primitive_desc_t *plan);

dnnl_status_t onednn_execute(dnnl_primitive_t primitive, dnnl_stream_t stream, int count,
                             const dnnl_exec_arg_t *arguments);

/* All accept NULL. */
void onednn_destroy_memory(dnnl_memory_t memory);
void onednn_destroy_primitive(dnnl_primitive_t primitive);
void onednn_destroy_plan(dnnl_primitive_desc_t plan);

#endif
