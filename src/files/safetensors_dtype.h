/* The names that safetensors files give to number types. */
#ifndef ENOT_FILES_SAFETENSORS_DTYPE_H
#define ENOT_FILES_SAFETENSORS_DTYPE_H

#include "files/element.h"

/* "F32" and so on. Static storage. */
const char *safetensors_dtype_name(element_type type);

/* False if no type has that name. */
bool safetensors_dtype_parse(const char *name, element_type *type);

#endif
