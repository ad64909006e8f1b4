#include "files/safetensors_dtype.h"

#include <string.h>

static const char *const NAMES[] = {
    [ELEMENT_F64] = "F64",  [ELEMENT_F32] = "F32", [ELEMENT_F16] = "F16", [ELEMENT_BF16] = "BF16",
    [ELEMENT_I64] = "I64",  [ELEMENT_I32] = "I32", [ELEMENT_I16] = "I16", [ELEMENT_I8] = "I8",
    [ELEMENT_U64] = "U64",  [ELEMENT_U32] = "U32", [ELEMENT_U16] = "U16", [ELEMENT_U8] = "U8",
    [ELEMENT_BOOL] = "BOOL"};

const char *safetensors_dtype_name(element_type type) { return NAMES[type]; }

bool safetensors_dtype_parse(const char *name, element_type *type) {
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        if (strcmp(name, NAMES[i]) != 0) continue;
        *type = (element_type)i;
        return true;
    }
    return false;
}
