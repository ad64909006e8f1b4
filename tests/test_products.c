/*
 * The matrix products and the transpose of every instruction set that this processor has, over all remainders, against their
 * definition in double. Built twice, since the vectors hold half as many doubles as floats (test_products_f64).
 */
#include "core/memory.h"
#include "isa.h"
#include "one_context.h"

enum { ROWS = 128, INNER = 70, ROOM = 3 };

static const double TOLERANCE = sizeof(real) == 8 ? 1e-13 : 1e-5;
static const int64_t INNERS[] = {1, 2, 31, 32, 33, 64, INNER};
static const real OLD = 42; /* what must stay as it was */

#define LENGTH(array) (int64_t)(sizeof array / sizeof *array)

static real *aligned(int64_t count) {
    real *made;
    require(context, MEMORY_NEW(context, count, "a test", &made));
    return made;
}

static real *aligned_random(uint64_t seed, int64_t count) {
    real *made = aligned(count), *drawn = random_reals(seed, count, 1);
    memcpy(made, drawn, (size_t)count * sizeof *made);
    free(drawn);
    return made;
}

static int near(real got, double want) { return fabs((double)got - want) <= TOLERANCE * (1 + fabs(want)); }

/* Factors a [ROWS, k] behind ROOM other rows, b [k, PANEL], and their product. */
typedef struct factors {
    int64_t k;
    panels a;
    real *b, *masked; /* masked: b with zeros beyond some columns */
    double (*want)[PANEL];
} factors;

/* What is beyond the columns of a is not a number, so as to show in the result if it is used. */
static factors factors_create(int64_t k) {
    factors f = {.k = k, .a = {aligned_random(1, panels_size(ROWS + ROOM, k)), ROWS + ROOM}};
    f.b = aligned_random(2, k * PANEL);
    f.masked = aligned(k * PANEL);
    f.want = calloc(ROWS, sizeof *f.want);
    assert_non_null(f.want);
    for (int64_t i = 0; i < ROWS + ROOM; i++)
        for (int64_t p = k; p < panels_count(k) * PANEL; p++) panels_at(f.a, p / PANEL)[i * PANEL + p % PANEL] = NAN;
    for (int64_t i = 0; i < ROWS; i++)
        for (int64_t p = 0; p < k; p++)
            for (int64_t j = 0; j < PANEL; j++)
                f.want[i][j] += (double)panels_at(f.a, p / PANEL)[(ROOM + i) * PANEL + p % PANEL] * (double)f.b[p * PANEL + j];
    return f;
}

static void factors_destroy(factors *f) {
    memory_destroy(f->a.at);
    memory_destroy(f->b);
    memory_destroy(f->masked);
    free(f->want);
}

static void mask(factors *f, int64_t columns) {
    for (int64_t i = 0; i < f->k * PANEL; i++) f->masked[i] = i % PANEL < columns ? f->b[i] : 0;
}

/* Rows first ... of the product; every second time with something to fetch ahead. */
static void multiply(const isa_table *t, const factors *f, int64_t first, int64_t rows, int64_t columns, real *c) {
    int64_t next_count = rows % 2 ? f->k * PANEL : 0;
    t->ops->product(rows, columns, f->k, f->a.at + (ROOM + first) * PANEL, panels_stride(f->a), f->masked, c,
                    next_count ? f->b : NULL, next_count);
}

static void assert_product(const isa_table *t, const factors *f, int64_t rows, int64_t columns, real *c) {
    for (int64_t i = 0; i < rows * PANEL; i++) c[i] = NAN; /* not read */
    for (int64_t i = rows * PANEL; i < (rows + 1) * PANEL; i++) c[i] = OLD;
    multiply(t, f, 0, rows, columns, c);
    for (int64_t i = 0; i < rows * PANEL; i++) {
        int64_t row = i / PANEL, column = i % PANEL;
        if (column < columns ? !near(c[i], f->want[row][column]) : c[i] != 0)
            fail_msg("%s, [%d, %d] of [%d, %d, %d]: %.9g, not %.9g", t->name, (int)row, (int)column, (int)rows, (int)columns,
                     (int)f->k, (double)c[i], column < columns ? f->want[row][column] : 0);
    }
    for (int64_t i = rows * PANEL; i < (rows + 1) * PANEL; i++) assert_true(c[i] == OLD);
}

static void products_are_those_of_the_definition_for_every_remainder(void **state) {
    real *c = aligned((ROWS + 1) * PANEL);
    for (int64_t n = 0; n < LENGTH(INNERS); n++) {
        factors f = factors_create(INNERS[n]);
        for (int64_t columns = 1; columns <= PANEL; columns++) {
            mask(&f, columns);
            FOR_EACH_TABLE(t) {
                for (int64_t rows = 1; rows <= 40; rows++) assert_product(t, &f, rows, columns, c);
                assert_product(t, &f, ROWS, columns, c);
            }
        }
        factors_destroy(&f);
    }
    memory_destroy(c);
}

/* Two pairs of factors [rows, PANEL], left^T right of each, and what their sum may be added to. */
typedef struct outer {
    int64_t rows;
    real *left[2], *right[2], *before;
    double want[2][PANEL][PANEL];
} outer;

enum { WIDEST = PANEL + 5 };

static outer outer_create(int64_t rows) {
    outer o = {.rows = rows, .before = aligned_random(5, (PANEL + 1) * WIDEST)};
    for (int k = 0; k < 2; k++) {
        o.left[k] = aligned_random(6 + (uint64_t)k, rows * PANEL);
        o.right[k] = aligned_random(8 + (uint64_t)k, rows * PANEL);
        for (int64_t i = 0; i < PANEL; i++)
            for (int64_t j = 0; j < PANEL; j++)
                for (int64_t p = 0; p < rows; p++)
                    o.want[k][i][j] += (double)o.left[k][p * PANEL + i] * (double)o.right[k][p * PANEL + j];
    }
    return o;
}

static void outer_destroy(outer *o) {
    for (int k = 0; k < 2; k++) {
        memory_destroy(o->left[k]);
        memory_destroy(o->right[k]);
    }
    memory_destroy(o->before);
}

/* How a transposed product is asked for. */
typedef struct request {
    int64_t units, columns, ldc;
    int pair_count, accumulate;
} request;

/* Units first ... of it; every second time with something to fetch ahead. */
static void multiply_transposed(const isa_table *t, const outer *o, request r, int64_t first, real *c) {
    ops_pair pairs[2];
    for (int k = 0; k < 2; k++) {
        pairs[k] = (ops_pair){o->left[k] + first, o->right[k], NULL, 0};
        if (r.units % 2) pairs[k].next = o->right[1 - k], pairs[k].next_count = o->rows * PANEL;
    }
    t->ops->product_transposed(r.units, r.columns, o->rows, pairs, r.pair_count, r.accumulate, c, r.ldc);
}

static void assert_transposed(const isa_table *t, const outer *o, request r, real *c) {
    for (int64_t i = 0; i < (r.units + 1) * r.ldc; i++) {
        int inside = i < r.units * r.ldc && i % r.ldc < r.columns;
        c[i] = inside && !r.accumulate ? NAN : o->before[i];
    }
    multiply_transposed(t, o, r, 0, c);
    for (int64_t i = 0; i < (r.units + 1) * r.ldc; i++) {
        int64_t unit = i / r.ldc, column = i % r.ldc;
        int inside = unit < r.units && column < r.columns;
        double want = inside && !r.accumulate ? 0 : (double)o->before[i];
        for (int k = 0; inside && k < r.pair_count; k++) want += o->want[k][unit][column];
        if (inside ? !near(c[i], want) : c[i] != o->before[i])
            fail_msg("%s, %d pairs, accumulate %d, [%d, %d] of [%d, %d, %d] in rows of %d: %.9g, not %.9g", t->name, r.pair_count,
                     r.accumulate, (int)unit, (int)column, (int)r.units, (int)r.columns, (int)o->rows, (int)r.ldc, (double)c[i],
                     want);
    }
}

static void transposed_products_are_those_of_the_definition_for_every_remainder(void **state) {
    real *c = aligned((PANEL + 1) * WIDEST);
    for (int64_t n = 0; n < LENGTH(INNERS); n++) {
        outer o = outer_create(INNERS[n]);
        FOR_EACH_TABLE(t)
        for (int64_t columns = 1; columns <= PANEL; columns++)
            for (int64_t units = 1; units <= PANEL; units++) {
                if (t->ops == &ops_reference && (units + columns) % 4) continue; /* its loops are plain, and slow */
                int accumulate = units / 2 % 2, more = columns / 2 % 2;
                int64_t far = columns + units % 2 * 5, near_by = columns + columns % 3;
                assert_transposed(t, &o, (request){units, columns, far, 1 + more, accumulate}, c);
                assert_transposed(t, &o, (request){units, columns, near_by, 2 - more, accumulate}, c);
                assert_transposed(t, &o, (request){units, columns, near_by, 1 + units % 2, !accumulate}, c);
            }
        outer_destroy(&o);
    }
    memory_destroy(c);
}

static const int64_t COLUMNS[] = {1, 4, 7, 8, 9, 15, 16, 17, 31, 32};

/* Blocks of rows are cut by the batch, not by the tiles of a kernel. */
static void cut_into_calls_does_not_show_in_a_product(void **state) {
    enum { TOGETHER = 37 };
    factors f = factors_create(INNER);
    real *whole = aligned(TOGETHER * PANEL), *parts = aligned(TOGETHER * PANEL);
    for (int64_t n = 0; n < LENGTH(COLUMNS); n++) {
        mask(&f, COLUMNS[n]);
        FOR_EACH_TABLE(t) {
            multiply(t, &f, 0, TOGETHER, COLUMNS[n], whole);
            for (int64_t cut = 1; cut < TOGETHER; cut++) {
                memset(parts, 0, TOGETHER * PANEL * sizeof *parts);
                multiply(t, &f, 0, cut, COLUMNS[n], parts);
                multiply(t, &f, cut, TOGETHER - cut, COLUMNS[n], parts + cut * PANEL);
                assert_memory_equal(whole, parts, TOGETHER * PANEL * sizeof *parts);
            }
            for (int64_t row = 0; row < TOGETHER; row++) multiply(t, &f, row, 1, COLUMNS[n], parts + row * PANEL);
            assert_memory_equal(whole, parts, TOGETHER * PANEL * sizeof *parts);
        }
    }
    factors_destroy(&f);
    memory_destroy(whole);
    memory_destroy(parts);
}

static void cut_into_calls_does_not_show_in_a_transposed_product(void **state) {
    outer o = outer_create(INNER);
    real *whole = aligned(PANEL * PANEL), *parts = aligned(PANEL * PANEL);
    for (int64_t n = 0; n < LENGTH(COLUMNS); n++) {
        FOR_EACH_TABLE(t)
        for (int64_t cut = 1; cut < PANEL; cut++)
            for (int kind = 0; kind < 4; kind++) {
                request r = {PANEL, COLUMNS[n], PANEL, 1 + kind / 2, kind % 2}, low = r, high = r;
                low.units = cut;
                high.units = PANEL - cut;
                memcpy(whole, o.before, PANEL * PANEL * sizeof *whole);
                memcpy(parts, o.before, PANEL * PANEL * sizeof *parts);
                multiply_transposed(t, &o, r, 0, whole);
                multiply_transposed(t, &o, low, 0, parts);
                multiply_transposed(t, &o, high, cut, parts + cut * PANEL);
                assert_memory_equal(whole, parts, PANEL * PANEL * sizeof *parts);
            }
    }
    outer_destroy(&o);
    memory_destroy(whole);
    memory_destroy(parts);
}

static void transposes_are_exact_and_leave_the_rest_of_the_panel(void **state) {
    real *m = aligned_random(6, PANEL * (INNER + ROOM)), *out = aligned((INNER + 1) * PANEL);
    FOR_EACH_TABLE(t)
    for (int64_t rows = 1; rows <= PANEL; rows++)
        for (int64_t columns = 1; columns <= INNER; columns++) {
            int64_t ldm = columns + (rows + columns) % (ROOM + 1);
            for (int64_t i = 0; i < (columns + 1) * PANEL; i++) out[i] = OLD;
            t->ops->transpose(rows, columns, m, ldm, out);
            for (int64_t i = 0; i < (columns + 1) * PANEL; i++) {
                int64_t row = i % PANEL, column = i / PANEL;
                real want = row < rows && column < columns ? m[row * ldm + column] : OLD;
                if (out[i] != want)
                    fail_msg("%s, [%d, %d] of [%d, %d] in rows of %d: %.9g, not %.9g", t->name, (int)row, (int)column, (int)rows,
                             (int)columns, (int)ldm, (double)out[i], (double)want);
            }
        }
    memory_destroy(m);
    memory_destroy(out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_are_those_of_the_definition_for_every_remainder),
        cmocka_unit_test(transposed_products_are_those_of_the_definition_for_every_remainder),
        cmocka_unit_test(transposes_are_exact_and_leave_the_rest_of_the_panel),
        cmocka_unit_test(cut_into_calls_does_not_show_in_a_product),
        cmocka_unit_test(cut_into_calls_does_not_show_in_a_transposed_product),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
