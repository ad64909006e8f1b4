/* A 64-bit hash that tells data apart; the same on every machine and in every version. Not for secrets. */
#ifndef ENOT_CORE_FINGERPRINT_H
#define ENOT_CORE_FINGERPRINT_H

#include <stddef.h>
#include <stdint.h>

typedef struct fingerprint {
    uint64_t state;
} fingerprint;

fingerprint fingerprint_start(void);
/* The bytes of one thing: "ab" then "c" is not "a" then "bc". */
void fingerprint_add(fingerprint *mark, const void *bytes, size_t size);
uint64_t fingerprint_value(const fingerprint *mark);

#endif
