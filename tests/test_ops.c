/* Every kernel of every instruction set that this processor has, against the C library in double. */
#include "numeric.h"
#include "ops/ops.h"
#include "ops/scalar.inc"

enum { MOST = 67 }; /* odd sizes up to here meet every remainder of a vector's width */

typedef struct table {
    const char *name;
    const ops_kernels *kernels;
} table;

/* What ENOT_ISA can choose here; returns how many. */
static int tables_here(table tables[3]) {
    static const char *const names[] = {"portable", "avx2", "avx512"};
    int count = 0;
    for (int i = 0; i < 3; i++) {
        setenv("ENOT_ISA", names[i], 1);
        const ops *chosen = ops_select();
        if (strstr(chosen->description, names[i]) && strstr(chosen->description, "as ENOT_ISA asks"))
            tables[count++] = (table){names[i], chosen->kernels};
    }
    unsetenv("ENOT_ISA");
    return count;
}

#define FOR_EACH_TABLE(t)                                                        \
    table tables[3];                                                             \
    int table_count = tables_here(tables);                                       \
    for (const table *t = tables; t < tables + table_count; t++)

static void environment_chooses_the_kernels(void **state) {
    assert_int_equal(setenv("ENOT_ISA", "portable", 1), 0);
    assert_ptr_equal(ops_select()->kernels, &ops_kernels_portable);
    assert_non_null(strstr(ops_select()->description, "ENOT_ISA"));
    setenv("ENOT_ISA", "abacus", 1);
    const ops_kernels *fallback = ops_select()->kernels;
    assert_null(strstr(ops_select()->description, "ENOT_ISA"));
    unsetenv("ENOT_ISA");
    assert_ptr_equal(ops_select()->kernels, fallback);
#ifdef __x86_64__
    FOR_EACH_TABLE(t) {
        if (strcmp(t->name, "avx2") == 0) assert_ptr_equal(t->kernels, &ops_kernels_avx2);
        if (strcmp(t->name, "avx512") == 0) assert_ptr_equal(t->kernels, &ops_kernels_avx512);
    }
#endif
}

/* The smaller of absolute and relative error. */
static void assert_scalar(double got, double want, const char *name, double at) {
    double error = fabs(got - want);
    if (!(error <= 5e-7 || error <= 5e-7 * fabs(want))) fail_msg("%s(%.9g) = %.9g, not %.9g", name, at, got, want);
}

static void scalar_functions_are_within_5e_7_of_the_c_library(void **state) {
    const int grid = 200000;
    for (int i = 0; i <= grid; i++) {
        float part = (float)i / (float)grid, wide = 87 * (2 * part - 1), unit = part, small = 5 * (2 * part - 1);
        float turn = -.25f + 1.2499f * part, tail = powf(2, -26 * part);
        assert_scalar(scalar_exp(wide), exp(wide), "exp", wide);
        assert_scalar(scalar_erf(small), erf(small), "erf", small);
        assert_scalar(scalar_sigmoid(wide), 1 / (1 + exp(-(double)wide)), "sigmoid", wide);
        assert_scalar(scalar_log1p_unit(unit), log1p(unit), "log1p", unit);
        assert_scalar(scalar_log(tail), log(tail), "log", tail);
        assert_scalar(scalar_cos_turn(turn), cos(2 * M_PI * (double)turn), "cos", turn);
    }
    assert_true(scalar_exp(0) == 1 && scalar_erf(0) == 0 && scalar_log(1) == 0);
}

static void scalar_functions_stay_finite_far_out(void **state) {
    const float far[] = {-INFINITY, -1e30f, -1000, 1000, 1e30f, INFINITY};
    for (size_t i = 0; i < sizeof far / sizeof *far; i++) {
        assert_true(isfinite(scalar_exp(far[i])));
        assert_true(fabsf(scalar_erf(far[i])) <= 1.000001f);
        assert_scalar(scalar_sigmoid(far[i]), far[i] > 0, "sigmoid", far[i]);
    }
}

/* Training notices divergence by it. */
static void not_a_number_passes_through_the_activations(void **state) {
    const real bias[2] = {0, 0};
    FOR_EACH_TABLE(t)
    for (int kind = 0; kind < ACTIVATION_RELU; kind++) {
        real value[2] = {NAN, 1}, slope[2], curvature[2];
        t->kernels->activate((activation)kind, 1, 2, bias, value, slope, curvature);
        assert_true(isnan(value[0]) && isfinite(value[1]));
    }
}

/* Value, slope and curvature of each activation, from its definition. */
static void define_activation(activation kind, double z, double jet[3]) {
    double s = 1 / (1 + exp(-z)), t = tanh(z), phi = exp(-z * z / 2) / sqrt(2 * M_PI), cumulative = erfc(-z / sqrt(2)) / 2;
    double leak = z >= 0 ? 1 : 0.2, step = z > 0;
    const double jets[ACTIVATION_COUNT][3] = {
        [ACTIVATION_ELU] = {z > 0 ? z : expm1(z), z > 0 ? 1 : exp(z), z > 0 ? 0 : exp(z)},
        [ACTIVATION_CELU] = {z > 0 ? z : expm1(z), z > 0 ? 1 : exp(z), z > 0 ? 0 : exp(z)},
        [ACTIVATION_SILU] = {z * s, s + z * s * (1 - s), s * (1 - s) * (2 + z * (1 - 2 * s))},
        [ACTIVATION_GELU] = {z * cumulative, cumulative + z * phi, phi * (2 - z * z)},
        [ACTIVATION_SOFTPLUS] = {z > 0 ? z + log1p(exp(-z)) : log1p(exp(z)), s, s * (1 - s)},
        [ACTIVATION_TANH] = {t, 1 - t * t, -2 * t * (1 - t * t)},
        [ACTIVATION_RELU] = {step * z, step, 0},
        [ACTIVATION_LEAKY_RELU] = {leak * z, leak, 0},
    };
    memcpy(jet, jets[kind], sizeof jets[kind]);
}

static void assert_activation(const table *t, activation kind, int64_t width, const real *z, const real *bias) {
    real value[MOST * 3], slope[MOST * 3], curvature[MOST * 3];
    memcpy(value, z, (size_t)(3 * width) * sizeof *z);
    t->kernels->activate(kind, 3, width, bias, value, slope, curvature);
    for (int64_t i = 0; i < 3 * width; i++) {
        double at = (double)z[i] + (double)bias[i % width], jet[3];
        define_activation(kind, at, jet);
        const double got[3] = {value[i], slope[i], curvature[i]};
        for (int k = 0; k < 3; k++)
            if (!(fabs(got[k] - jet[k]) <= 1e-6 * fmax(1, fabs(jet[k]))))
                fail_msg("%s, %s, derivative %d at %g: %.9g, not %.9g", t->name, activation_name(kind), k, at, got[k], jet[k]);
    }
}

static void activations_and_their_derivatives_are_exact_to_rounding(void **state) {
    FOR_EACH_TABLE(t)
    for (int kind = 0; kind < ACTIVATION_COUNT; kind++)
        for (int64_t width = 1; width <= MOST; width++) {
            real z[MOST * 3], bias[MOST];
            /* Multiples of 1/64, so that z + bias is exact: 0 and both signs to 30 are among them. */
            for (int64_t j = 0; j < width; j++) bias[j] = (real)((j * 37) % 129 - 64) / 64;
            for (int64_t i = 0; i < 3 * width; i++) z[i] = (real)((i * 997 + width * 61) % 3713 - 1856) / 64;
            z[0] = -bias[0];
            assert_activation(t, (activation)kind, width, z, bias);
        }
}

static void tangent_adjoint_and_products_match_their_definitions(void **state) {
    real *a = random_reals(1, MOST, 1), *b = random_reals(2, MOST, 1), *c = random_reals(3, MOST, 1);
    FOR_EACH_TABLE(t)
    for (int64_t n = 1; n <= MOST; n++) {
        real out[MOST], bend[MOST], e[MOST];
        memcpy(bend, c, sizeof bend);
        memcpy(e, b, sizeof e);
        memcpy(out, b, sizeof out);
        t->kernels->multiply(n, a, out, out);
        t->kernels->tangent(n, a, c, e, bend);
        for (int64_t i = 0; i < MOST; i++) {
            assert_close(out[i], i < n ? (double)a[i] * b[i] : b[i], 1e-6, t->name);
            assert_close(bend[i], i < n ? (double)c[i] * b[i] * c[i] : c[i], 1e-6, t->name);
            assert_close(e[i], i < n ? (double)a[i] * b[i] : b[i], 1e-6, t->name);
        }
        memcpy(e, b, sizeof e);
        t->kernels->adjoint(n, a, c, e);
        for (int64_t i = 0; i < MOST; i++) assert_close(e[i], i < n ? (double)a[i] * b[i] + c[i] : b[i], 1e-6, t->name);
    }
    free(a);
    free(b);
    free(c);
}

static void scaling_and_sums_keep_to_their_rows_and_columns(void **state) {
    enum { ROWS = 5, STRIDE = MOST + 3 };
    real *m = random_reals(4, ROWS * STRIDE, 1), *other = random_reals(5, ROWS * STRIDE, 1), *scale = random_reals(6, MOST, 1);
    FOR_EACH_TABLE(t)
    for (int64_t width = 1; width <= MOST; width++) {
        real rows[ROWS * MOST], columns[ROWS * MOST], one[MOST], both[MOST];
        memcpy(rows, m, (size_t)(ROWS * width) * sizeof *m);
        t->kernels->scale_rows(ROWS, width, scale, rows);
        t->kernels->scale_columns(ROWS, width, scale, m, columns);
        for (int64_t i = 0; i < ROWS * width; i++) {
            assert_close(rows[i], (double)m[i] * scale[i / width], 1e-6, t->name);
            assert_close(columns[i], (double)m[i] * scale[i % width], 1e-6, t->name);
        }
        t->kernels->sum_rows(ROWS, width, m, NULL, STRIDE, one);
        t->kernels->sum_rows(ROWS, width, m, other, STRIDE, both);
        for (int64_t j = 0; j < width; j++) {
            double sum = 0, sums = 0;
            for (int64_t i = 0; i < ROWS; i++) {
                sum += m[i * STRIDE + j];
                sums += (double)m[i * STRIDE + j] + other[i * STRIDE + j];
            }
            assert_close(one[j], sum, 1e-6, t->name);
            assert_close(both[j], sums, 1e-6, t->name);
        }
    }
    free(m);
    free(other);
    free(scale);
}

static void adam_and_average_match_their_definitions(void **state) {
    const ops_adam k = {.01f, .9f, .99f, 1e-8f, .1f, 3, 5};
    real *g = random_reals(7, MOST, 1), *w = random_reals(8, MOST, 1), *m = random_reals(9, MOST, .1);
    FOR_EACH_TABLE(t)
    for (int64_t n = 1; n <= MOST; n++) {
        real weight[MOST], first[MOST], second[MOST], mean[MOST];
        for (int64_t i = 0; i < MOST; i++) second[i] = m[i] * m[i];
        memcpy(weight, w, sizeof weight);
        memcpy(first, m, sizeof first);
        memcpy(mean, g, sizeof mean);
        t->kernels->adam(n, &k, g, first, second, weight);
        t->kernels->average(n, .75f, weight, mean);
        for (int64_t i = 0; i < n; i++) {
            double moment1 = .9 * m[i] + .1 * g[i], moment2 = .99 * m[i] * m[i] + .01 * g[i] * g[i];
            double moved = w[i] - .01 * (3 * moment1 / (sqrt(5 * moment2) + 1e-8) + .1 * w[i]);
            assert_close(first[i], moment1, 1e-6, "first moment");
            assert_close(second[i], moment2, 1e-6, "second moment");
            assert_close(weight[i], moved, 1e-6, "weight");
            assert_close(mean[i], .75 * g[i] + .25 * moved, 1e-6, "average");
        }
        for (int64_t i = n; i < MOST; i++) assert_true(weight[i] == w[i] && first[i] == m[i] && mean[i] == g[i]);
    }
    free(g);
    free(w);
    free(m);
}

static void normals_are_the_same_in_every_table(void **state) {
    real want[1000], got[1000];
    ops_kernels_portable.normals(123456789012345, 3, UINT64_C(1) << 40, 1000, want);
    FOR_EACH_TABLE(t) {
        t->kernels->normals(123456789012345, 3, UINT64_C(1) << 40, 1000, got);
        for (int i = 0; i < 1000; i++) assert_close(got[i], want[i], 2e-6, t->name);
    }
}

/* op(a) op(b) + beta c in double, for c [m,n] in rows ldc apart. */
static void define_product(int ta, int tb, int64_t m, int64_t n, int64_t k, const real *a, int64_t lda, const real *b,
                           int64_t ldb, double beta, const real *c, int64_t ldc, double *out) {
    for (int64_t i = 0; i < m * ldc; i++) out[i] = c[i];
    for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < n; j++) {
            double sum = beta == 0 ? 0 : beta * c[i * ldc + j];
            for (int64_t l = 0; l < k; l++)
                sum += (double)(ta ? a[l * lda + i] : a[i * lda + l]) * (tb ? b[j * ldb + l] : b[l * ldb + j]);
            out[i * ldc + j] = sum;
        }
}

/* One product with room to the right of each row, which must stay as it was. */
static void assert_gemm(int ta, int tb, int64_t m, int64_t n, int64_t k, real beta) {
    int64_t lda = (ta ? m : k) + 2, ldb = (tb ? k : n) + 1, ldc = n + 3;
    real *a = random_reals(1, (ta ? k : m) * lda, 1), *b = random_reals(2, (tb ? n : k) * ldb, 1);
    real *c = random_reals(3, m * ldc, 1), *plain = random_reals(3, m * ldc, 1);
    double *want = malloc((size_t)(m * ldc) * sizeof *want);
    for (int64_t i = 0; beta == 0 && i < m; i++) c[i * ldc] = plain[i * ldc] = NAN; /* not read */
    define_product(ta, tb, m, n, k, a, lda, b, ldb, beta, c, ldc, want);
    gemm_reference(ta, tb, m, n, k, a, lda, b, ldb, beta, plain, ldc);
    ops_select()->gemm(ta, tb, m, n, k, a, lda, b, ldb, beta, c, ldc);
    assert_all_close(m * ldc, plain, want, 1e-5, "the plain product");
    assert_all_close(m * ldc, c, want, 1e-5, "the library's product");
    free(a);
    free(b);
    free(c);
    free(plain);
    free(want);
}

static void matrix_products_agree_with_the_plain_one(void **state) {
    const int64_t sizes[][3] = {{1, 1, 1}, {1, 7, 3}, {5, 1, 9}, {17, 13, 1}, {31, 67, 45}, {64, 129, 33}, {128, 3, 70}};
    const real betas[] = {0, 1, .5f};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (int transposes = 0; transposes < 4; transposes++)
            for (int b = 0; b < 3; b++)
                assert_gemm(transposes & 1, transposes >> 1, sizes[s][0], sizes[s][1], sizes[s][2], betas[b]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(environment_chooses_the_kernels),
        cmocka_unit_test(scalar_functions_are_within_5e_7_of_the_c_library),
        cmocka_unit_test(scalar_functions_stay_finite_far_out),
        cmocka_unit_test(not_a_number_passes_through_the_activations),
        cmocka_unit_test(activations_and_their_derivatives_are_exact_to_rounding),
        cmocka_unit_test(tangent_adjoint_and_products_match_their_definitions),
        cmocka_unit_test(scaling_and_sums_keep_to_their_rows_and_columns),
        cmocka_unit_test(adam_and_average_match_their_definitions),
        cmocka_unit_test(normals_are_the_same_in_every_table),
        cmocka_unit_test(matrix_products_agree_with_the_plain_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
