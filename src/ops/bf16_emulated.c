/*
 * Tiles in memory, multiplied as Intel's Software Developer's Manual defines TDPBF16PS: of the two rows side by side each has
 * a sum over the tile of its own, begun at zero; then both sums are added, and that to c; every step rounded to nearest even.
 * (A product of two numbers of bf16 is exact, so it does not matter whether the processor fuses it with its addition.) Numbers
 * too small for full precision count as zero inside parallel_for, as they always do on AMX.
 */
#ifndef ENOT_REAL_DOUBLE

#include "core/clones.h"
#include "ops/bf16.h"

enum { TILE = 16, GROUP = 8 };

typedef float lanes __attribute__((vector_size(64), may_alias));
typedef uint32_t words __attribute__((vector_size(64), may_alias));

typedef struct tile {
    words row[TILE];
} tile;

#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("GCC unroll 16")

INLINE void tile_zero(tile *t) {
    for (int i = 0; i < TILE; i++) t->row[i] = (words){0};
}

INLINE void tile_load(tile *t, const void *from, int64_t stride) {
    for (int i = 0; i < TILE; i++) __builtin_memcpy(&t->row[i], (const char *)from + i * stride, sizeof *t->row);
}

INLINE void tile_store(const tile *t, void *to, int64_t stride) {
    for (int i = 0; i < TILE; i++) __builtin_memcpy((char *)to + i * stride, &t->row[i], sizeof *t->row);
}

/* The numbers of two rows side by side, as floats. */
typedef struct split {
    lanes first[TILE], second[TILE];
} split;

INLINE void tile_split(const tile *t, split *s) {
    for (int i = 0; i < TILE; i++) {
        s->first[i] = (lanes)(t->row[i] << 16);
        s->second[i] = (lanes)(t->row[i] & 0xffff0000u);
    }
}

/* So many rows at once as there are registers for their sums. */
INLINE void tile_multiply(tile *c, const tile *a, const tile *b) {
    split left, right;
    tile_split(a, &left);
    tile_split(b, &right);
    for (int i = 0; i < TILE; i += GROUP) {
        lanes first[GROUP], second[GROUP];
        UNROLL for (int r = 0; r < GROUP; r++) first[r] = second[r] = (lanes){0};
        for (int k = 0; k < TILE; k++)
            UNROLL for (int r = 0; r < GROUP; r++) {
                first[r] += left.first[i + r][k] * right.first[k];
                second[r] += left.second[i + r][k] * right.second[k];
            }
        UNROLL for (int r = 0; r < GROUP; r++) {
            lanes *sum = (lanes *)&c->row[i + r];
            *sum += first[r] + second[r];
        }
    }
}

static void enter(void) {}
static void leave(void) {}

#define TABLE bf16_emulated
#define NAME "bf16-emulated"
#define FUNCTION CLONES
#define TILES tile tiles[8]
#define TILE_ZERO(t) tile_zero(&tiles[t])
#define TILE_LOAD(t, from, stride) tile_load(&tiles[t], from, stride)
#define TILE_STORE(t, to, stride) tile_store(&tiles[t], to, stride)
#define TILE_MULTIPLY(c, a, b) tile_multiply(&tiles[c], &tiles[a], &tiles[b])
#include "ops/bf16_products.inc"

#endif
