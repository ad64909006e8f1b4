#include "arguments/choose.h"

/* SplitMix64 (Steele, Lea, Flood 2014). */
static uint64_t next_random(uint64_t *state) {
    uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

void choose(size_t *index, size_t count, size_t wanted, uint64_t seed) {
    for (size_t i = 0; i < count; i++) index[i] = i;
    for (size_t i = 0; i < wanted; i++) {
        size_t j = i + (size_t)(next_random(&seed) % (count - i));
        size_t chosen = index[j];
        index[j] = index[i];
        index[i] = chosen;
    }
}
