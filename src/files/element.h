/* Number types that files hold, and their conversion to double. */
#ifndef ENOT_FILES_ELEMENT_H
#define ENOT_FILES_ELEMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum element_type {
    ELEMENT_F64,
    ELEMENT_F32,
    ELEMENT_F16,
    ELEMENT_BF16,
    ELEMENT_I64,
    ELEMENT_I32,
    ELEMENT_I16,
    ELEMENT_I8,
    ELEMENT_U64,
    ELEMENT_U32,
    ELEMENT_U16,
    ELEMENT_U8,
    ELEMENT_BOOL
} element_type;

/* As numpy calls it: "float32". Static storage. */
const char *element_name(element_type type);

/* Bytes of one element. */
size_t element_size(element_type type);

/* values[i] = the element at bytes + i stride, in the given byte order; no alignment is needed. */
void element_to_double(element_type type, bool big_endian, const uint8_t *bytes, size_t stride, int64_t count,
                       double *values);

#endif
