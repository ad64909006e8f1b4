#ifndef ENOT_REAL_DOUBLE

#include "net/conv/backend/onednn.h"

dnnl_status_t onednn_describe_images(dnnl_memory_desc_t *out, int64_t rows, int64_t channels, int64_t height,
                                     int64_t width, int64_t group) {
    return dnnl_memory_desc_init_by_tag(out, 4, (dnnl_dims_t){rows, channels, height, width}, dnnl_f32,
                                        group > 0 ? dnnl_nChw16c : dnnl_nhwc);
}

dnnl_status_t onednn_plan(dnnl_engine_t engine, const void *operation, const_dnnl_primitive_desc_t forward,
                          dnnl_primitive_desc_t *plan) {
    dnnl_primitive_attr_t attributes;
    TRY_DNNL(dnnl_primitive_attr_create(&attributes));
    dnnl_status_t status = dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user);
    if (status == dnnl_success) status = dnnl_primitive_desc_create(plan, operation, attributes, engine, forward);
    dnnl_primitive_attr_destroy(attributes);
    return status;
}

dnnl_status_t onednn_execute(dnnl_primitive_t primitive, dnnl_stream_t stream, int count,
                             const dnnl_exec_arg_t *arguments) {
    int before = onednn_run_alone();
    dnnl_status_t status = dnnl_primitive_execute(primitive, stream, count, arguments);
    omp_set_num_threads(before);
    return status;
}

void onednn_destroy_memory(dnnl_memory_t memory) {
    if (memory) dnnl_memory_destroy(memory);
}

void onednn_destroy_primitive(dnnl_primitive_t primitive) {
    if (primitive) dnnl_primitive_destroy(primitive);
}

void onednn_destroy_plan(dnnl_primitive_desc_t plan) {
    if (plan) dnnl_primitive_desc_destroy(plan);
}

/* Of images for processors with vectors of 16 numbers, and what the algorithm of Winograd is written for. */
static int64_t group(void) { return dnnl_get_effective_cpu_isa() >= dnnl_cpu_isa_avx512_core ? 16 : 0; }

const conv_backend conv_onednn = {&onednn_convolution, &onednn_pool, group};

#endif
