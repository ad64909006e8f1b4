#include "core/memory.h"

#include <stdlib.h>
#include <string.h>

enot_status memory_create(enot_context *context, int64_t count, size_t size, const char *purpose, void **out) {
    size_t bytes;
    if (count < 0 || __builtin_mul_overflow((size_t)count, size, &bytes) || bytes > SIZE_MAX - MEMORY_ALIGNMENT)
        return context_fail_memory(context, SIZE_MAX, purpose);
    bytes = (bytes + MEMORY_ALIGNMENT - 1) / MEMORY_ALIGNMENT * MEMORY_ALIGNMENT;
    if (bytes == 0) bytes = MEMORY_ALIGNMENT;
    void *memory = aligned_alloc(MEMORY_ALIGNMENT, bytes);
    if (!memory) return context_fail_memory(context, bytes, purpose);
    memset(memory, 0, bytes);
    *out = memory;
    return ENOT_OK;
}

void memory_destroy(void *memory) { free(memory); }
