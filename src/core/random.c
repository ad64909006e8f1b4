#include "core/random.h"

#include <Random123/philox.h>
#include <math.h>

static const double TWO_PI = 6.283185307179586476925286766559;

random_row random_row_start(uint64_t seed, random_stream stream, uint64_t row) {
    return (random_row){.key = {(uint32_t)seed, (uint32_t)(seed >> 32)},
                        .counter = {0, (uint32_t)stream, (uint32_t)row, (uint32_t)(row >> 32)}};
}

uint32_t random_bits(random_row *row) {
    if (row->left == 0) {
        philox4x32_ctr_t counter = {{row->counter[0], row->counter[1], row->counter[2], row->counter[3]}};
        philox4x32_key_t key = {{row->key[0], row->key[1]}};
        philox4x32_ctr_t drawn = philox4x32(counter, key);
        for (int i = 0; i < 4; i++) row->words[i] = drawn.v[i];
        row->counter[0]++;
        row->left = 4;
    }
    return row->words[4 - row->left--];
}

double random_uniform(random_row *row) {
    uint64_t high = random_bits(row), low = random_bits(row);
    return (double)((high << 32 | low) >> 11) * 0x1p-53;
}

double random_normal(random_row *row) {
    double radius = sqrt(-2.0 * log1p(-random_uniform(row)));
    return radius * cos(TWO_PI * random_uniform(row));
}

int64_t random_below(random_row *row, int64_t count) { return (int64_t)(random_uniform(row) * (double)count); }
