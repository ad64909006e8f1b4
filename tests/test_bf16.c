/*
 * Products in bf16: rounding, operands and sums against definitions written down here. On the emulated tiles; on AMX, the
 * processor's if it has it, else carried out by tests/amx_traps.h; and with the dot products of AVX-512 where they are.
 */
#define _GNU_SOURCE
#include "numeric.h"
#include "ops/bf16.h"
#include "ops/ops.h"

static const bf16_ops *kernels; /* NULL: they cannot run here */

/* One element of a product as the processor's manual defines it. */
typedef struct factors factors;
static float tile_sum(const factors *f, int64_t i, int64_t j, float c);
static float (*defined_sum)(const factors *f, int64_t i, int64_t j, float c) = tile_sum;
static int keeps_tiny_numbers = 1; /* else they are rounded to zero */

static void nothing(void) {}
static void (*before_product)(void) = nothing, (*after_product)(void) = nothing;

static int setup_emulated(void **state) {
    kernels = &bf16_emulated;
    return 0;
}

#ifdef __x86_64__
#include "amx_traps.h"

/* All but its instructions for tiles is AVX-512. */
static int setup_amx(void **state) {
    enot_context *context = context_new(1);
    int has_avx512 = ops_select() == &ops_avx512;
    kernels = has_avx512 ? &bf16_amx : NULL;
    int has_amx = bf16_select(context) == &bf16_amx;
    enot_context_destroy(context);
    if (!has_avx512) print_message("skipped: this processor has no AVX-512\n");
    if (!has_avx512 || has_amx) return 0;
    print_message("no AMX here: its instructions are carried out by a signal handler\n");
    before_product = amx_traps_begin;
    after_product = amx_traps_end;
    return 0;
}

static float dot_sum(const factors *f, int64_t i, int64_t j, float c);

static int setup_dot(void **state) {
    int there = ops_select() == &ops_avx512 && __builtin_cpu_supports("avx512bf16");
    kernels = there ? &bf16_dot : NULL;
    if (!there) print_message("skipped: this processor has no dot products of bf16\n");
    defined_sum = dot_sum;
    keeps_tiny_numbers = 0;
    before_product = after_product = nothing;
    return 0;
}
#endif

/* ---- numbers ---- */

static float float_of(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static double wide_of(bf16 number) { return float_of((uint32_t)number << 16); }

/* The bf16 nearest to a number that is not negative: of two as near the even one. Infinity is where 2^128 would be. */
static bf16 nearest(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    bf16 below = (bf16)(bits >> 16), above = (bf16)(below + 1);
    if (isinf(x)) return below;
    double low = x - wide_of(below), high = (above == 0x7f80 ? 0x1p128 : wide_of(above)) - x;
    return low < high || (low == high && below % 2 == 0) ? below : above;
}

/* To the nearest, as the test has it. */
static bf16 rounded(float x) {
    if (!keeps_tiny_numbers && fpclassify(x) == FP_SUBNORMAL) x = copysignf(0, x);
    return signbit(x) ? nearest(-x) | 0x8000 : nearest(x);
}

static void numbers_are_rounded_to_nearest_even(void **state) {
    if (!kernels) skip();
    const uint32_t ends[] = {0, 1, 0x7fff, 0x8000, 0x8001, 0xc000, 0xffff};
    for (uint32_t upper = 0; upper < 0x10000; upper += PANEL)
        for (int e = 0; e < 7; e++) {
            real m[PANEL] __attribute__((aligned(64)));
            bf16 left[PANEL] __attribute__((aligned(64))), right[PANEL * PANEL] __attribute__((aligned(64)));
            for (uint32_t j = 0; j < PANEL; j++) m[j] = float_of((upper + j) << 16 | ends[e]);
            kernels->round_left(1, PANEL, m, left);
            kernels->round_right(1, m, right);
            for (int j = 0; j < PANEL; j++) {
                int right_number = isnan(m[j]) ? isnan(wide_of(left[j])) : left[j] == rounded(m[j]);
                if (!right_number || left[j] != right[2 * j]) fail_msg("%a became %a", m[j], wide_of(left[j]));
            }
        }
}

/* ---- operands ---- */

enum { ROWS_MOST = 70 };

/* A panel whose rows beyond the last are not numbers, and so are columns beyond the last if there are any. */
static real *panel_of(int64_t rows, int64_t columns) {
    real *m = random_reals(7, (ROWS_MOST + 2) * PANEL, 1), *panel = aligned_alloc(64, (ROWS_MOST + 2) * PANEL * sizeof *panel);
    for (int64_t i = 0; i < (ROWS_MOST + 2) * PANEL; i++) panel[i] = i / PANEL < rows && i % PANEL < columns ? m[i] : NAN;
    free(m);
    return panel;
}

static bf16 *operand_new(int64_t count) {
    bf16 *operand = aligned_alloc(64, (size_t)(count + PANEL) / PANEL * PANEL * sizeof *operand);
    memset(operand, 0xff, (size_t)count * sizeof *operand);
    return operand;
}

static void operands_lie_as_documented_and_end_in_zeros(void **state) {
    if (!kernels) skip();
    for (int64_t rows = 1; rows <= ROWS_MOST; rows++) {
        int64_t columns = 1 + rows % PANEL, filled = bf16_rows(rows);
        real *m = panel_of(rows, columns), *whole = panel_of(rows, PANEL);
        bf16 *left = operand_new(rows * PANEL), *right = operand_new(filled * PANEL);
        kernels->round_left(rows, columns, m, left);
        kernels->round_right(rows, whole, right);
        for (int64_t i = 0; i < rows; i++)
            for (int64_t j = 0; j < PANEL; j++)
                assert_int_equal(left[i * PANEL + j], j < columns ? rounded(m[i * PANEL + j]) : 0);
        for (int64_t i = 0; i < filled; i++)
            for (int64_t j = 0; j < PANEL; j++)
                assert_int_equal(right[i / 2 * 2 * PANEL + 2 * j + i % 2], i < rows ? rounded(whole[i * PANEL + j]) : 0);
        free(m);
        free(whole);
        free(left);
        free(right);
    }
}

/* ---- products ---- */

/* Operands at random in the documented layout; rows of a beyond the last are not numbers, k beyond the last is zero. */
struct factors {
    int64_t rows, k, a_stride;
    bf16 *a, *b;
};

static factors factors_of(int64_t rows, int64_t k) {
    int64_t filled = bf16_rows(k);
    factors f = {rows, k, bf16_rows(rows) * PANEL, NULL, NULL};
    real *drawn = random_reals((uint64_t)(100 * rows + k), filled * PANEL + bf16_rows(rows) * filled, 1);
    f.a = operand_new(bf16_rows(rows) * filled);
    f.b = operand_new(filled * PANEL);
    for (int64_t i = 0; i < rows; i++)
        for (int64_t p = 0; p < filled; p++)
            f.a[p / PANEL * f.a_stride + i * PANEL + p % PANEL] = p < k ? rounded(drawn[i * filled + p]) : 0;
    for (int64_t p = 0; p < filled; p++)
        for (int64_t j = 0; j < PANEL; j++)
            f.b[p / 2 * 2 * PANEL + 2 * j + p % 2] = p < k ? rounded(drawn[(bf16_rows(rows) + j) * filled + p]) : 0;
    free(drawn);
    return f;
}

static void factors_free(factors *f) {
    free(f->a);
    free(f->b);
}

static float a_at(const factors *f, int64_t i, int64_t p) {
    return (float)wide_of(f->a[p / PANEL * f->a_stride + i * PANEL + p % PANEL]);
}

static float b_at(const factors *f, int64_t p, int64_t j) { return (float)wide_of(f->b[p / 2 * 2 * PANEL + 2 * j + p % 2]); }

typedef void product(const factors *f, int64_t columns, int64_t ldc, int accumulate, real *c);

static void by_rows(const factors *f, int64_t columns, int64_t ldc, int accumulate, real *c) {
    before_product();
    kernels->enter();
    kernels->product(f->rows, columns, f->k, f->a, f->a_stride, f->b, accumulate, c, ldc);
    kernels->leave();
    after_product();
}

/* The same from a panel with a^T, which has whole panels of rows, and after it what is left. */
static void transposed(const factors *f, int64_t columns, int64_t ldc, int accumulate, real *c) {
    int64_t whole = f->k / PANEL * PANEL, filled = bf16_rows(f->k);
    real *m = panel_of(filled, PANEL);
    for (int64_t p = 0; p < f->k; p++)
        for (int64_t i = 0; i < PANEL; i++) m[p * PANEL + i] = i < f->rows ? a_at(f, i, p) : NAN;
    bf16 *a = operand_new(filled * PANEL);
    kernels->round_transposed(ops_select(), whole, m, a);
    kernels->round_transposed(ops_select(), f->k - whole, m + whole * PANEL, a + whole * PANEL);
    before_product();
    kernels->enter();
    kernels->product_transposed(f->rows, columns, f->k, a, f->b, accumulate, c, ldc);
    kernels->leave();
    after_product();
    free(a);
    free(m);
}

static real *multiply(product *of, const factors *f, int64_t columns, int64_t ldc, int accumulate, const real *before) {
    real *c = aligned_alloc(64, (size_t)((f->rows + 1) * PANEL * 2) * sizeof *c);
    memcpy(c, before, (size_t)(f->rows * ldc) * sizeof *c);
    of(f, columns, ldc, accumulate, c);
    return c;
}

/* Errors of so many sums of floats, no others; what lies outside c stays as it was. */
static void check_product(product *of, int64_t rows, int64_t columns, int64_t k, int accumulate) {
    int64_t ldc = PANEL + rows % 3 * 5;
    factors f = factors_of(rows, k);
    real *before = random_reals(3, rows * ldc, 1), *c = multiply(of, &f, columns, ldc, accumulate, before);
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < ldc; j++) {
            double sum = accumulate ? before[i * ldc + j] : 0, size = fabs(sum);
            for (int64_t p = 0; p < k && j < columns; p++) {
                sum += (double)a_at(&f, i, p) * (double)b_at(&f, p, j);
                size += fabs((double)a_at(&f, i, p) * (double)b_at(&f, p, j));
            }
            if (j >= columns)
                assert_true(c[i * ldc + j] == before[i * ldc + j]);
            else if (!(fabs(c[i * ldc + j] - sum) <= (double)(k + 2) * 0x1p-24 * size))
                fail_msg("%d x %d x %d: %.9g, not %.9g", (int)rows, (int)columns, (int)k, (double)c[i * ldc + j], sum);
        }
    free(c);
    free(before);
    factors_free(&f);
}

static void products_of_every_size_are_those_of_the_rounded_operands(void **state) {
    if (!kernels) skip();
    for (int accumulate = 0; accumulate < 2; accumulate++) {
        for (int64_t k = 1; k <= 70; k++) check_product(by_rows, 33, 32, k, accumulate);
        for (int64_t rows = 1; rows <= 40; rows++) check_product(by_rows, rows, 32, 1 + rows * 13 % 70, accumulate);
        for (int64_t columns = 1; columns <= 32; columns++) check_product(by_rows, 1 + columns * 7 % 40, columns, 40, accumulate);
        check_product(by_rows, 64, 32, 512, accumulate);
    }
}

static void products_with_a_transposed_left_side_are_the_same(void **state) {
    if (!kernels) skip();
    for (int accumulate = 0; accumulate < 2; accumulate++) {
        for (int64_t k = 1; k <= ROWS_MOST; k++) check_product(transposed, PANEL, PANEL, k, accumulate);
        for (int64_t rows = 1; rows <= PANEL; rows++)
            check_product(transposed, rows, rows * 7 % PANEL + 1, 1 + rows * 13 % ROWS_MOST, accumulate);
    }
}

/* TDPBF16PS, a tile's 32 numbers after the other. */
static float tile_sum(const factors *f, int64_t i, int64_t j, float c) {
    for (int64_t tile = 0; tile < f->k; tile += PANEL) {
        float sums[2] = {0, 0};
        for (int64_t p = tile; p < tile + PANEL; p++) sums[p % 2] = fmaf(a_at(f, i, p), b_at(f, p, j), sums[p % 2]);
        c += sums[0] + sums[1];
    }
    return c;
}

/* VDPBF16PS, a pair of numbers after the other: of each the second one first. */
static float dot_sum(const factors *f, int64_t i, int64_t j, float c) {
    for (int64_t p = 0; p < bf16_rows(f->k); p += 2) {
        c = fmaf(a_at(f, i, p + 1), b_at(f, p + 1, j), c);
        c = fmaf(a_at(f, i, p), b_at(f, p, j), c);
    }
    return c;
}

static void check_bits(product *of, int64_t rows, int64_t k) {
    factors f = factors_of(rows, k);
    real *before = random_reals(4, rows * PANEL, 1);
    for (int accumulate = 0; accumulate < 2; accumulate++) {
        real *c = multiply(of, &f, PANEL, PANEL, accumulate, before);
        for (int64_t i = 0; i < rows; i++)
            for (int64_t j = 0; j < PANEL; j++)
                assert_true(c[i * PANEL + j] == defined_sum(&f, i, j, accumulate ? before[i * PANEL + j] : 0));
        free(c);
    }
    free(before);
    factors_free(&f);
}

static void sums_are_rounded_as_intel_defines_them_to_the_bit(void **state) {
    if (!kernels) skip();
    check_bits(by_rows, 48, 96);
    check_bits(transposed, PANEL, 2 * PANEL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_rounded_to_nearest_even),
        cmocka_unit_test(operands_lie_as_documented_and_end_in_zeros),
        cmocka_unit_test(products_of_every_size_are_those_of_the_rounded_operands),
        cmocka_unit_test(products_with_a_transposed_left_side_are_the_same),
        cmocka_unit_test(sums_are_rounded_as_intel_defines_them_to_the_bit),
    };
    int failed = cmocka_run_group_tests_name("emulated", tests, setup_emulated, NULL);
#ifdef __x86_64__
    failed += cmocka_run_group_tests_name("AMX", tests, setup_amx, NULL);
    failed += cmocka_run_group_tests_name("dot products", tests, setup_dot, NULL);
#endif
    return failed;
}
