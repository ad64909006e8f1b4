#include "core/fingerprint.h"

#include <string.h>

/* Multiply and fold by 64-bit words (FNV-1a's step, Fowler, Noll and Vo), finished with MurmurHash3's mixing. */
static const uint64_t BASIS = UINT64_C(0xcbf29ce484222325), PRIME = UINT64_C(0x100000001b3);

static uint64_t absorb(uint64_t state, uint64_t word) {
    state = (state ^ word) * PRIME;
    return state ^ state >> 29;
}

fingerprint fingerprint_start(void) { return (fingerprint){BASIS}; }

void fingerprint_add(fingerprint *mark, const void *bytes, size_t size) {
    const uint8_t *next = bytes;
    uint64_t word;
    mark->state = absorb(mark->state, size);
    for (; size >= sizeof word; next += sizeof word, size -= sizeof word) {
        memcpy(&word, next, sizeof word);
        mark->state = absorb(mark->state, word);
    }
    word = 0;
    memcpy(&word, next, size);
    mark->state = absorb(mark->state, word);
}

uint64_t fingerprint_value(const fingerprint *mark) {
    uint64_t value = mark->state;
    value = (value ^ value >> 33) * UINT64_C(0xff51afd7ed558ccd);
    value = (value ^ value >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
    return value ^ value >> 33;
}
