/*
 * safetensors files: named arrays and text metadata (format: 8 bytes of header length, a JSON header, the data). Map
 * files, checkpoints and tables of samples are such files.
 */
#ifndef ENOT_FILES_SAFETENSORS_H
#define ENOT_FILES_SAFETENSORS_H

#include "core/context.h"
#include "files/element.h"

#define SAFETENSORS_RANK_MAX 8

typedef struct safetensor {
    const char *name;
    element_type dtype;
    int rank;
    int64_t shape[SAFETENSORS_RANK_MAX];
    const void *bytes; /* row-major, little-endian, in a file that was opened not aligned */
    size_t size;       /* of bytes; safetensors_write computes its own */
} safetensor;

typedef struct safetensors_pair {
    const char *key, *value; /* UTF-8 */
} safetensors_pair;

typedef struct safetensors_file safetensors_file;

/* Maps the file and checks its whole header: every tensor lies within the file and has the size its shape says. */
enot_status safetensors_open(enot_context *context, const char *path, safetensors_file **file);

/* Also ends the life of the tensors and metadata. Accepts NULL. */
void safetensors_close(safetensors_file *file);

size_t safetensors_count(const safetensors_file *file);
/* index: 0 .. count - 1, in the order of the header. */
const safetensor *safetensors_at(const safetensors_file *file, size_t index);
/* NULL if there is none of that name. */
const safetensor *safetensors_find(const safetensors_file *file, const char *name);
/* NULL if there is no such key. */
const char *safetensors_metadata(const safetensors_file *file, const char *key);

/* Product of the shape. */
int64_t safetensor_elements(const safetensor *tensor);
/* values[i] = element first + i, i < count. */
void safetensor_to_double(const safetensor *tensor, int64_t first, int64_t count, double *values);

/* Writes atomically. Header entries and metadata keep the given order: the same input gives the same bytes. */
enot_status safetensors_write(enot_context *context, const char *path, const safetensor *tensors, size_t tensor_count,
                              const safetensors_pair *metadata, size_t pair_count);

/*
 * The first bytes of a file with these tensors, length field included, padded with spaces to a multiple of 8 and to at
 * least size_min bytes. *text is to be freed with memory_destroy.
 */
enot_status safetensors_header(enot_context *context, const safetensor *tensors, size_t tensor_count,
                               const safetensors_pair *metadata, size_t pair_count, size_t size_min, uint8_t **text,
                               size_t *size);

#endif
