#include "files/element.h"

#include <string.h>

static const bool HOST_BIG_ENDIAN = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;

const char *element_name(element_type type) {
    static const char *const names[] = {
        [ELEMENT_F64] = "float64", [ELEMENT_F32] = "float32", [ELEMENT_F16] = "float16", [ELEMENT_BF16] = "bfloat16",
        [ELEMENT_I64] = "int64",   [ELEMENT_I32] = "int32",   [ELEMENT_I16] = "int16",   [ELEMENT_I8] = "int8",
        [ELEMENT_U64] = "uint64",  [ELEMENT_U32] = "uint32",  [ELEMENT_U16] = "uint16",  [ELEMENT_U8] = "uint8",
        [ELEMENT_BOOL] = "bool"};
    return names[type];
}

size_t element_size(element_type type) {
    switch (type) {
    case ELEMENT_F64:
    case ELEMENT_I64:
    case ELEMENT_U64: return 8;
    case ELEMENT_F32:
    case ELEMENT_I32:
    case ELEMENT_U32: return 4;
    case ELEMENT_F16:
    case ELEMENT_BF16:
    case ELEMENT_I16:
    case ELEMENT_U16: return 2;
    case ELEMENT_I8:
    case ELEMENT_U8:
    case ELEMENT_BOOL: return 1;
    }
    return 0;
}

static uint16_t load16(const uint8_t *bytes, bool swap) {
    uint16_t word;
    memcpy(&word, bytes, sizeof word);
    return swap ? __builtin_bswap16(word) : word;
}

static uint32_t load32(const uint8_t *bytes, bool swap) {
    uint32_t word;
    memcpy(&word, bytes, sizeof word);
    return swap ? __builtin_bswap32(word) : word;
}

static uint64_t load64(const uint8_t *bytes, bool swap) {
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return swap ? __builtin_bswap64(word) : word;
}

static double from_f64(uint64_t bits) {
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static double from_f32(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* IEEE 754 half precision: 1 sign, 5 exponent, 10 fraction bits. */
static double from_f16(uint16_t bits) {
    uint64_t sign = (uint64_t)(bits >> 15) << 63, exponent = bits >> 10 & 31, fraction = bits & 1023;
    if (exponent == 0) {
        double magnitude = (double)fraction * 0x1p-24;
        return sign ? -magnitude : magnitude;
    }
    uint64_t wide_exponent = exponent == 31 ? 2047 : exponent - 15 + 1023;
    return from_f64(sign | wide_exponent << 52 | fraction << 42);
}

static double element_at(element_type type, bool swap, const uint8_t *bytes) {
    switch (type) {
    case ELEMENT_F64: return from_f64(load64(bytes, swap));
    case ELEMENT_F32: return from_f32(load32(bytes, swap));
    case ELEMENT_F16: return from_f16(load16(bytes, swap));
    case ELEMENT_BF16: return from_f32((uint32_t)load16(bytes, swap) << 16);
    case ELEMENT_I64: return (double)(int64_t)load64(bytes, swap);
    case ELEMENT_I32: return (int32_t)load32(bytes, swap);
    case ELEMENT_I16: return (int16_t)load16(bytes, swap);
    case ELEMENT_I8: return (int8_t)*bytes;
    case ELEMENT_U64: return (double)load64(bytes, swap);
    case ELEMENT_U32: return load32(bytes, swap);
    case ELEMENT_U16: return load16(bytes, swap);
    case ELEMENT_U8: return *bytes;
    case ELEMENT_BOOL: return *bytes != 0;
    }
    return 0;
}

void element_to_double(element_type type, bool big_endian, const uint8_t *bytes, size_t stride, int64_t count,
                       double *values) {
    bool swap = big_endian != HOST_BIG_ENDIAN;
    if (type == ELEMENT_F64 && !swap && stride == sizeof(double)) {
        if (count > 0) memcpy(values, bytes, (size_t)count * sizeof(double));
        return;
    }
    for (int64_t i = 0; i < count; i++) values[i] = element_at(type, swap, bytes + (size_t)i * stride);
}
