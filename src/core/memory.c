#include "core/memory.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* What the system may map with one entry of the address-translation tables, if asked; 4 KiB otherwise. */
#define HUGE_PAGE ((size_t)1 << 21)

/* Large memory on huge pages: a training step walks through all of it, and translation would cost a tenth of its time. */
static void *allocate(size_t bytes) {
    if (bytes < HUGE_PAGE) return aligned_alloc(MEMORY_ALIGNMENT, bytes);
    void *memory = aligned_alloc(HUGE_PAGE, (bytes + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE);
#ifdef MADV_HUGEPAGE
    if (memory) madvise(memory, bytes / HUGE_PAGE * HUGE_PAGE, MADV_HUGEPAGE); /* a wish: refused, pages are small */
#endif
    return memory;
}

enot_status memory_create(enot_context *context, int64_t count, size_t size, const char *purpose, void **out) {
    size_t bytes;
    if (count < 0 || __builtin_mul_overflow((size_t)count, size, &bytes) || bytes > SIZE_MAX - HUGE_PAGE)
        return context_fail_memory(context, SIZE_MAX, purpose);
    bytes = (bytes + MEMORY_ALIGNMENT - 1) / MEMORY_ALIGNMENT * MEMORY_ALIGNMENT;
    if (bytes == 0) bytes = MEMORY_ALIGNMENT;
    void *memory = allocate(bytes);
    if (!memory) return context_fail_memory(context, bytes, purpose);
    memset(memory, 0, bytes);
    *out = memory;
    return ENOT_OK;
}

void memory_destroy(void *memory) { free(memory); }
