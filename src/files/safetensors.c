#include "files/safetensors.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "files/mapped_file.h"
#include "files/safetensors_dtype.h"

enum { LENGTH_SIZE = 8 };
static const uint64_t HEADER_SIZE_MAX = 100000000;
static const char METADATA_KEY[] = "__metadata__";

struct safetensors_file {
    mapped_file mapped;
    json_t *header; /* owns names and metadata */
    safetensor *tensors;
    size_t count;
};

/* What the checks of one file need to know. */
typedef struct checker {
    enot_context *context;
    const char *path;
    const uint8_t *data;
    uint64_t data_size;
} checker;

/* Fails with a message about one tensor. Names come from the file: only their beginning is shown. */
static enot_status fail_tensor(const checker *check, const char *name, const char *what) {
    return context_fail(check->context, ENOT_ERR_FORMAT,
                        "%s: tensor \"%.60s\": %s: the file is damaged, write it again", check->path, name, what);
}

static enot_status parse_shape(const checker *check, const json_t *shape, safetensor *tensor, uint64_t *elements) {
    if (!json_is_array(shape)) return fail_tensor(check, tensor->name, "it has no shape");
    if (json_array_size(shape) > SAFETENSORS_RANK_MAX)
        return fail_tensor(check, tensor->name, "its shape has more than 8 dimensions");
    tensor->rank = (int)json_array_size(shape);
    *elements = 1;
    bool overflow = false, empty = false;
    for (int axis = 0; axis < tensor->rank; axis++) {
        const json_t *extent = json_array_get(shape, (size_t)axis);
        if (!json_is_integer(extent) || json_integer_value(extent) < 0)
            return fail_tensor(check, tensor->name, "its shape holds something else than whole numbers from 0");
        tensor->shape[axis] = json_integer_value(extent);
        if (tensor->shape[axis] == 0) empty = true;
        else overflow |= __builtin_mul_overflow(*elements, (uint64_t)tensor->shape[axis], elements);
    }
    if (overflow || *elements > INT64_MAX / 8) return fail_tensor(check, tensor->name, "its shape is too large");
    if (empty) *elements = 0;
    return ENOT_OK;
}

static enot_status parse_offsets(const checker *check, const json_t *offsets, safetensor *tensor, uint64_t elements) {
    const json_t *begin = json_array_get(offsets, 0), *end = json_array_get(offsets, 1);
    if (json_array_size(offsets) != 2 || !json_is_integer(begin) || !json_is_integer(end))
        return fail_tensor(check, tensor->name, "data_offsets are not two whole numbers");
    json_int_t first = json_integer_value(begin), last = json_integer_value(end);
    if (first < 0 || last < first)
        return fail_tensor(check, tensor->name, "data_offsets are negative or in the wrong order");
    if ((uint64_t)last > check->data_size)
        return fail_tensor(check, tensor->name, "data_offsets lie beyond the end of the file");
    tensor->bytes = check->data + first;
    tensor->size = (size_t)(last - first);
    if (tensor->size != elements * element_size(tensor->dtype))
        return fail_tensor(check, tensor->name, "data_offsets do not match its shape and dtype");
    return ENOT_OK;
}

static enot_status parse_tensor(const checker *check, const char *name, const json_t *entry, safetensor *tensor) {
    tensor->name = name;
    if (!json_is_object(entry)) return fail_tensor(check, name, "its entry in the header is not an object");
    const char *dtype = json_string_value(json_object_get(entry, "dtype"));
    if (!dtype) return fail_tensor(check, name, "it has no dtype");
    if (!safetensors_dtype_parse(dtype, &tensor->dtype))
        return context_fail(
            check->context, ENOT_ERR_FORMAT,
            "%s: tensor \"%.60s\" has dtype \"%.20s\": known are F64 F32 F16 BF16 I64 I32 I16 I8 U64 U32 U16 U8 BOOL",
            check->path, name, dtype);
    uint64_t elements = 0;
    TRY(parse_shape(check, json_object_get(entry, "shape"), tensor, &elements));
    return parse_offsets(check, json_object_get(entry, "data_offsets"), tensor, elements);
}

static enot_status check_metadata(const checker *check, json_t *metadata) {
    if (!json_is_object(metadata))
        return context_fail(check->context, ENOT_ERR_FORMAT, "%s: __metadata__ is not an object: write the file again",
                            check->path);
    const char *key;
    json_t *value;
    json_object_foreach(metadata, key, value) {
        if (!json_is_string(value))
            return context_fail(check->context, ENOT_ERR_FORMAT,
                                "%s: metadata \"%.60s\" is not text: write the file again", check->path, key);
    }
    return ENOT_OK;
}

static int by_place(const void *a, const void *b) {
    const safetensor *one = *(const safetensor *const *)a, *other = *(const safetensor *const *)b;
    if (one->bytes != other->bytes) return (const uint8_t *)one->bytes < (const uint8_t *)other->bytes ? -1 : 1;
    return (one->size > other->size) - (one->size < other->size);
}

/* The format wants the data covered exactly: tensors that share bytes, or bytes of no tensor, mean a damaged header. */
static enot_status check_coverage(const checker *check, const safetensors_file *file) {
    const safetensor **sorted;
    TRY(MEMORY_NEW(check->context, (int64_t)file->count, "a safetensors header", &sorted));
    for (size_t i = 0; i < file->count; i++) sorted[i] = &file->tensors[i];
    qsort(sorted, file->count, sizeof *sorted, by_place);
    const uint8_t *end = check->data;
    enot_status status = ENOT_OK;
    for (size_t i = 0; i < file->count && status == ENOT_OK; i++) {
        const uint8_t *begin = sorted[i]->bytes;
        if (begin < end) status = fail_tensor(check, sorted[i]->name, "its data overlap those of another tensor");
        else if (begin > end) status = fail_tensor(check, sorted[i]->name, "there are unused bytes before its data");
        else end = begin + sorted[i]->size;
    }
    memory_destroy(sorted);
    if (status == ENOT_OK && end != check->data + check->data_size)
        return context_fail(check->context, ENOT_ERR_FORMAT,
                            "%s: there are bytes after the last tensor: the file is damaged, write it again",
                            check->path);
    return status;
}

static enot_status parse_entries(const checker *check, safetensors_file *file) {
    TRY(MEMORY_NEW(check->context, (int64_t)json_object_size(file->header), "a safetensors header", &file->tensors));
    const char *name;
    json_t *entry;
    json_object_foreach(file->header, name, entry) {
        if (strcmp(name, METADATA_KEY) == 0) {
            TRY(check_metadata(check, entry));
            continue;
        }
        TRY(parse_tensor(check, name, entry, &file->tensors[file->count]));
        file->count++;
    }
    return check_coverage(check, file);
}

static enot_status parse_file(enot_context *context, const char *path, safetensors_file *file) {
    const uint8_t *bytes = file->mapped.bytes;
    size_t size = file->mapped.size;
    uint64_t header_size = 0;
    if (size < LENGTH_SIZE)
        return context_fail(context, ENOT_ERR_FORMAT, "%s: too short for a safetensors file: write it again", path);
    for (int i = 0; i < LENGTH_SIZE; i++) header_size |= (uint64_t)bytes[i] << (8 * i);
    if (header_size > size - LENGTH_SIZE || header_size > HEADER_SIZE_MAX)
        return context_fail(
            context, ENOT_ERR_FORMAT,
            "%s: not a safetensors file, or cut short: its header should have %llu bytes, the file has %zu", path,
            (unsigned long long)header_size, size);
    json_error_t error;
    file->header = json_loadb((const char *)bytes + LENGTH_SIZE, (size_t)header_size, JSON_REJECT_DUPLICATES, &error);
    if (!file->header)
        return context_fail(context, ENOT_ERR_FORMAT,
                            "%s: the safetensors header is not valid JSON (%s at byte %d): write the file again", path,
                            error.text, error.position);
    if (!json_is_object(file->header))
        return context_fail(context, ENOT_ERR_FORMAT,
                            "%s: the safetensors header is not a JSON object: write the file again", path);
    checker check = {context, path, bytes + LENGTH_SIZE + header_size, size - LENGTH_SIZE - header_size};
    return parse_entries(&check, file);
}

enot_status safetensors_open(enot_context *context, const char *path, safetensors_file **file) {
    safetensors_file *created;
    TRY(MEMORY_NEW(context, 1, "a safetensors file", &created));
    enot_status status = mapped_file_open(context, path, &created->mapped);
    if (status == ENOT_OK) status = parse_file(context, path, created);
    if (status != ENOT_OK) {
        safetensors_close(created);
        return status;
    }
    *file = created;
    return ENOT_OK;
}

void safetensors_close(safetensors_file *file) {
    if (!file) return;
    mapped_file_close(&file->mapped);
    json_decref(file->header);
    memory_destroy(file->tensors);
    memory_destroy(file);
}

size_t safetensors_count(const safetensors_file *file) { return file->count; }

const safetensor *safetensors_at(const safetensors_file *file, size_t index) { return &file->tensors[index]; }

const safetensor *safetensors_find(const safetensors_file *file, const char *name) {
    for (size_t i = 0; i < file->count; i++)
        if (strcmp(file->tensors[i].name, name) == 0) return &file->tensors[i];
    return NULL;
}

const char *safetensors_metadata(const safetensors_file *file, const char *key) {
    return json_string_value(json_object_get(json_object_get(file->header, METADATA_KEY), key));
}

int64_t safetensor_elements(const safetensor *tensor) {
    int64_t elements = 1;
    for (int axis = 0; axis < tensor->rank; axis++) elements *= tensor->shape[axis];
    return elements;
}

void safetensor_to_double(const safetensor *tensor, int64_t first, int64_t count, double *values) {
    size_t size = element_size(tensor->dtype);
    element_to_double(tensor->dtype, false, (const uint8_t *)tensor->bytes + (size_t)first * size, size, count, values);
}
