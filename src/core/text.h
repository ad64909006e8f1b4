/* Text that grows as it is written. */
#ifndef ENOT_CORE_TEXT_H
#define ENOT_CORE_TEXT_H

#include "core/context.h"

/* Begins as {0}. */
typedef struct text {
    char *at;
    size_t length, capacity;
    int failed; /* there was no memory */
} text;

__attribute__((format(printf, 2, 3))) void text_append(text *t, const char *format, ...);

/* *out = what was written, to be freed by free(); t is empty again. purpose goes into the error message. */
enot_status text_take(enot_context *context, text *t, const char *purpose, char **out);

#endif
