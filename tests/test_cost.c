/* Ground costs: values, gradients, conjugates, how they are written down, how they scale. */
#include "core/memory.h"
#include "naive.h"
#include "one_context.h"

enum { DIM = 4, ROWS = 9 };

static const char *const INVARIANT[] = {"sqeuclidean", "pnorm:p=1.5", "pnorm", "pnorm:p=3", "sq_pnorm:p=1.3", "sq_pnorm:p=2.5",
                                        "sq_pnorm:p=4", "elastic_l1:rho=2,lam=.3", "elastic_l1:lam=0", "mahalanobis:matrix=whole",
                                        "mahalanobis:matrix=weights", "elastic_stvs:rho=2,lam=.3", "elastic_overlap:lam=.4",
                                        "elastic_overlap:k=2,rho=2,lam=.7", "elastic_overlap:k=3,lam=3", "elastic_overlap:k=9",
                                        "elastic_subspace:basis=plane,rho=2,lam=5", "mean_squared", "mean_squared:absolute=.7"};
static const char *const OTHERS[] = {"euclidean", "huber:delta=.7", "concave", "concave:s=.8", "periodic:period=1.7",
                                     "periodic:periods=given", "cosine", "arccos", "geodesic", "projected:matrix=plane",
                                     "projected:rank=3", "projected:rank=4,seed=9007199254740991"};
enum { INVARIANT_COUNT = sizeof INVARIANT / sizeof *INVARIANT, OTHER_COUNT = sizeof OTHERS / sizeof *OTHERS };

/* The arrays that costs above name; any other name stands for the whole matrix. */
static enot_status give_array(enot_context *at, void *user, const char *name, cost_array *out) {
    static const double whole[] = {2, .3, 0, .1, .3, 1, -.2, 0, 0, -.2, .7, .1, .1, 0, .1, 3}, weights[] = {1, .5, 3, .2},
                        plane[] = {1, 2, 0, -1, .5, 0, 1, 1}, periods[] = {1.3, 0, 2, .9}, zeros[DIM] = {0};
    const double *values = whole;
    int64_t rows = DIM, columns = DIM;
    if (strcmp(name, "weights") == 0) values = weights, rows = 1;
    if (strcmp(name, "plane") == 0) values = plane, rows = 2;
    if (strcmp(name, "given") == 0) values = periods, rows = 1;
    if (strcmp(name, "line") == 0) values = plane, rows = 1;
    if (strcmp(name, "zeros") == 0) values = zeros, rows = 1;
    if (strcmp(name, "narrow") == 0) columns = DIM / 2;
    *out = (cost_array){.rows = rows, .columns = columns};
    TRY(MEMORY_NEW(at, rows * columns, "an array", &out->values));
    memcpy(out->values, values, (size_t)(rows * columns) * sizeof *values);
    return ENOT_OK;
}

static const cost_source ARRAYS = {give_array, NULL, NULL};

static cost parsed_wide(const char *text, int64_t dim) {
    cost c;
    require(context, cost_parse(context, text, dim, &ARRAYS, &c));
    return c;
}

static cost parsed(const char *text) { return parsed_wide(text, DIM); }

/* Number i of all costs: those with a conjugate, those without, and the one of the dot-product form. */
enum { COST_COUNT = INVARIANT_COUNT + OTHER_COUNT + 1 };
static cost costs[COST_COUNT];

static int create_costs(void **state) {
    setup(state);
    for (int i = 0; i < INVARIANT_COUNT; i++) costs[i] = parsed(INVARIANT[i]);
    for (int i = 0; i < OTHER_COUNT; i++) costs[INVARIANT_COUNT + i] = parsed(OTHERS[i]);
    costs[COST_COUNT - 1] = (cost){.kind = &cost_dot_product, .dim = DIM};
    return 0;
}

static int destroy_costs(void **state) {
    for (int i = 0; i < COST_COUNT; i++) cost_destroy(&costs[i]);
    return teardown(state);
}

static cost cost_number(int i) { return costs[i]; }

/* Points whose coordinates keep away from each other, where every cost is smooth. */
static void points(real *x, real *y) {
    random_row row = random_row_start(1, RANDOM_STREAM_MEASURE, 0);
    for (int i = 0; i < ROWS * DIM; i++) {
        double apart = .2 + random_uniform(&row);
        x[i] = random_normal(&row);
        y[i] = x[i] + (random_uniform(&row) < .5 ? apart : -apart);
    }
}

static void values_are_the_formulas(void **state) {
    real x[ROWS * DIM], y[ROWS * DIM], got[ROWS];
    points(x, y);
    for (int k = 0; k < COST_COUNT; k++) {
        cost c = cost_number(k);
        c.kind->value(&c, ROWS, x, y, got);
        for (int i = 0; i < ROWS; i++) assert_close(got[i], naive_cost(&c, x + i * DIM, y + i * DIM), 1e-13, c.kind->name);
    }
}

/* Loops over columns that go in lanes have remainders, and those over rows of a matrix too. */
static void many_columns_are_summed_like_few(void **state) {
    enum { WIDE = 37 };
    static const char *const names[] = {"elastic_l1:rho=2,lam=.3", "mean_squared", "mean_squared:absolute=.7", "projected:rank=1",
                                        "projected:rank=6,seed=3", "projected:rank=37"};
    real *x = random_reals(6, ROWS * WIDE, 1), *y = random_reals(7, ROWS * WIDE, 1), values[ROWS], slopes[ROWS * WIDE];
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        cost c = parsed_wide(names[k], WIDE);
        c.kind->value(&c, ROWS, x, y, values);
        c.kind->gradient(&c, ROWS, x, y, slopes);
        for (int i = 0; i < ROWS; i++) assert_close(values[i], naive_cost(&c, x + i * WIDE, y + i * WIDE), 1e-13, names[k]);
        for (int i = 0; i < ROWS * WIDE; i++) { /* of a parabola, on this side of the kink of |z| */
            double step = fabs(x[i] - y[i]) / 2, here = y[i], sides[2];
            for (int side = 0; side < 2; side++) {
                y[i] = (real)(here + (side ? step : -step));
                sides[side] = naive_cost(&c, x + i / WIDE * WIDE, y + i / WIDE * WIDE);
            }
            y[i] = (real)here;
            assert_close(slopes[i], (sides[1] - sides[0]) / (2 * step), 1e-10, names[k]);
        }
        cost_destroy(&c);
    }
    free(x);
    free(y);
}

/* Each column twice, as in an image of twice the width. */
static void a_mean_over_columns_is_the_same_at_every_resolution(void **state) {
    real x[ROWS * DIM], y[ROWS * DIM], coarse[ROWS], fine[ROWS], wide[2][ROWS * DIM * 2];
    points(x, y);
    cost few = parsed("mean_squared:absolute=.7"), many = parsed_wide("mean_squared:absolute=.7", 2 * DIM);
    for (int i = 0; i < ROWS * DIM * 2; i++) wide[0][i] = x[i / 2], wide[1][i] = y[i / 2];
    few.kind->value(&few, ROWS, x, y, coarse);
    many.kind->value(&many, ROWS, wide[0], wide[1], fine);
    for (int i = 0; i < ROWS; i++) assert_close(fine[i], coarse[i], 1e-14, "each column twice");
}

/* Relative standard deviation of |P z|^2 / |P|_F^2 about |z|^2 / dim: sqrt(2 / rank), .18; of the mean over the rows less. */
static void a_random_projection_is_about_the_mean_squared_difference(void **state) {
    enum { WIDE = 1000 };
    real *x = random_reals(8, ROWS * WIDE, 1), *y = random_reals(9, ROWS * WIDE, 1), found[ROWS], mean[ROWS];
    double ratio = 0;
    cost projected = parsed_wide("projected:rank=64", WIDE), mean_squared = parsed_wide("mean_squared", WIDE);
    projected.kind->value(&projected, ROWS, x, y, found);
    mean_squared.kind->value(&mean_squared, ROWS, x, y, mean);
    for (int i = 0; i < ROWS; i++) ratio += found[i] / mean[i] / ROWS;
    assert_true(fabs(ratio - 1) < .2);
    cost_destroy(&projected);
    free(x);
    free(y);
}

static void the_seed_alone_draws_a_projection(void **state) {
    static const char *const names[] = {"projected:rank=3,seed=1", "projected:seed=1,rank=3", "projected:rank=3,seed=2", "projected:rank=3"};
    real x[ROWS * DIM], y[ROWS * DIM], values[4][ROWS];
    points(x, y);
    for (int k = 0; k < 4; k++) {
        cost c = parsed(names[k]);
        c.kind->value(&c, ROWS, x, y, values[k]);
        cost_destroy(&c);
    }
    assert_memory_equal(values[0], values[1], sizeof *values);
    for (int i = 0; i < ROWS; i++) assert_true(values[0][i] != values[2][i] && values[0][i] != values[3][i] && values[2][i] != values[3][i]);
}

static void what_a_projection_does_not_see_costs_nothing(void **state) {
    const real x[DIM] = {1, 2, 3, 4}, y[DIM] = {3, 1, 2, 4}; /* y - x = (2, -1, -1, 0), at right angles to both rows of the plane */
    real value, slope[DIM];
    cost c = parsed("projected:matrix=plane");
    c.kind->value(&c, 1, x, y, &value);
    c.kind->gradient(&c, 1, x, y, slope);
    assert_true(value == 0 && c.kind->degenerate);
    for (int j = 0; j < DIM; j++) assert_true(slope[j] == 0);
    cost_destroy(&c);
}

typedef struct probe {
    const cost *c;
    const real *x;
    real y[DIM];
    int coordinate, component;
} probe;

static double value_at(void *user, double coordinate) {
    probe p = *(probe *)user;
    real value;
    p.y[p.coordinate] = coordinate;
    p.c->kind->value(p.c, 1, p.x, p.y, &value);
    return value;
}

static void gradients_are_those_of_the_values(void **state) {
    real x[ROWS * DIM], y[ROWS * DIM], got[ROWS * DIM];
    points(x, y);
    for (int k = 0; k < COST_COUNT; k++) {
        cost c = cost_number(k);
        c.kind->gradient(&c, ROWS, x, y, got);
        for (int i = 0; i < ROWS * DIM; i++) {
            probe p = {.c = &c, .x = x + i / DIM * DIM, .coordinate = i % DIM};
            memcpy(p.y, y + i / DIM * DIM, sizeof p.y);
            assert_close(got[i], derivative_at(value_at, &p, y[i], 1e-3), 1e-9, c.kind->name);
        }
    }
}

static void conjugate_gradient_undoes_the_gradient(void **state) {
    real x[ROWS * DIM], y[ROWS * DIM], u[ROWS * DIM], z[ROWS * DIM];
    points(x, y);
    for (int k = 0; k < INVARIANT_COUNT; k++) {
        cost c = cost_number(k);
        c.kind->gradient(&c, ROWS, x, y, u); /* in y, so -grad h(x - y) */
        for (int i = 0; i < ROWS * DIM; i++) u[i] = -u[i];
        c.kind->conjugate(&c, ROWS, u, z);
        for (int i = 0; i < ROWS * DIM; i++) assert_close(z[i], x[i] - y[i], 1e-12, c.kind->name);
    }
}

/* h*(u) = max over z of <u, z> - h(z), reached at grad h*(u). */
static void conjugate_gradient_is_where_the_conjugate_is_reached(void **state) {
    const real origin[DIM] = {0};
    real *us = random_reals(2, ROWS * DIM, 1), *shifts = random_reals(3, 50 * DIM, .1), best[DIM], z[DIM], h, h_best;
    for (int k = 0; k < INVARIANT_COUNT; k++) {
        cost c = cost_number(k);
        for (int i = 0; i < ROWS; i++) {
            const real *u = us + i * DIM;
            c.kind->conjugate(&c, 1, u, best);
            c.kind->value(&c, 1, best, origin, &h_best);
            for (int n = 0; n < 50; n++) {
                for (int j = 0; j < DIM; j++) z[j] = best[j] + shifts[n * DIM + j];
                c.kind->value(&c, 1, z, origin, &h);
                assert_true(naive_dot(DIM, u, best) - h_best >= naive_dot(DIM, u, z) - h);
            }
        }
    }
    free(us);
    free(shifts);
}

static double conjugate_at(void *user, double coordinate) {
    probe p = *(probe *)user;
    real z[DIM];
    p.y[p.coordinate] = coordinate;
    p.c->kind->conjugate(p.c, 1, p.y, z);
    return z[p.component];
}

static void conjugate_product_is_the_derivative_of_the_conjugate_gradient(void **state) {
    real *us = random_reals(4, ROWS * DIM, 1), *vs = random_reals(5, ROWS * DIM, 1), got[ROWS * DIM];
    for (int i = 0; i < ROWS * DIM; i++) us[i] += us[i] > 0 ? .5 : -.5; /* away from the kinks at 0 and lam */
    for (int k = 0; k < INVARIANT_COUNT; k++) {
        cost c = cost_number(k);
        c.kind->conjugate_product(&c, ROWS, us, vs, got);
        for (int i = 0; i < ROWS * DIM; i++) {
            double want = 0;
            for (int j = 0; j < DIM; j++) {
                probe p = {.c = &c, .coordinate = j, .component = i % DIM};
                memcpy(p.y, us + i / DIM * DIM, sizeof p.y);
                want += derivative_at(conjugate_at, &p, p.y[j], 1e-3) * vs[i / DIM * DIM + j];
            }
            assert_close(got[i], want, 1e-8, c.kind->name);
        }
    }
    free(us);
    free(vs);
}

static void nothing_is_infinite_where_points_meet(void **state) {
    const real zero[DIM] = {0}, v[DIM] = {1, -2, 3, -4}, half[DIM] = {0, 1, 0, -2};
    for (int k = 0; k < COST_COUNT; k++) {
        cost c = cost_number(k);
        real out[4][DIM] = {0};
        c.kind->value(&c, 1, zero, zero, out[0]);
        c.kind->gradient(&c, 1, zero, zero, out[1]);
        if (c.kind->conjugate) {
            c.kind->conjugate(&c, 1, zero, out[2]);
            c.kind->conjugate_product(&c, 1, zero, v, out[3]);
        }
        for (int j = 0; j < DIM; j++) {
            assert_true(isfinite(out[0][j]) && isfinite(out[3][j]));
            assert_true(out[1][j] == 0 && out[2][j] == 0);
        }
        if (!c.kind->conjugate) continue;
        c.kind->conjugate_product(&c, 1, half, v, out[3]);
        for (int j = 0; j < DIM; j++) assert_true(isfinite(out[3][j]));
    }
}

static void small_differences_move_nothing_under_the_elastic_cost(void **state) {
    const char *const names[] = {"elastic_l1:rho=2,lam=.5", "elastic_stvs:rho=2,lam=.5"};
    const double beyond[2][2] = {{.1, -.75}, {.35 - .0625 / .35, -1 + .0625}};
    const real u[DIM] = {.4, -.5, .7, -2};
    for (int i = 0; i < 2; i++) {
        cost c = parsed(names[i]);
        real z[DIM];
        c.kind->conjugate(&c, 1, u, z);
        assert_true(z[0] == 0 && z[1] == 0);
        assert_close(z[2], beyond[i][0], 1e-15, "beyond lam");
        assert_close(z[3], beyond[i][1], 1e-15, "beyond -lam");
    }
}

static void with_one_place_free_the_elastic_cost_moves_along_the_largest_difference(void **state) {
    cost c = parsed("elastic_overlap:k=1,lam=100");
    const real u[DIM] = {1, -3, 2, .5};
    real z[DIM];
    c.kind->conjugate(&c, 1, u, z);
    assert_true(z[0] == 0 && z[2] == 0 && z[3] == 0);
    assert_close(z[1], -3 / 101., 1e-15, "the largest");
}

static void displacements_come_to_lie_in_the_subspace(void **state) {
    cost c = parsed("elastic_subspace:basis=line,lam=1e12");
    const real u[DIM] = {1, 2, 3, 4}, line[DIM] = {1, 2, 0, -1};
    real z[DIM];
    c.kind->conjugate(&c, 1, u, z);
    for (int j = 0; j < DIM; j++) assert_close(z[j], line[j] / 6, 1e-10, "the projection");
    cost_destroy(&c);
}

static void a_copy_outlives_what_it_was_copied_from(void **state) {
    static const char *const names[] = {"mahalanobis:matrix=whole", "projected:matrix=plane", "projected:rank=2,seed=5"};
    real x[ROWS * DIM], y[ROWS * DIM], before[ROWS], after[ROWS];
    points(x, y);
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        cost c = parsed(names[k]), copy;
        c.kind->value(&c, ROWS, x, y, before);
        require(context, cost_copy(context, &c, &copy));
        cost_destroy(&c);
        copy.kind->value(&copy, ROWS, x, y, after);
        assert_memory_equal(before, after, sizeof before);
        cost_destroy(&copy);
    }
}

static void printed_costs_tell_arrays_apart(void **state) {
    cost whole = parsed("mahalanobis:matrix=whole"), weights = parsed("mahalanobis:matrix=weights");
    char texts[2][128];
    cost_print(&whole, texts[0], sizeof texts[0]);
    cost_print(&weights, texts[1], sizeof texts[1]);
    assert_string_not_equal(texts[0], texts[1]);
    cost_destroy(&whole);
    cost_destroy(&weights);
}

static void costs_of_rescaled_data_are_the_same_costs(void **state) {
    const double units[] = {1e-4, .3, 7, 1e5};
    real x[ROWS * DIM], y[ROWS * DIM], scaled[2][ROWS * DIM], whole, inner;
    points(x, y);
    for (int k = 0; k < COST_COUNT; k++)
        for (size_t n = 0; n < sizeof units / sizeof *units; n++) {
            double factor;
            cost c = cost_number(k), rescaled = cost_rescaled(&c, units[n], &factor);
            for (int i = 0; i < ROWS * DIM; i++) scaled[0][i] = x[i] / units[n], scaled[1][i] = y[i] / units[n];
            for (int i = 0; i < ROWS * DIM; i += DIM) {
                c.kind->value(&c, 1, x + i, y + i, &whole);
                rescaled.kind->value(&rescaled, 1, scaled[0] + i, scaled[1] + i, &inner);
                assert_close(factor * inner, whole, 1e-12, c.kind->name);
            }
        }
}

static void text_is_read_back_as_it_was_printed(void **state) {
    for (int k = 0; k < COST_COUNT - 1; k++) {
        cost c = cost_number(k);
        if (c.kind == &cost_pnorm) c.parameters[0] = 1 + 1 / 3.0;
        char text[256], short_text[8];
        int length = cost_print(&c, text, sizeof text);
        assert_int_equal(length, strlen(text));
        if (!c.array.values) {
            cost again = parsed(text);
            assert_ptr_equal(again.kind, c.kind);
            assert_memory_equal(again.parameters, c.parameters, sizeof c.parameters);
            if (c.kind == &cost_projected)
                assert_memory_equal(again.numbers, c.numbers, (size_t)(c.parameters[0] * DIM) * sizeof *c.numbers);
            cost_destroy(&again);
        }
        assert_int_equal(cost_print(&c, short_text, sizeof short_text), length);
        assert_true(strlen(short_text) < sizeof short_text);
    }
    assert_ptr_equal(parsed(NULL).kind, &cost_sqeuclidean);
}

static void what_makes_no_cost_is_refused_with_the_reason(void **state) {
    static const struct {
        const char *text, *message;
    } wrong[] = {
        {"pnorm:p=1", "p is 1"},          {"pnorm:p=.5", "greater than 1"}, {"sq_pnorm:p=-2", "p is -2"},
        {"pnorm:p=nan", "p=NUMBER"},      {"pnorm:p=inf", "p=NUMBER"},      {"pnorm:p=", "p=NUMBER"},
        {"pnorm:p", "p=NUMBER"},          {"pnorm:p=2x", "p=NUMBER"},       {"pnorm:q=2", "no parameter 'q'"},
        {"pnorm:", "no parameter"},       {"pnorm:p=2,", "no parameter"},   {"elastic_l1:rho=0", "rho is 0"},
        {"elastic_l1:lam=-1", "lam is"},  {"elastic_l1:lan=1", "'lam'"},    {"sqeuclidian", "'sqeuclidean'"},
        {"", "unknown cost"},             {":p=2", "unknown cost"},         {"dot_product", "unknown cost"},
        {"cosin", "'cosine'"},            {"sqeuclidean:p=2", "no parameter 'p'"}, {"concave:s=1.5", "at most 1"},
        {"mahalanobis", "needs matrix=FILE"}, {"elastic_subspace", "needs basis=FILE"}, {"elastic_overlap:k=1.5", "whole number"},
        {"mahalanobis:matrx=a", "'matrix'"}, {"mahalanobis:matrix=given", "positive definite"}, {"mahalanobis:matrix=plane", "another shape"},
        {"periodic:periods=plane", "8 numbers"}, {"mean_squared:absolute=-1", "absolute is -1"}, {"mean_squared:absolut=1", "'absolute'"},
        {"projected", "either matrix=FILE"}, {"projected:rank=2,matrix=plane", "or rank=K, 1 to 4"}, {"projected:rank=0", "either matrix"},
        {"projected:seed=2,matrix=plane", "and with it seed"}, {"projected:seed=2", "either matrix"}, {"projected:rank=5", "from 1 to 4"},
        {"projected:rank=1.5", "rank is 1.5"}, {"projected:rank=-1", "rank is -1"}, {"projected:rank=2,seed=-1", "seed is -1"},
        {"projected:rank=2,seed=.5", "whole number"}, {"projected:rank=2,seed=9007199254740993", "seed is"},
        {"projected:matrix=narrow", "the matrix has 2 columns, the data 4"}, {"projected:matrix=zeros", "add up to 0"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        cost c;
        enot_status status = cost_parse(context, wrong[i].text, DIM, &ARRAYS, &c);
        assert_true(status == ENOT_ERR_ARGUMENT || status == ENOT_ERR_DATA);
        cost_destroy(&c);
        if (!strstr(enot_context_message(context), wrong[i].message))
            fail_msg("%s: '%s' lacks '%s'", wrong[i].text, enot_context_message(context), wrong[i].message);
    }
}

static void every_cost_is_described(void **state) {
    char *text;
    require(context, enot_costs_describe(context, &text));
    for (int k = 0; k < COST_COUNT - 1; k++) assert_non_null(strstr(text, cost_number(k).kind->name));
    enot_text_free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_the_formulas),
        cmocka_unit_test(many_columns_are_summed_like_few),
        cmocka_unit_test(a_mean_over_columns_is_the_same_at_every_resolution),
        cmocka_unit_test(a_random_projection_is_about_the_mean_squared_difference),
        cmocka_unit_test(the_seed_alone_draws_a_projection),
        cmocka_unit_test(what_a_projection_does_not_see_costs_nothing),
        cmocka_unit_test(gradients_are_those_of_the_values),
        cmocka_unit_test(conjugate_gradient_undoes_the_gradient),
        cmocka_unit_test(conjugate_gradient_is_where_the_conjugate_is_reached),
        cmocka_unit_test(conjugate_product_is_the_derivative_of_the_conjugate_gradient),
        cmocka_unit_test(nothing_is_infinite_where_points_meet),
        cmocka_unit_test(small_differences_move_nothing_under_the_elastic_cost),
        cmocka_unit_test(with_one_place_free_the_elastic_cost_moves_along_the_largest_difference),
        cmocka_unit_test(displacements_come_to_lie_in_the_subspace),
        cmocka_unit_test(a_copy_outlives_what_it_was_copied_from),
        cmocka_unit_test(printed_costs_tell_arrays_apart),
        cmocka_unit_test(costs_of_rescaled_data_are_the_same_costs),
        cmocka_unit_test(text_is_read_back_as_it_was_printed),
        cmocka_unit_test(what_makes_no_cost_is_refused_with_the_reason),
        cmocka_unit_test(every_cost_is_described),
    };
    return cmocka_run_group_tests(tests, create_costs, destroy_costs);
}
