/*
 * Dot products of AVX-512 (the extension avx512_bf16): VDPBF16PS adds to each of 16 sums the products of two numbers side by
 * side. Numbers too small for full precision count as zero.
 */
#if defined(__x86_64__) && !defined(ENOT_REAL_DOUBLE)

#include <immintrin.h>

#include "ops/bf16.h"

#define TILE_ROWS 14
#include "ops/tiles.h"

enum { LANES = 16 };

typedef int32_t two __attribute__((may_alias)); /* numbers of bf16, the first one below */

/* The first count of LANES. */
static inline __mmask16 lanes_below(int64_t count) {
    return count >= LANES ? 0xffff : count <= 0 ? 0 : (__mmask16)((1u << count) - 1);
}

/* ---- rounding ---- */

static void round_left(int64_t rows, int64_t columns, const real *m, bf16 *out) {
    __mmask16 low = lanes_below(columns), high = lanes_below(columns - LANES);
    for (int64_t i = 0; i < rows * PANEL; i += PANEL)
        _mm512_store_si512(out + i, (__m512i)_mm512_cvtne2ps_pbh(_mm512_maskz_load_ps(high, m + i + LANES),
                                                                 _mm512_maskz_load_ps(low, m + i)));
}

static void round_right(int64_t rows, const real *m, bf16 *out) {
    uint16_t places[2 * LANES]; /* two rows one after the other become two rows side by side */
    for (int j = 0; j < 2 * LANES; j++) places[j] = (uint16_t)(j / 2 + j % 2 * LANES);
    __m512i side_by_side = _mm512_loadu_si512(places);
    for (int64_t i = 0; i < bf16_rows(rows); i += 2)
        for (int64_t j = 0; j < PANEL; j += LANES) {
            __m512 one = i < rows ? _mm512_load_ps(m + i * PANEL + j) : _mm512_setzero_ps();
            __m512 other = i + 1 < rows ? _mm512_load_ps(m + (i + 1) * PANEL + j) : _mm512_setzero_ps();
            __m512i both = (__m512i)_mm512_cvtne2ps_pbh(other, one);
            _mm512_store_si512(out + i * PANEL + 2 * j, _mm512_permutexvar_epi16(side_by_side, both));
        }
}

/* As a right operand: of two rows, which are k, each unit's numbers side by side. */
static void round_transposed(const ops *ops, int64_t rows, const real *m, bf16 *out) {
    round_right(rows, m, out);
}

/* ---- product ---- */

/* The strides of a left operand: from one row to the next, from one pair of k to the next, from one panel of k to the next. */
typedef struct left {
    int64_t row, pair, panel;
} left;

/* sum += a[rows, k] b[k, vectors * LANES] */
INLINE void accumulate_panels(int rows, int vectors, int64_t k, const bf16 *a, left by, const bf16 *b,
                              __m512 sum[TILE_ROWS][2]) {
    for (; k > 0; k -= PANEL, a += by.panel, b += PANEL * PANEL)
        for (int64_t p = 0; p < PANEL / 2 && 2 * p < k; p++) {
            __m512bh low = (__m512bh)_mm512_load_si512(b + p * 2 * PANEL);
            __m512bh high = vectors > 1 ? (__m512bh)_mm512_load_si512(b + p * 2 * PANEL + 2 * LANES) : low;
            UNROLL for (int i = 0; i < rows; i++) {
                __m512bh factor = (__m512bh)_mm512_set1_epi32(*(const two *)(a + i * by.row + p * by.pair));
                sum[i][0] = _mm512_dpbf16_ps(sum[i][0], factor, low);
                if (vectors > 1) sum[i][1] = _mm512_dpbf16_ps(sum[i][1], factor, high);
            }
        }
}

/* Where a tile's sums go: of each row the lanes of c, which they are added to if add. */
typedef struct place {
    real *c;
    int64_t ldc;
    __mmask16 lanes[2];
    int add;
} place;

INLINE void tile(int rows, int vectors, int64_t k, const bf16 *a, left by, const bf16 *b, const place *at) {
    __m512 sum[TILE_ROWS][2];
    UNROLL for (int i = 0; i < rows; i++)
        UNROLL for (int v = 0; v < vectors; v++)
            sum[i][v] = at->add ? _mm512_maskz_loadu_ps(at->lanes[v], at->c + i * at->ldc + v * LANES) : _mm512_setzero_ps();
    accumulate_panels(rows, vectors, k, a, by, b, sum);
    UNROLL for (int i = 0; i < rows; i++)
        UNROLL for (int v = 0; v < vectors; v++)
            _mm512_mask_storeu_ps(at->c + i * at->ldc + v * LANES, at->lanes[v], sum[i][v]);
}

typedef void tile_function(int64_t k, const bf16 *a, int64_t a_stride, const bf16 *b, const place *at);

#define TILE_FUNCTION(rows, vectors)                                                                                    \
    static void tile_##rows##_##vectors(int64_t k, const bf16 *a, int64_t a_stride, const bf16 *b, const place *at) {   \
        tile(rows, vectors, k, a, (left){PANEL, 2, a_stride}, b, at);                                                   \
    }                                                                                                                   \
    static void transposed_##rows##_##vectors(int64_t k, const bf16 *a, int64_t a_stride, const bf16 *b,                \
                                              const place *at) {                                                        \
        tile(rows, vectors, k, a, (left){2, 2 * PANEL, a_stride}, b, at);                                               \
    }
#define TILE_FUNCTIONS(rows) TILE_FUNCTION(rows, 1) TILE_FUNCTION(rows, 2)
#define TILE_ENTRY(rows) {tile_##rows##_1, tile_##rows##_2},
#define TRANSPOSED_ENTRY(rows) {transposed_##rows##_1, transposed_##rows##_2},

EACH_TILE(TILE_FUNCTIONS)

/* [rows - 1][vectors - 1] */
static tile_function *const TILES[TILE_ROWS][2] = {EACH_TILE(TILE_ENTRY)};
static tile_function *const TRANSPOSED_TILES[TILE_ROWS][2] = {EACH_TILE(TRANSPOSED_ENTRY)};

/* a_row: of the left operand, from one row to the next */
static void multiply(tile_function *const tiles[][2], int64_t rows, int64_t columns, int64_t k, const bf16 *a, int64_t a_row,
                     int64_t a_stride, const bf16 *b, place at) {
    at.lanes[0] = lanes_below(columns);
    at.lanes[1] = lanes_below(columns - LANES);
    for (int64_t i = 0, count; i < rows; i += count, at.c += count * at.ldc) {
        count = next_rows(rows - i);
        tiles[count - 1][columns > LANES](k, a + i * a_row, a_stride, b, &at);
    }
}

static void product(int64_t rows, int64_t columns, int64_t k, const bf16 *a, int64_t a_stride, const bf16 *b, int accumulate,
                    real *c, int64_t ldc) {
    multiply(TILES, rows, columns, k, a, PANEL, a_stride, b, (place){.c = c, .ldc = ldc, .add = accumulate});
}

static void product_transposed(int64_t rows, int64_t columns, int64_t k, const bf16 *a, const bf16 *b, int accumulate, real *c,
                               int64_t ldc) {
    multiply(TRANSPOSED_TILES, rows, columns, k, a, 2, PANEL * PANEL, b, (place){.c = c, .ldc = ldc, .add = accumulate});
}

static void enter(void) {}
static void leave(void) {}

const bf16_ops bf16_dot = {
    .name = "bf16-dot",
    .round_left = round_left,
    .round_right = round_right,
    .round_transposed = round_transposed,
    .enter = enter,
    .leave = leave,
    .product = product,
    .product_transposed = product_transposed,
};

#endif
