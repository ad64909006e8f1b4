/*
 * Entropic transport against values of another program and its gradient against difference quotients. Built twice: in double
 * (test_sinkhorn_f64) for the formulas, in float (test_sinkhorn) for the arithmetic that is shipped.
 */
#include "one_context.h"
#include "train/methods/sinkhorn.h"

enum { ROWS = 9, DIM = 2, MANY = 150 };

static const double TOLERANCE = sizeof(real) == 8 ? 1e-8 : 2e-4;

/* x_ij = sin(1.3 i + 2 j), y_ij = cos(.7 i - j) + j / 2 */
static void fill(int64_t rows, real *x, real *y) {
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < DIM; j++) {
            x[i * DIM + j] = (real)sin(1.3 * (double)i + 2 * (double)j);
            y[i * DIM + j] = (real)(cos(.7 * (double)i - (double)j) + (double)j / 2);
        }
}

static sinkhorn *create(const char *cost_text, int64_t rows, cost *c) {
    sinkhorn *s;
    require(context, cost_parse(context, cost_text, DIM, NULL, c));
    require(context, sinkhorn_create(context, c, rows, &s));
    return s;
}

/* The deviation of a marginal that the arithmetic can reach. */
static sinkhorn_options exactly(double epsilon) {
    return (sinkhorn_options){epsilon, 200000, sizeof(real) == 8 ? 1e-13 : 2e-6};
}

/*
 * POT 0.9.7: a = full(9, 1/9); C = ot.dist(x, y) (squared Euclidean; 'euclidean' for the second); P = ot.sinkhorn(a, a, C, eps,
 * method='sinkhorn_log', stopThr=1e-15, numItermax=10**6); (P * C).sum() + eps * (P * log(P * 81)).sum()
 */
static void values_are_those_of_another_program(void **state) {
    static const struct {
        const char *cost;
        double epsilon, cross, own;
    } known[] = {
        {"sqeuclidean", 1, 1.61342080733157, 1.10600305796013},
        {"sqeuclidean", .1, .766205491873073, .17785280967794},
        {"euclidean", 1, 1.26597230935409, .967743788464996},
        {"euclidean", .1, .865358020266041, .2106313747774},
    };
    real x[ROWS * DIM], y[ROWS * DIM];
    fill(ROWS, x, y);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        cost c;
        sinkhorn *s = create(known[i].cost, ROWS, &c);
        sinkhorn_options o = exactly(known[i].epsilon);
        assert_close(sinkhorn_solve(s, x, y, &o, NULL), known[i].cross, TOLERANCE, "OT_eps(x, y)");
        assert_close(sinkhorn_solve(s, y, x, &o, NULL), known[i].cross, TOLERANCE, "OT_eps(y, x)");
        assert_close(sinkhorn_solve(s, x, x, &o, NULL), known[i].own, TOLERANCE, "OT_eps(x, x)");
        sinkhorn_destroy(s);
    }
}

typedef struct moved {
    sinkhorn *s;
    real *x, *y;
    int at;
} moved;

static double value_at(void *user, double value) {
    moved *m = user;
    sinkhorn_options o = exactly(.3);
    m->x[m->at] = (real)value;
    return sinkhorn_solve(m->s, m->x, m->y, &o, NULL);
}

/* In float the difference quotient itself is worth three digits. */
static void the_gradient_is_that_of_the_value_for_every_cost(void **state) {
    static const char *const costs[] = {"sqeuclidean", "euclidean", "pnorm:p=3", "cosine"};
    double tolerance = sizeof(real) == 8 ? 1e-6 : 5e-3, step = sizeof(real) == 8 ? 1e-5 : 1e-2;
    for (size_t k = 0; k < sizeof costs / sizeof *costs; k++) {
        real x[ROWS * DIM], y[ROWS * DIM], pull[ROWS * DIM];
        cost c;
        moved m = {create(costs[k], ROWS, &c), x, y, 0};
        sinkhorn_options o = exactly(.3);
        fill(ROWS, x, y);
        for (int i = 0; i < ROWS * DIM; i++) pull[i] = 1;
        sinkhorn_solve(m.s, x, y, &o, NULL);
        sinkhorn_pull(m.s, x, y, 2, pull);
        for (m.at = 0; m.at < ROWS * DIM; m.at++) {
            double at = x[m.at], want = (value_at(&m, at + step) - value_at(&m, at - step)) / (2 * step);
            x[m.at] = (real)at;
            assert_close(pull[m.at], 1 + 2 * want, tolerance, costs[k]);
        }
        sinkhorn_destroy(m.s);
    }
}

/* Costs of some hundred times epsilon, where the kernel itself is zero almost everywhere. */
static void a_small_epsilon_stays_finite_and_comes_close_to_the_assignment(void **state) {
    real x[MANY * DIM], y[MANY * DIM];
    cost c;
    sinkhorn *s = create("sqeuclidean", MANY, &c);
    for (int i = 0; i < MANY; i++) /* on a line, where the assignment is by order */
        for (int j = 0; j < DIM; j++) {
            x[i * DIM + j] = j ? 0 : (real)i / 10;
            y[i * DIM + j] = j ? 0 : (real)(MANY - 1 - i) / 10 + 2;
        }
    sinkhorn_options o = {.02, 20000, 1e-3};
    int64_t iterations;
    double value = sinkhorn_solve(s, x, y, &o, &iterations);
    assert_true(value >= 4 - 1e-2 && value <= 4 + .02 * log(MANY));
    sinkhorn_destroy(s);
}

static void the_number_of_iterations_is_kept_to(void **state) {
    real x[MANY * DIM], y[MANY * DIM];
    cost c;
    sinkhorn *s = create("sqeuclidean", MANY, &c);
    fill(MANY, x, y);
    sinkhorn_options o = {.01, 7, 0};
    int64_t iterations;
    sinkhorn_solve(s, x, y, &o, &iterations);
    assert_int_equal(iterations, 7);
    o = (sinkhorn_options){10, 1000, .01};
    sinkhorn_solve(s, x, y, &o, &iterations);
    assert_true(iterations < 10);
    sinkhorn_destroy(s);
}

static void the_mean_cost_is_that_over_all_pairs(void **state) {
    real x[ROWS * DIM], y[ROWS * DIM];
    double sum = 0;
    cost c;
    sinkhorn *s = create("sqeuclidean", ROWS, &c);
    fill(ROWS, x, y);
    for (int i = 0; i < ROWS; i++)
        for (int j = 0; j < ROWS; j++)
            for (int k = 0; k < DIM; k++) sum += pow((double)x[i * DIM + k] - (double)y[j * DIM + k], 2);
    assert_close(sinkhorn_mean_cost(s, x, y), sum / (ROWS * ROWS), 1e-6, "mean cost");
    sinkhorn_destroy(s);
}

static void bits_do_not_depend_on_the_threads(void **state) {
    real x[MANY * DIM], y[MANY * DIM], first[MANY * DIM], pull[MANY * DIM];
    double one = 0;
    fill(MANY, x, y);
    for (int threads = 1; threads <= 4; threads++) {
        cost c;
        require(context, enot_context_set_threads(context, threads));
        sinkhorn *s = create("sqeuclidean", MANY, &c);
        sinkhorn_options o = {.05, 30, 0};
        memset(pull, 0, sizeof pull);
        double value = sinkhorn_solve(s, x, y, &o, NULL);
        sinkhorn_pull(s, x, y, 1, pull);
        if (threads == 1) {
            one = value;
            memcpy(first, pull, sizeof pull);
        }
        assert_memory_equal(&one, &value, sizeof one);
        assert_memory_equal(first, pull, sizeof pull);
        sinkhorn_destroy(s);
    }
    require(context, enot_context_set_threads(context, 1));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_those_of_another_program),
        cmocka_unit_test(the_gradient_is_that_of_the_value_for_every_cost),
        cmocka_unit_test(a_small_epsilon_stays_finite_and_comes_close_to_the_assignment),
        cmocka_unit_test(the_number_of_iterations_is_kept_to),
        cmocka_unit_test(the_mean_cost_is_that_over_all_pairs),
        cmocka_unit_test(bits_do_not_depend_on_the_threads),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
