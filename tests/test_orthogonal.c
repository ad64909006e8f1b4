/* The orthogonal factor of a QR decomposition, on every instruction set. */
#include "isa.h"
#include "numeric.h"
#include "train/optimizers/orthogonal.h"

enum { MOST = 150 };

static const int64_t SIZES[] = {1, 2, 31, 32, 33, 64, 97, MOST};
static const double TOLERANCE = sizeof(real) == 8 ? 1e-13 : 2e-5;

static panels panels_new(int64_t n) {
    panels m = {aligned_alloc(64, (size_t)panels_size(n, n) * sizeof(real)), n};
    assert_non_null(m.at);
    memset(m.at, 0, (size_t)panels_size(n, n) * sizeof(real));
    return m;
}

/* q = Q of m, row-major. */
static void factor(int64_t n, const real *m, real *q) {
    panels in = panels_new(n), out = panels_new(n);
    real *scratch = aligned_alloc(64, (size_t)orthogonal_scratch(n) * sizeof *scratch);
    memset(out.at, 77, (size_t)panels_size(n, n) * sizeof(real));
    panels_from_rows(m, n, n, NULL, in);
    orthogonal_factor(ops_select(), n, in, out, scratch);
    panels_to_rows(out, n, n, q);
    free(in.at);
    free(out.at);
    free(scratch);
}

/* Element i, j of q^T m. */
static double product_at(int64_t n, const real *q, const real *m, int64_t i, int64_t j) {
    double sum = 0;
    for (int64_t k = 0; k < n; k++) sum += (double)q[k * n + i] * (double)m[k * n + j];
    return sum;
}

static void assert_factor(int64_t n, const real *m) {
    static real q[MOST * MOST];
    double size = 0;
    for (int64_t i = 0; i < n * n; i++) size = fmax(size, fabs(m[i]));
    factor(n, m, q);
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < n; j++) {
            assert_close(product_at(n, q, q, i, j), i == j, TOLERANCE, "Q^T Q");
            if (i > j) assert_close(product_at(n, q, m, i, j) / (size > 0 ? size : 1), 0, TOLERANCE, "R below its diagonal");
        }
}

/* Runs the test with each instruction set. */
static void on_every_isa(void (*test)(void)) {
    const char *names[ISA_MOST];
    int count = isa_here(names);
    for (int i = 0; i < count; i++) {
        setenv("ENOT_ISA", names[i], 1);
        test();
    }
    unsetenv("ENOT_ISA");
}

static void factor_full(void) {
    for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; i++) {
        real *m = random_reals(i, SIZES[i] * SIZES[i], 1);
        assert_factor(SIZES[i], m);
        free(m);
    }
}

/* Columns that repeat, and columns of zeros. */
static void factor_deficient(void) {
    for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; i++) {
        int64_t n = SIZES[i];
        real *m = random_reals(i, n * n, 1);
        for (int64_t r = 0; r < n; r++)
            for (int64_t c = 0; c < n; c++) m[r * n + c] = c % 3 == 2 ? 0 : m[r * n + c % 5];
        assert_factor(n, m);
        memset(m, 0, (size_t)(n * n) * sizeof *m);
        assert_factor(n, m);
        free(m);
    }
}

/* Columns that fall by many orders of magnitude, as those of a power iteration do. */
static void factor_graded(void) {
    for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; i++) {
        int64_t n = SIZES[i];
        real *m = random_reals(i, n * n, 1);
        for (int64_t r = 0; r < n; r++)
            for (int64_t c = 0; c < n; c++) m[r * n + c] *= (real)pow(10, -12.0 * (double)c / (double)n);
        assert_factor(n, m);
        free(m);
    }
}

static void q_is_orthogonal_and_r_triangular(void **state) { on_every_isa(factor_full); }

static void matrices_of_any_rank_have_an_orthogonal_factor(void **state) { on_every_isa(factor_deficient); }

static void small_columns_have_one_too(void **state) { on_every_isa(factor_graded); }

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(q_is_orthogonal_and_r_triangular),
        cmocka_unit_test(matrices_of_any_rank_have_an_orthogonal_factor),
        cmocka_unit_test(small_columns_have_one_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
