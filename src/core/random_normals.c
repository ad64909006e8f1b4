/* random_normal many times over, sixteen at a time: philox, logarithm and cosine as loops without calls, so that they vectorise. */
#include <math.h>
#include <string.h>

#include "core/clones.h"
#include "core/random.h"

enum { LANES = 16 };

#define SIMD _Pragma("omp simd")

/* Philox4x32-10 of LANES counters that differ in their first word (Salmon et al. 2011). */
CLONES static void philox_lanes(const uint32_t key[2], const uint32_t counter[4], uint32_t words[4][LANES]) {
    SIMD for (uint32_t i = 0; i < LANES; i++) {
        uint32_t a = counter[0] + i, b = counter[1], c = counter[2], d = counter[3], k = key[0], l = key[1];
        for (int round = 0; round < 10; round++, k += 0x9e3779b9, l += 0xbb67ae85) {
            uint64_t left = (uint64_t)0xd2511f53 * a, right = (uint64_t)0xcd9e8d57 * c;
            a = (uint32_t)(right >> 32) ^ b ^ k;
            b = (uint32_t)right;
            c = (uint32_t)(left >> 32) ^ d ^ l;
            d = (uint32_t)left;
        }
        words[0][i] = a, words[1][i] = b, words[2][i] = c, words[3][i] = d;
    }
}

typedef union bits {
    double value;
    uint64_t word;
} bits;

/* Uniform in [0, 1): 52 bits put behind the exponent of 1, and the last one of random_uniform's 53. */
static inline double uniform(uint32_t high, uint32_t low) {
    uint64_t number = ((uint64_t)high << 32 | low) >> 11;
    bits fraction = {.word = 0x3ff0000000000000 | number >> 1}, last = {.word = 0x3ff0000000000000 | (number & 1)};
    return (fraction.value - 1) + (last.value - 1) * 0.5;
}

/* x in (0, 1]: x = 2^n m with m in [sqrt .5, sqrt 2), log m = 2 artanh((m - 1) / (m + 1)). */
static inline double logarithm(double x) {
    const uint64_t one = 0x3ff0000000000000, root = 0x3fe6a09e667f3bcd;
    bits whole = {.value = x}, shifted = {.word = whole.word + (one - root)};
    bits power = {.word = 0x4330000000000000 | shifted.word >> 52}, m = {.word = (shifted.word & 0x000fffffffffffff) + root};
    double n = power.value - (0x1p52 + 1023), s = (m.value - 1) / (m.value + 1), t = s * s;
    double p = 1.0 / 21;
    p = p * t + 1.0 / 19;
    p = p * t + 1.0 / 17;
    p = p * t + 1.0 / 15;
    p = p * t + 1.0 / 13;
    p = p * t + 1.0 / 11;
    p = p * t + 1.0 / 9;
    p = p * t + 1.0 / 7;
    p = p * t + 1.0 / 5;
    p = p * t + 1.0 / 3;
    return n * 0.69314718055994530942 + 2 * s * (p * t + 1);
}

/* cos(2 pi turn), turn in [0, 1): sine's series on the nearest quarter. */
static inline double cosine(double turn) {
    double x = (0.25 - (turn > 0.5 ? 1 - turn : turn)) * 6.283185307179586476925286766559, s = x * x;
    double p = 1.0 / 51090942171709440000.0;
    p = p * s - 1.0 / 121645100408832000.0;
    p = p * s + 1.0 / 355687428096000.0;
    p = p * s - 1.0 / 1307674368000.0;
    p = p * s + 1.0 / 6227020800.0;
    p = p * s - 1.0 / 39916800.0;
    p = p * s + 1.0 / 362880.0;
    p = p * s - 1.0 / 5040.0;
    p = p * s + 1.0 / 120.0;
    p = p * s - 1.0 / 6.0;
    return x * (p * s + 1);
}

CLONES static void normals_of_words(const uint32_t words[4][LANES], double *restrict out) {
    double square[LANES], turned[LANES];
    SIMD for (int i = 0; i < LANES; i++) {
        square[i] = -2 * logarithm(1 - uniform(words[0][i], words[1][i]));
        turned[i] = cosine(uniform(words[2][i], words[3][i]));
    }
    SIMD for (int i = 0; i < LANES; i++) out[i] = __builtin_sqrt(square[i]) * turned[i];
}

void random_normals(random_row *row, int64_t count, double *out) {
    uint32_t words[4][LANES];
    double drawn[LANES];
    if (row->left != 0) { /* halfway through a counter's words, and so with every normal */
        for (int64_t i = 0; i < count; i++) out[i] = random_normal(row);
        return;
    }
    for (int64_t first = 0; first < count; first += LANES) {
        int64_t taken = count - first < LANES ? count - first : LANES;
        philox_lanes(row->key, row->counter, words);
        normals_of_words((const uint32_t(*)[LANES])words, drawn);
        memcpy(out + first, drawn, (size_t)taken * sizeof *out);
        row->counter[0] += (uint32_t)taken;
    }
}
