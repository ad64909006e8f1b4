/* Aligned, zeroed memory whose sizes are checked for overflow. */
#ifndef ENOT_CORE_MEMORY_H
#define ENOT_CORE_MEMORY_H

#include "core/context.h"

#define MEMORY_ALIGNMENT 64

/* *out = count elements of the given size, zeroed, aligned to MEMORY_ALIGNMENT; NULL on failure. purpose goes into the error message. */
enot_status memory_create(enot_context *context, int64_t count, size_t size, const char *purpose, void **out);

/* Accepts NULL. */
void memory_destroy(void *memory);

/* memory_create for an array of the pointer's own type. */
#define MEMORY_NEW(context, count, purpose, pointer) \
    memory_create((context), (count), sizeof **(pointer), (purpose), (void **)(pointer))

#endif
