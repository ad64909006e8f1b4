/* Every elementwise kernel of every instruction set that this processor has, against the C library in double. */
#include "isa.h"
#include "numeric.h"
#include "ops/scalar.inc"

enum { MOST = 67 }; /* odd sizes up to here meet every remainder of a vector's width */

static void environment_chooses_the_kernels(void **state) {
    assert_int_equal(setenv("ENOT_ISA", "portable", 1), 0);
    assert_ptr_equal(ops_select(), &ops_portable);
    assert_non_null(strstr(ops_description(), "portable, as ENOT_ISA asks"));
    setenv("ENOT_ISA", "abacus", 1);
    const ops *fallback = ops_select();
    assert_null(strstr(ops_description(), "ENOT_ISA"));
    unsetenv("ENOT_ISA");
    assert_ptr_equal(ops_select(), fallback);
#ifdef __x86_64__
    FOR_EACH_TABLE(t) {
        if (strcmp(t->name, "avx2") == 0) assert_ptr_equal(t->ops, &ops_avx2);
        if (strcmp(t->name, "avx512") == 0) assert_ptr_equal(t->ops, &ops_avx512);
    }
#endif
}

static void best_kernels_are_the_last_that_the_environment_can_choose(void **state) {
    const char *names[ISA_MOST];
    int count = isa_here(names);
    assert_true(count >= 1);
    assert_memory_equal(ops_description(), names[count - 1], strlen(names[count - 1]));
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
        assert_scalar(scalar_exp_down(wide), exp(wide < 0 ? wide : 0), "exp down", wide);
        assert_scalar(scalar_erf(small), erf(small), "erf", small);
        assert_scalar(scalar_sigmoid(wide), 1 / (1 + exp(-(double)wide)), "sigmoid", wide);
        assert_scalar(scalar_log1p_unit(unit), log1p(unit), "log1p", unit);
        assert_scalar(scalar_log(tail), log(tail), "log", tail);
        assert_scalar(scalar_cos_turn(turn), cos(2 * M_PI * (double)turn), "cos", turn);
    }
    assert_true(scalar_exp(0) == 1 && scalar_exp_down(0.f) == 1 && scalar_exp_down(-0.f) == 1 && scalar_erf(0) == 0 && scalar_log(1) == 0);
}

static void scalar_functions_stay_finite_far_out(void **state) {
    const float far[] = {-INFINITY, -1e30f, -1000, 1000, 1e30f, INFINITY};
    for (size_t i = 0; i < sizeof far / sizeof *far; i++) {
        assert_true(isfinite(scalar_exp(far[i])));
        assert_scalar(scalar_exp_down(far[i]), far[i] > 0, "exp down", far[i]);
        assert_true(fabsf(scalar_erf(far[i])) <= 1.000001f);
        assert_scalar(scalar_sigmoid(far[i]), far[i] > 0, "sigmoid", far[i]);
    }
}

/* Training notices divergence by it. */
static void not_a_number_passes_through_the_activations(void **state) {
    const real bias[PANEL] = {0};
    FOR_EACH_TABLE(t)
    for (int kind = 0; kind < ACTIVATION_RELU; kind++)
        for (int second_order = 0; second_order < 2; second_order++) {
            real value[PANEL], slope[PANEL], curvature[PANEL];
            for (int j = 0; j < PANEL; j++) value[j] = j == 5 ? NAN : j == 6 ? -NAN : 1;
            t->ops->activate((activation)kind, 1, bias, value, slope, second_order ? curvature : NULL);
            for (int j = 0; j < PANEL; j++) assert_int_equal(isnan(value[j]) != 0, j == 5 || j == 6);
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

enum { ACTIVATION_ROWS = 20, ACTIVATION_MOST = (ACTIVATION_ROWS + 1) * PANEL };

/* One row more than asked for, which must stay as it was. */
static void assert_activation(const isa_table *t, activation kind, int64_t rows, const real *z, const real *bias,
                              int second_order) {
    real value[ACTIVATION_MOST], slope[ACTIVATION_MOST], curvature[ACTIVATION_MOST];
    int64_t count = rows * PANEL;
    memcpy(value, z, sizeof value);
    memcpy(slope, z, sizeof slope);
    memcpy(curvature, z, sizeof curvature);
    t->ops->activate(kind, rows, bias, value, slope, second_order ? curvature : NULL);
    for (int64_t i = 0; i < count; i++) {
        double at = (double)z[i] + (double)bias[i % PANEL], jet[3];
        define_activation(kind, at, jet);
        const double got[3] = {value[i], slope[i], curvature[i]};
        for (int k = 0; k < 2 + second_order; k++)
            if (!(fabs(got[k] - jet[k]) <= 1e-6 * fmax(1, fabs(jet[k]))))
                fail_msg("%s, %s, derivative %d at %g: %.9g, not %.9g", t->name, activation_name(kind), k, at, got[k], jet[k]);
    }
    assert_memory_equal(value + count, z + count, PANEL * sizeof *z);
    assert_memory_equal(slope + count, z + count, PANEL * sizeof *z);
    assert_memory_equal(curvature + count, z + count, PANEL * sizeof *z);
}

static void activations_and_their_derivatives_are_exact_to_rounding(void **state) {
    FOR_EACH_TABLE(t)
    for (int kind = 0; kind < ACTIVATION_COUNT; kind++)
        for (int64_t rows = 1; rows <= ACTIVATION_ROWS; rows++) {
            real z[ACTIVATION_MOST], bias[PANEL];
            /* Multiples of 1/64, so that z + bias is exact: 0 and both signs to 30 are among them. */
            for (int64_t j = 0; j < PANEL; j++) bias[j] = (real)((j * 37) % 129 - 64) / 64;
            for (int64_t i = 0; i < ACTIVATION_MOST; i++) z[i] = (real)((i * 997 + rows * 61) % 3713 - 1856) / 64;
            z[0] = -bias[0];
            assert_activation(t, (activation)kind, rows, z, bias, rows % 2);
        }
}

/* got[i] = want[i] for i < n, and what was there before beyond. */
static void assert_first(int64_t n, const real *got, const double *want, const real *before, const char *what) {
    for (int64_t i = 0; i < MOST; i++) assert_close(got[i], i < n ? want[i] : (double)before[i], i < n ? 1e-6 : 0, what);
}

static void backward_is_the_product_with_slope_and_curvature(void **state) {
    real *slope = random_reals(1, MOST, 1), *before = random_reals(2, MOST, 1), *curvature = random_reals(3, MOST, 1);
    FOR_EACH_TABLE(t)
    for (int64_t n = 1; n <= MOST; n++) {
        real e[MOST], plain[MOST], bend[MOST];
        double through[MOST], bent[MOST];
        memcpy(e, before, sizeof e);
        memcpy(plain, before, sizeof plain);
        memcpy(bend, curvature, sizeof bend);
        t->ops->backward(n, slope, bend, e);
        t->ops->backward(n, slope, NULL, plain);
        for (int64_t i = 0; i < MOST; i++) {
            through[i] = (double)slope[i] * before[i];
            bent[i] = (double)curvature[i] * before[i];
        }
        assert_first(n, e, through, before, t->name);
        assert_first(n, plain, through, before, t->name);
        assert_first(n, bend, bent, curvature, t->name);
    }
    free(slope);
    free(before);
    free(curvature);
}

static void tangent_and_adjoint_match_their_definitions(void **state) {
    real *slope = random_reals(1, MOST, 1), *before = random_reals(2, MOST, 1), *curvature = random_reals(3, MOST, 1);
    FOR_EACH_TABLE(t)
    for (int64_t n = 1; n <= MOST; n++) {
        real apart[MOST], bend[MOST], tangent[MOST], in_place[MOST], e[MOST];
        double through[MOST], bent[MOST], sum[MOST];
        memcpy(apart, before, sizeof apart);
        memcpy(bend, slope, sizeof bend);
        memcpy(tangent, before, sizeof tangent);
        memcpy(in_place, curvature, sizeof in_place);
        memcpy(e, before, sizeof e);
        t->ops->tangent(n, slope, curvature, apart, bend);
        t->ops->tangent(n, slope, in_place, tangent, in_place);
        t->ops->adjoint(n, slope, curvature, e);
        for (int64_t i = 0; i < MOST; i++) {
            through[i] = (double)slope[i] * before[i];
            bent[i] = (double)curvature[i] * before[i];
            sum[i] = through[i] + curvature[i];
        }
        assert_first(n, apart, through, before, t->name);
        assert_first(n, tangent, through, before, t->name);
        assert_first(n, bend, bent, slope, t->name);
        assert_first(n, in_place, bent, curvature, t->name);
        assert_first(n, e, sum, before, t->name);
    }
    free(slope);
    free(before);
    free(curvature);
}

static void add_is_the_sum(void **state) {
    real *term = random_reals(1, MOST, 1), *before = random_reals(2, MOST, 1);
    FOR_EACH_TABLE(t)
    for (int64_t n = 0; n <= MOST; n++) {
        real sum[MOST];
        memcpy(sum, before, sizeof sum);
        t->ops->add(n, term, sum);
        for (int64_t i = 0; i < MOST; i++) assert_true(sum[i] == (i < n ? before[i] + term[i] : before[i]));
    }
    free(term);
    free(before);
}

enum { SUMMED_ROWS = 9 };

static void scaled_rows_keep_to_their_panel(void **state) {
    real *m = random_reals(4, (SUMMED_ROWS + 1) * PANEL, 1), *scale = random_reals(5, SUMMED_ROWS + 1, 1);
    FOR_EACH_TABLE(t)
    for (int64_t rows = 0; rows <= SUMMED_ROWS; rows++) {
        real scaled[(SUMMED_ROWS + 1) * PANEL];
        memcpy(scaled, m, sizeof scaled);
        t->ops->scale_rows(rows, scale, scaled);
        for (int64_t i = 0; i < (SUMMED_ROWS + 1) * PANEL; i++)
            assert_true(scaled[i] == (i < rows * PANEL ? m[i] * scale[i / PANEL] : m[i]));
    }
    free(m);
    free(scale);
}

static void sums_of_rows_are_added_to_what_is_there(void **state) {
    real *m = random_reals(4, SUMMED_ROWS * PANEL, 1), *other = random_reals(5, SUMMED_ROWS * PANEL, 1);
    real *before = random_reals(6, PANEL, 1);
    FOR_EACH_TABLE(t)
    for (int64_t rows = 0; rows <= SUMMED_ROWS; rows++) {
        real one[PANEL], both[PANEL];
        double sum[PANEL], sums[PANEL];
        memcpy(one, before, sizeof one);
        memcpy(both, before, sizeof both);
        t->ops->sum_rows(rows, m, NULL, one);
        t->ops->sum_rows(rows, m, other, both);
        for (int64_t j = 0; j < PANEL; j++) {
            sum[j] = sums[j] = before[j];
            for (int64_t i = j; i < rows * PANEL; i += PANEL) {
                sum[j] += m[i];
                sums[j] += (double)m[i] + other[i];
            }
        }
        assert_all_close(PANEL, one, sum, 1e-6, t->name);
        assert_all_close(PANEL, both, sums, 1e-6, t->name);
    }
    free(m);
    free(other);
    free(before);
}

/* The critic's bias gradient is a difference of nearly equal sums: a row's two sides are added before anything else. */
static void what_cancels_in_a_row_cancels_exactly(void **state) {
    real *m = random_reals(4, SUMMED_ROWS * PANEL, 1e5), *other = random_reals(5, SUMMED_ROWS * PANEL, 1);
    double want[PANEL] = {0};
    for (int64_t i = 0; i < SUMMED_ROWS * PANEL; i++) {
        other[i] -= m[i];
        want[i % PANEL] += (double)(m[i] + other[i]);
    }
    FOR_EACH_TABLE(t) {
        real sum[PANEL] = {0};
        t->ops->sum_rows(SUMMED_ROWS, m, other, sum);
        assert_all_close(PANEL, sum, want, 1e-6, t->name);
    }
    free(m);
    free(other);
}

static void adam_and_average_match_their_definitions(void **state) {
    const ops_adam k = {.01f, .9f, .99f, 1e-8f, .1f, 3, 5, .75f};
    real *g = random_reals(7, MOST, 1), *w = random_reals(8, MOST, 1), *m = random_reals(9, MOST, .1);
    FOR_EACH_TABLE(t)
    for (int64_t n = 1; n <= MOST; n++) {
        real weight[MOST], first[MOST], second[MOST], mean[MOST];
        for (int64_t i = 0; i < MOST; i++) second[i] = m[i] * m[i];
        memcpy(weight, w, sizeof weight);
        memcpy(first, m, sizeof first);
        memcpy(mean, g, sizeof mean);
        t->ops->adam(n, &k, &(ops_adam_state){g, first, second, weight, mean});
        for (int64_t i = 0; i < n; i++) {
            double moment1 = .9 * m[i] + .1 * g[i], moment2 = .99 * m[i] * m[i] + .01 * g[i] * g[i];
            double moved = w[i] - .01 * (3 * moment1 / (sqrt(5 * moment2) + 1e-8) + .1 * w[i]);
            assert_close(first[i], moment1, 1e-6, "first moment");
            assert_close(second[i], moment2, 1e-6, "second moment");
            assert_close(weight[i], moved, 1e-6, "weight");
            assert_close(mean[i], .75 * g[i] + .25 * moved, 1e-6, "average");
        }
        for (int64_t i = n; i < MOST; i++)
            assert_true(weight[i] == w[i] && first[i] == m[i] && second[i] == m[i] * m[i] && mean[i] == g[i]);
    }
    free(g);
    free(w);
    free(m);
}

/* Of a panel whose moments and weights are rows of something wider. */
static void panels_of_adam_match_their_definitions(void **state) {
    enum { ROWS = 5, LD = 41, COUNT = ROWS * LD };
    const ops_adam k = {.01f, .9f, .99f, 1e-8f, 0, 3, 5, .75f};
    real *g = random_reals(7, ROWS * PANEL, 1), *w = random_reals(8, COUNT, 1), *m = random_reals(9, COUNT, .1);
    FOR_EACH_TABLE(t)
    for (int64_t columns = 1; columns <= PANEL; columns++) {
        real direction[ROWS * PANEL], first[COUNT], second[COUNT], weight[COUNT], mean[COUNT];
        for (int64_t i = 0; i < COUNT; i++) second[i] = m[i] * m[i];
        memcpy(direction, g, sizeof direction);
        memcpy(first, m, sizeof first);
        memcpy(weight, w, sizeof weight);
        memcpy(mean, m, sizeof mean);
        t->ops->adam_direction(ROWS, columns, &k, first + 3, second + 3, LD, direction);
        t->ops->descend(ROWS, columns, k.learning_rate, k.averaging, direction, weight + 3, mean + 3, LD);
        for (int64_t i = 0; i < COUNT; i++) {
            int64_t row = (i - 3 + LD) / LD - 1, column = (i - 3 + LD) % LD;
            int64_t at = row * PANEL + column;
            int inside = i >= 3 && column < columns;
            double moment1 = inside ? .9 * m[i] + .1 * g[at] : m[i];
            double moment2 = m[i] * m[i] * (inside ? .99 : 1) + (inside ? .01 * g[at] * g[at] : 0);
            double step = 3 * moment1 / (sqrt(5 * moment2) + 1e-8), moved = inside ? w[i] - .01 * step : w[i];
            if (inside) assert_close(direction[at], step, 2e-6, t->name);
            assert_close(first[i], moment1, 1e-6, t->name);
            assert_close(second[i], moment2, 1e-6, t->name);
            assert_close(weight[i], moved, 1e-6, t->name);
            assert_close(mean[i], inside ? .75 * m[i] + .25 * moved : m[i], 1e-6, t->name);
        }
        for (int64_t i = 0; i < ROWS * PANEL; i++) assert_true(i % PANEL < columns || direction[i] == g[i]);
    }
    free(g);
    free(w);
    free(m);
}

static void blend_is_the_running_mean(void **state) {
    real *term = random_reals(5, MOST, 1), *mean = random_reals(6, MOST, 1);
    FOR_EACH_TABLE(t)
    for (int64_t n = 1; n <= MOST; n++) {
        real got[MOST];
        memcpy(got, mean, sizeof got);
        t->ops->blend(n, .25f, term, got);
        for (int64_t i = 0; i < MOST; i++) assert_close(got[i], i < n ? .75 * mean[i] + .25 * term[i] : mean[i], 1e-6, t->name);
    }
    free(term);
    free(mean);
}

static void normals_are_the_same_in_every_table(void **state) {
    real want[1000], got[1000];
    ops_reference.normals(123456789012345, 3, UINT64_C(1) << 40, 1000, want);
    FOR_EACH_TABLE(t) {
        t->ops->normals(123456789012345, 3, UINT64_C(1) << 40, 1000, got);
        for (int i = 0; i < 1000; i++) assert_close(got[i], want[i], 2e-6, t->name);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(environment_chooses_the_kernels),
        cmocka_unit_test(best_kernels_are_the_last_that_the_environment_can_choose),
        cmocka_unit_test(scalar_functions_are_within_5e_7_of_the_c_library),
        cmocka_unit_test(scalar_functions_stay_finite_far_out),
        cmocka_unit_test(not_a_number_passes_through_the_activations),
        cmocka_unit_test(activations_and_their_derivatives_are_exact_to_rounding),
        cmocka_unit_test(backward_is_the_product_with_slope_and_curvature),
        cmocka_unit_test(tangent_and_adjoint_match_their_definitions),
        cmocka_unit_test(add_is_the_sum),
        cmocka_unit_test(scaled_rows_keep_to_their_panel),
        cmocka_unit_test(sums_of_rows_are_added_to_what_is_there),
        cmocka_unit_test(what_cancels_in_a_row_cancels_exactly),
        cmocka_unit_test(adam_and_average_match_their_definitions),
        cmocka_unit_test(panels_of_adam_match_their_definitions),
        cmocka_unit_test(blend_is_the_running_mean),
        cmocka_unit_test(normals_are_the_same_in_every_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
