/* Tiles in the registers of Intel's AMX. */
#if defined(__x86_64__) && !defined(ENOT_REAL_DOUBLE)

#include <immintrin.h>
#include <stddef.h>

#include "ops/bf16.h"

enum { TILE = 16, TILE_BYTES = 64 };

/* What LDTILECFG reads. */
typedef struct configuration {
    uint8_t palette, start_row, reserved[14];
    uint16_t row_bytes[16];
    uint8_t rows[16];
} configuration;

_Static_assert(offsetof(configuration, row_bytes) == 16 && offsetof(configuration, rows) == 48 && sizeof(configuration) == 64,
               "Intel's layout");

#define EIGHT(x) {x, x, x, x, x, x, x, x}

static const configuration WHOLE_TILES = {.palette = 1, .row_bytes = EIGHT(TILE_BYTES), .rows = EIGHT(TILE)};

static void enter(void) { _tile_loadconfig(&WHOLE_TILES); }
static void leave(void) { _tile_release(); }

#define TABLE bf16_amx
#define NAME "bf16-amx"
#define FUNCTION
#define TILES __asm__ volatile("" ::: "memory") /* compilers do not know that loads of tiles read memory */
#define TILE_ZERO(t) _tile_zero(t)
#define TILE_LOAD(t, from, stride) _tile_loadd(t, from, stride)
#define TILE_STORE(t, to, stride) _tile_stored(t, to, stride)
#define TILE_MULTIPLY(c, a, b) _tile_dpbf16ps(c, a, b)
#include "ops/bf16_products.inc"

#endif
