/* Many small problems at once: known minima, each problem on its own, and what has no way down. In double. */
#include "one_context.h"
#include "train/methods/lbfgs.h"

enum { PROBLEMS = 7, DIM = 6 };

/* sum over j of weight_j / 2 (x_j - centre_j)^2, weights from 1 to some hundreds: problem k has a centre of its own. */
static double weight_of(int64_t j) { return pow(3, (double)j); }
static double centre_of(int64_t problem, int64_t j) { return sin((double)(3 * problem + j)) * 2; }

static void quadratic(void *user, int64_t count, const int64_t *problem, const real *points, real *values, real *gradients) {
    *(int64_t *)user += count;
    for (int64_t i = 0; i < count; i++) {
        values[i] = 0;
        for (int64_t j = 0; j < DIM; j++) {
            double away = points[i * DIM + j] - centre_of(problem[i], j);
            values[i] += weight_of(j) / 2 * away * away;
            gradients[i * DIM + j] = weight_of(j) * away;
        }
    }
}

static void rosenbrock(void *user, int64_t count, const int64_t *problem, const real *points, real *values, real *gradients) {
    for (int64_t i = 0; i < count; i++) {
        double x = points[2 * i], y = points[2 * i + 1], bend = y - x * x;
        values[i] = (1 - x) * (1 - x) + 100 * bend * bend;
        gradients[2 * i] = -2 * (1 - x) - 400 * x * bend;
        gradients[2 * i + 1] = 200 * bend;
    }
}

/* A linear function with the gradient's sign wrong: no step goes down. */
static void misleading(void *user, int64_t count, const int64_t *problem, const real *points, real *values, real *gradients) {
    for (int64_t i = 0; i < count; i++) {
        values[i] = -points[i];
        gradients[i] = 1;
    }
}

static lbfgs *solver(int64_t problems, int64_t dim) {
    lbfgs *l;
    require(context, lbfgs_create(context, problems, dim, &l));
    return l;
}

static void quadratics_reach_their_minima_in_few_iterations(void **state) {
    lbfgs *l = solver(PROBLEMS, DIM);
    real points[PROBLEMS * DIM] = {0};
    int64_t evaluated = 0, reported = lbfgs_minimise(l, PROBLEMS, 60, 1e-9, quadratic, &evaluated, points);
    assert_int_equal(reported, evaluated);
    for (int64_t i = 0; i < PROBLEMS; i++)
        for (int64_t j = 0; j < DIM; j++) assert_close(points[i * DIM + j], centre_of(i, j), 1e-9, "minimum");
    assert_true(evaluated < PROBLEMS * 60);
    lbfgs_destroy(l);
}

static void memory_is_what_makes_it_fast(void **state) {
    lbfgs *l = solver(1, 2);
    real point[2] = {-1.2, 1};
    lbfgs_minimise(l, 1, 60, 1e-8, rosenbrock, NULL, point);
    assert_close(point[0], 1, 1e-7, "Rosenbrock's valley, x");
    assert_close(point[1], 1, 1e-7, "Rosenbrock's valley, y");
    lbfgs_destroy(l);
}

static void a_problem_does_not_depend_on_those_beside_it(void **state) {
    lbfgs *l = solver(PROBLEMS, DIM);
    real together[PROBLEMS * DIM], alone[DIM];
    int64_t evaluated = 0;
    for (int i = 0; i < PROBLEMS * DIM; i++) together[i] = i % 5;
    memcpy(alone, together, sizeof alone);
    lbfgs_minimise(l, PROBLEMS, 6, 1e-9, quadratic, &evaluated, together);
    lbfgs_minimise(l, 1, 6, 1e-9, quadratic, &evaluated, alone);
    assert_memory_equal(together, alone, sizeof alone);
    lbfgs_destroy(l);
}

static void the_number_of_iterations_and_the_tolerance_end_it(void **state) {
    lbfgs *l = solver(1, DIM);
    real point[DIM] = {0}, gradient[DIM], value;
    int64_t evaluated = 0, zero = 0;
    lbfgs_minimise(l, 1, 1, 1e-9, quadratic, &evaluated, point);
    assert_true(evaluated >= 2 && evaluated <= 14);
    lbfgs_minimise(l, 1, 1000, .1, quadratic, &evaluated, point);
    quadratic(&evaluated, 1, &zero, point, &value, gradient);
    double most = 0;
    for (int j = 0; j < DIM; j++) most = fmax(most, fabs(gradient[j]));
    assert_true(most <= .1 && most > 1e-9);
    evaluated = 0;
    assert_int_equal(lbfgs_minimise(l, 1, 1000, .1, quadratic, &evaluated, point), 1); /* good enough as it comes */
    lbfgs_destroy(l);
}

static void a_problem_without_a_way_down_stays_where_it_is(void **state) {
    lbfgs *l = solver(1, 1);
    real point = 3;
    assert_true(lbfgs_minimise(l, 1, 1000, 1e-3, misleading, NULL, &point) < 20);
    assert_true(point == 3);
    lbfgs_destroy(l);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quadratics_reach_their_minima_in_few_iterations),
        cmocka_unit_test(memory_is_what_makes_it_fast),
        cmocka_unit_test(a_problem_does_not_depend_on_those_beside_it),
        cmocka_unit_test(the_number_of_iterations_and_the_tolerance_end_it),
        cmocka_unit_test(a_problem_without_a_way_down_stays_where_it_is),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
