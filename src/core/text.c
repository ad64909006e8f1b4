#include "core/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static const size_t FIRST_CAPACITY = 256;

/* Room for more characters and the zero at the end. */
static int make_room(text *t, size_t more) {
    size_t capacity = t->capacity ? t->capacity : FIRST_CAPACITY;
    while (capacity <= t->length + more) capacity *= 2;
    if (capacity == t->capacity) return 1;
    char *larger = realloc(t->at, capacity);
    if (!larger) return 0;
    t->at = larger;
    t->capacity = capacity;
    return 1;
}

void text_append(text *t, const char *format, ...) {
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int more = vsnprintf(NULL, 0, format, arguments);
    if (more < 0 || t->failed || !make_room(t, (size_t)more))
        t->failed = 1;
    else
        t->length += (size_t)vsnprintf(t->at + t->length, t->capacity - t->length, format, again);
    va_end(again);
    va_end(arguments);
}

enot_status text_take(enot_context *context, text *t, const char *purpose, char **out) {
    size_t size = t->capacity;
    char *written = t->at;
    int failed = t->failed || !written;
    *t = (text){0};
    if (!failed) {
        *out = written;
        return ENOT_OK;
    }
    free(written);
    return context_fail_memory(context, size, purpose);
}
