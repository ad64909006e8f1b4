/* The semi-dual that maps are chosen by: its minima against a fine grid, what it can never exceed, and when it gives up a map for another. In double. */
#include "one_context.h"
#include "net/apply.h"
#include "train/judge.h"
#include "train/semidual.h"

enum { DIM = 2, N = 5, M = 7, HIDDEN = 8 };

/* A potential between points of the plane. */
typedef struct subject {
    transport t;
    architecture f, g;
    real scale[DIM], *weights, *x, *y;
} subject;

static void subject_create(enot_form form, subject *s) {
    static const int64_t hidden[] = {HIDDEN, HIDDEN};
    network_sizes sizes = {.activation = ACTIVATION_ELU, .hidden = hidden, .hidden_count = 2};
    *s = (subject){.t = {.form = form, .dim = DIM}, .scale = {1, .5}};
    s->t.cost = (cost){.kind = form == ENOT_FORM_DOT_PRODUCT ? &cost_dot_product : &cost_sqeuclidean, .dim = DIM};
    s->t.scale = s->scale;
    require(context, architecture_create_pair(context, &s->t, &sizes, &s->f, &s->g));
    s->weights = random_reals(1, architecture_weights(&s->g), .5);
    s->x = random_reals(2, N * DIM, 1);
    s->y = random_reals(3, M * DIM, 1.5);
}

static void subject_destroy(subject *s) {
    architecture_destroy(&s->f);
    architecture_destroy(&s->g);
    free(s->weights);
    free(s->x);
    free(s->y);
}

static double cost_of(const subject *s, const real *x, const real *y) {
    real value;
    s->t.cost.kind->value(&s->t.cost, 1, x, y, &value);
    return value;
}

static double objective(const subject *s, const real *x, const real *y) {
    real g;
    require(context, apply_potential(context, &s->t, &s->g, s->weights, y, 1, &g));
    return cost_of(s, x, y) - g;
}

/* The least of 41 x 41 points about at, `step` apart; at becomes the best one. */
static double least_of_grid(const subject *s, const real *x, double step, real at[DIM]) {
    real centre[DIM] = {at[0], at[1]};
    double least = INFINITY;
    for (int i = -20; i <= 20; i++)
        for (int j = -20; j <= 20; j++) {
            real y[DIM] = {centre[0] + i * step, centre[1] + j * step};
            double value = objective(s, x, y);
            if (!(value < least)) continue;
            least = value;
            at[0] = y[0], at[1] = y[1];
        }
    return least;
}

static void minima_are_those_of_a_fine_grid(void **state) {
    (void)state;
    static const enot_form forms[] = {ENOT_FORM_DOT_PRODUCT, ENOT_FORM_POTENTIAL};
    for (int k = 0; k < 2; k++) {
        subject s;
        subject_create(forms[k], &s);
        double value, terms[N + M], mean = 0;
        semidual_rows rows = {s.x, s.x, s.y, N, M};
        require(context, semidual_find(context, &s.t, &s.g, s.weights, &rows, &value, terms));
        for (int i = 0; i < N; i++) {
            real at[DIM] = {s.x[i * DIM], s.x[i * DIM + 1]};
            least_of_grid(&s, s.x + i * DIM, .3, at);
            least_of_grid(&s, s.x + i * DIM, .02, at);
            assert_close(terms[i], least_of_grid(&s, s.x + i * DIM, .001, at), 1e-4, "minimum");
            mean += terms[i] / N;
        }
        for (int j = 0; j < M; j++) {
            real zero[DIM] = {0};
            assert_close(terms[N + j], cost_of(&s, zero, s.y + j * DIM) - objective(&s, zero, s.y + j * DIM), 1e-12, "potential");
            mean += terms[N + j] / M;
        }
        assert_close(value, mean, 1e-12, "semi-dual");
        subject_destroy(&s);
    }
}

/* c(x, y) - g(y) + g(y): no potential certifies more than what some transport costs. */
static void it_never_exceeds_the_cost_of_a_transport(void **state) {
    (void)state;
    subject s;
    subject_create(ENOT_FORM_POTENTIAL, &s);
    for (int shift = 0; shift < N; shift++) {
        real reached[N * DIM];
        double value, terms[2 * N], cost = 0;
        for (int i = 0; i < N; i++) {
            const real *y = s.y + (i + shift) % N * DIM;
            reached[i * DIM] = y[0], reached[i * DIM + 1] = y[1];
            cost += cost_of(&s, s.x + i * DIM, y) / N;
        }
        require(context, semidual_find(context, &s.t, &s.g, s.weights, &(semidual_rows){s.x, reached, s.y, N, N}, &value, terms));
        assert_true(value <= cost);
    }
    subject_destroy(&s);
}

enum { ROWS = 40 };

/* The rows are only counted. */
static judge *judge_of(const coordinates *c, int with_semidual) {
    double rows[ROWS * DIM];
    judge *j;
    for (int i = 0; i < ROWS * DIM; i++) rows[i] = i;
    require(context, judge_create(context, c, rows, ROWS, rows, ROWS, with_semidual, &j));
    return j;
}

/* Every row brings as much, but for `scatter`. */
static judge_score score_of(const judge *j, double semidual, double scatter, double mismatch) {
    judge_score score;
    require(context, judge_score_create(context, j, &score));
    score.semidual = semidual;
    score.mismatch = mismatch;
    for (int i = 0; i < 2 * ROWS; i++) {
        score.shares[i] = mismatch + (i % 2 ? .1 : -.1);
        if (score.terms) score.terms[i] = semidual / 2 + (i % 2 ? scatter : -scatter);
    }
    return score;
}

static void assert_better(int expected, int with_semidual, double semidual, double scatter, double mismatch) {
    coordinates *c;
    require(context, coordinates_create(context, DIM, &c));
    judge *j = judge_of(c, with_semidual);
    judge_score start = score_of(j, 1, 0, .5), other = score_of(j, semidual, scatter, mismatch);
    if (mismatch > .5)
        for (int i = 0; i < 2 * ROWS; i += 4) other.shares[i] += .2; /* the difference is not sure to the last digit */
    if (judge_better(j, &other, &start) != expected)
        fail_msg("semi-dual %g +- %g, mismatch %g: better than 1, .5 is to be %d", semidual, scatter, mismatch, expected);
    judge_score_destroy(&start);
    judge_score_destroy(&other);
    judge_destroy(j);
    coordinates_destroy(c);
}

static void a_map_is_given_up_for_a_higher_semidual_that_is_sure(void **state) {
    (void)state;
    assert_better(1, 1, 1.2, .01, .5);
    assert_better(1, 1, 1.2, .01, .51);  /* a mismatch that is higher by less than its error */
    assert_better(0, 1, 1.2, .01, .9);   /* by much more */
    assert_better(0, 1, 1.2, 2, .5);     /* not sure */
    assert_better(0, 1, .8, .01, .1);    /* a lower semi-dual, however small the mismatch */
    assert_better(1, 0, .8, .01, .1);    /* without it the mismatch decides */
    assert_better(0, 0, 1.2, .01, .5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(minima_are_those_of_a_fine_grid),
        cmocka_unit_test(it_never_exceeds_the_cost_of_a_transport),
        cmocka_unit_test(a_map_is_given_up_for_a_higher_semidual_that_is_sure),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
