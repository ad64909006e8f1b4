/*
 * How products cut rows into tiles. TILE_ROWS, 14 or 6, is what the including file's registers hold; a tile of fewer rows has
 * a function of its own, whose loops unroll. EACH_TILE(X) is X(1) X(2) ... X(TILE_ROWS).
 */
#ifndef ENOT_OPS_TILES_H
#define ENOT_OPS_TILES_H

#include <stdint.h>

#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("GCC unroll 16")

#if TILE_ROWS > 6
#define EACH_TILE(X) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14)
#else
#define EACH_TILE(X) X(1) X(2) X(3) X(4) X(5) X(6)
#endif

/* Rows of the next tile: as few tiles as can be, of nearly the same size. */
static inline int64_t next_rows(int64_t left) {
    int64_t tiles = (left + TILE_ROWS - 1) / TILE_ROWS;
    return (left + tiles - 1) / tiles;
}

#endif
