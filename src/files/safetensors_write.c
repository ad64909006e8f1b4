#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "files/atomic_file.h"
#include "files/safetensors.h"
#include "files/safetensors_dtype.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "tensors are written as they lie in memory, and files are little-endian");

enum { LENGTH_SIZE = 8, ALIGNMENT = 8 };

static enot_status tensor_size(enot_context *context, const safetensor *tensor, uint64_t *size) {
    *size = element_size(tensor->dtype);
    for (int axis = 0; axis < tensor->rank; axis++)
        if (tensor->shape[axis] < 0 || __builtin_mul_overflow(*size, (uint64_t)tensor->shape[axis], size) ||
            *size > INT64_MAX)
            return context_fail(context, ENOT_ERR_ARGUMENT, "tensor %s has a shape that cannot be written",
                                tensor->name);
    return ENOT_OK;
}

/*
 * Places of the data: wide elements first, so that each tensor is aligned to its elements though the format allows no
 * gaps. Tensors of equal width keep their order.
 */
static enot_status place_data(enot_context *context, const safetensor *tensors, size_t count, uint64_t *begin) {
    uint64_t end = 0;
    for (size_t width = 8; width > 0; width /= 2)
        for (size_t i = 0; i < count; i++) {
            if (element_size(tensors[i].dtype) != width) continue;
            uint64_t size;
            TRY(tensor_size(context, &tensors[i], &size));
            begin[i] = end;
            if (__builtin_add_overflow(end, size, &end) || end > INT64_MAX)
                return context_fail(context, ENOT_ERR_ARGUMENT, "the tensors are together too large for one file");
        }
    return ENOT_OK;
}

static json_t *metadata_json(const safetensors_pair *metadata, size_t count) {
    json_t *object = json_object();
    for (size_t i = 0; object && i < count; i++)
        if (json_object_set_new(object, metadata[i].key, json_string(metadata[i].value)) != 0) {
            json_decref(object);
            return NULL;
        }
    return object;
}

static json_t *tensor_json(const safetensor *tensor, uint64_t begin, uint64_t end) {
    json_t *shape = json_array();
    for (int axis = 0; axis < tensor->rank; axis++)
        if (json_array_append_new(shape, json_integer(tensor->shape[axis])) != 0) {
            json_decref(shape);
            return NULL;
        }
    return json_pack("{s:s, s:o, s:[I, I]}", "dtype", safetensors_dtype_name(tensor->dtype), "shape", shape,
                     "data_offsets", (json_int_t)begin, (json_int_t)end);
}

static char *header_text(const safetensor *tensors, size_t tensor_count, const uint64_t *begin,
                         const safetensors_pair *metadata, size_t pair_count) {
    json_t *header = json_object();
    char *text = NULL;
    if (!header) return NULL;
    if (pair_count > 0 && json_object_set_new(header, "__metadata__", metadata_json(metadata, pair_count)) != 0)
        goto done;
    for (size_t i = 0; i < tensor_count; i++) {
        uint64_t size = (uint64_t)safetensor_elements(&tensors[i]) * element_size(tensors[i].dtype);
        if (json_object_set_new(header, tensors[i].name, tensor_json(&tensors[i], begin[i], begin[i] + size)) != 0)
            goto done;
    }
    text = json_dumps(header, JSON_COMPACT);
done:
    json_decref(header);
    return text;
}

/* Length field, text, and spaces up to the alignment. */
static enot_status pack_header(enot_context *context, const char *text, size_t size_min, uint8_t **bytes,
                               size_t *size) {
    size_t text_size = strlen(text), total = LENGTH_SIZE + text_size;
    if (total < size_min) total = size_min;
    total = (total + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    TRY(MEMORY_NEW(context, (int64_t)total, "a safetensors header", bytes));
    for (int i = 0; i < LENGTH_SIZE; i++) (*bytes)[i] = (uint8_t)((uint64_t)(total - LENGTH_SIZE) >> (8 * i));
    memcpy(*bytes + LENGTH_SIZE, text, text_size);
    memset(*bytes + LENGTH_SIZE + text_size, ' ', total - LENGTH_SIZE - text_size);
    *size = total;
    return ENOT_OK;
}

enot_status safetensors_header(enot_context *context, const safetensor *tensors, size_t tensor_count,
                               const safetensors_pair *metadata, size_t pair_count, size_t size_min, uint8_t **text,
                               size_t *size) {
    uint64_t *begin;
    TRY(MEMORY_NEW(context, (int64_t)tensor_count, "a safetensors header", &begin));
    enot_status status = place_data(context, tensors, tensor_count, begin);
    if (status == ENOT_OK) {
        char *json = header_text(tensors, tensor_count, begin, metadata, pair_count);
        status = json ? pack_header(context, json, size_min, text, size)
                      : context_fail(context, ENOT_ERR_ARGUMENT,
                                     "cannot write a safetensors header: a name is not UTF-8 text");
        free(json);
    }
    memory_destroy(begin);
    return status;
}

/* In the order of place_data. */
static enot_status write_data(enot_context *context, atomic_file *file, const safetensor *tensors, size_t count) {
    for (size_t width = 8; width > 0; width /= 2)
        for (size_t i = 0; i < count; i++)
            if (element_size(tensors[i].dtype) == width)
                TRY(atomic_file_write(context, file, tensors[i].bytes,
                                      (size_t)safetensor_elements(&tensors[i]) * width));
    return ENOT_OK;
}

enot_status safetensors_write(enot_context *context, const char *path, const safetensor *tensors, size_t tensor_count,
                              const safetensors_pair *metadata, size_t pair_count) {
    uint8_t *header = NULL;
    size_t size;
    atomic_file *file = NULL;
    TRY(safetensors_header(context, tensors, tensor_count, metadata, pair_count, 0, &header, &size));
    enot_status status = atomic_file_open(context, path, &file);
    if (status == ENOT_OK) status = atomic_file_write(context, file, header, size);
    if (status == ENOT_OK) status = write_data(context, file, tensors, tensor_count);
    if (status == ENOT_OK) status = atomic_file_commit(context, file);
    else atomic_file_discard(file);
    memory_destroy(header);
    return status;
}
