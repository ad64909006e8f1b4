#include "core/memory.h"

#include <stdlib.h>
#include <sys/mman.h>

/* What the system may map with one entry of the address-translation tables, if asked; 4 KiB otherwise. */
#define HUGE_PAGE ((size_t)1 << 21)

/*
 * Memory that the system has just handed over is zero already: calloc knows, and does not touch it, so that the threads that first
 * use it do so side by side. Its address is kept before the aligned one.
 *
 * Large memory is on huge pages: a training step walks through all of it, and translation would cost a tenth of its time.
 */
static void *allocate(size_t bytes) {
    size_t alignment = bytes < HUGE_PAGE ? MEMORY_ALIGNMENT : HUGE_PAGE;
    char *start = calloc(1, bytes + sizeof start + alignment);
    if (!start) return NULL;
    char *memory = start + sizeof start;
    memory += alignment - (uintptr_t)memory % alignment;
#ifdef MADV_HUGEPAGE
    if (bytes >= HUGE_PAGE) madvise(memory, bytes / HUGE_PAGE * HUGE_PAGE, MADV_HUGEPAGE); /* a wish: refused, pages are small */
#endif
    ((char **)memory)[-1] = start;
    return memory;
}

enot_status memory_create(enot_context *context, int64_t count, size_t size, const char *purpose, void **out) {
    size_t bytes;
    *out = NULL;
    if (count < 0 || __builtin_mul_overflow((size_t)count, size, &bytes) || bytes > SIZE_MAX - 2 * HUGE_PAGE)
        return context_fail_memory(context, SIZE_MAX, purpose);
    void *memory = allocate(bytes);
    if (!memory) return context_fail_memory(context, bytes, purpose);
    *out = memory;
    return ENOT_OK;
}

void memory_destroy(void *memory) {
    if (memory) free(((char **)memory)[-1]);
}
