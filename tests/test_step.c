/*
 * The gradients of one training step, for every form and cost, against difference quotients of the losses as DESIGN states
 * them. Built twice: in double (test_step_f64) for the formulas, in float (test_step) for the arithmetic that is shipped.
 */
#include "naive.h"
#include "one_context.h"
#include "train/step/step.h"

enum { DIM = 3, BATCH = 11 };

static const double EXPECTILE = .9, COEFFICIENT = .7;
static const double TOLERANCE = sizeof(real) == 8 ? 1e-8 : 1e-4;

/* Both networks, a batch, and the same in double for the plain losses. */
typedef struct subject {
    transport t;
    real scale[2 * DIM];
    mlp mapper, critic;
    int64_t batch;
    real *mapper_parameters, *critic_parameters, *mapper_gradient, *critic_gradient, *x, *y;
    double *wide_mapper, *wide_critic, *wide_x, *wide_y;
    double *frozen_moved, *frozen_transform, *frozen_value; /* T(x), its c-transform and g(y): what sg() encloses */
    int64_t candidates;      /* searched */
    int64_t found[BATCH];    /* the candidate that is better than T(x), -1: none */
    double steepness[BATCH]; /* by how much, over the squared distance */
    real *moved_rows;                                       /* T(x) as the step had it */
    int64_t stride;                                         /* every stride-th parameter is looked at */
    step_losses losses;
    int weighed; /* rows weigh differently in the dual */
} subject;

static double weight_of(const subject *s, int side, int64_t row) {
    return s->weighed ? 1 + 0.5 * sin((double)(2 * row + side)) : 1;
}

/* Hidden layers of either kind: what a step does depends on whether both networks' weights stay in the cache. */
static const int64_t NARROW[] = {8, 5}, WIDE[] = {192, 192, 192};

static void subject_create(enot_form form, const char *cost_text, activation kind, int64_t batch, int wide, subject *s) {
    const int64_t *hidden = wide ? WIDE : NARROW, count = wide ? 3 : 2;
    double deviation = wide ? .1 : .5;
    *s = (subject){.batch = batch, .scale = {.5, 2, 1.25, .7, 1.5, 1}, .stride = wide ? 9001 : 1};
    s->t = (transport){.form = form, .dim = DIM, .scale = s->scale};
    require(context, cost_parse(context, cost_text, DIM, NULL, &s->t.cost));
    if (form == ENOT_FORM_DOT_PRODUCT) s->t.cost.kind = &cost_dot_product;
    int64_t inputs = transport_inputs(&s->t.cost);
    require(context, mlp_create(context, kind, inputs, hidden, count, form == ENOT_FORM_VECTOR_FIELD ? DIM : 1, &s->mapper));
    require(context, mlp_create(context, kind, inputs, hidden, count, 1, &s->critic));
    s->mapper_parameters = random_reals(20, s->mapper.parameter_count, deviation);
    s->critic_parameters = random_reals(21, s->critic.parameter_count, deviation);
    s->mapper_gradient = random_reals(22, s->mapper.parameter_count, 1);
    s->critic_gradient = random_reals(23, s->critic.parameter_count, 1);
    s->x = random_reals(24, batch * DIM, 1);
    /* With 25 a row of arccos lies at the kink of the penalty (excess -2e-4), where no difference quotient is a derivative. */
    s->y = random_reals(strcmp(cost_text, "arccos") == 0 ? 28 : 25, batch * DIM, 1);
    s->moved_rows = random_reals(26, batch * DIM, 1);
    s->wide_mapper = widened(s->mapper_parameters, s->mapper.parameter_count);
    s->wide_critic = widened(s->critic_parameters, s->critic.parameter_count);
    s->wide_x = widened(s->x, batch * DIM);
    s->wide_y = widened(s->y, batch * DIM);
    s->frozen_moved = calloc((size_t)(batch * (DIM + 2)), sizeof *s->frozen_moved);
    s->frozen_transform = s->frozen_moved + batch * DIM;
    s->frozen_value = s->frozen_transform + batch;
}

static void subject_destroy(subject *s) {
    void *all[] = {s->mapper_parameters, s->critic_parameters, s->mapper_gradient, s->critic_gradient, s->x, s->y,
                   s->wide_mapper, s->wide_critic, s->wide_x, s->wide_y, s->frozen_moved, s->moved_rows};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
    cost_destroy(&s->t.cost);
    mlp_destroy(&s->mapper);
    mlp_destroy(&s->critic);
}

static void fill(void *user, int64_t first, int64_t count, real *x, real *y) {
    const subject *s = user;
    memcpy(x, s->x + first * DIM, (size_t)(count * DIM) * sizeof *x);
    memcpy(y, s->y + first * DIM, (size_t)(count * DIM) * sizeof *y);
}

static void weigh(void *user, const real *const points[2], real *const weights[2]) {
    const subject *s = user;
    assert_memory_equal(points[0], s->x, (size_t)(s->batch * DIM) * sizeof(real));
    assert_memory_equal(points[1], s->y, (size_t)(s->batch * DIM) * sizeof(real));
    for (int side = 0; side < 2; side++)
        for (int64_t i = 0; i < s->batch; i++) weights[side][i] = (real)weight_of(s, side, i);
}

/* directions: 1 or 2 */
static void run_directions(subject *s, int directions, int threads) {
    step *made;
    require(context, enot_context_set_threads(context, threads));
    require(context, step_create(context, &s->t, &s->mapper, &s->critic, s->batch, EXPECTILE, COEFFICIENT, directions == 2,
                                 ENOT_PRECISION_F32, s->candidates, &made));
    step_gradients(made, &(step_batch){fill, s->weighed ? weigh : NULL, s}, &(step_network){&s->mapper, s->mapper_parameters, s->mapper_gradient},
                   &(step_network){&s->critic, s->critic_parameters, s->critic_gradient}, &s->losses);
    memcpy(s->moved_rows, step_moved(made), (size_t)(s->batch * DIM) * sizeof(real));
    step_destroy(made);
}

static void run(subject *s, int threads) { run_directions(s, 1, threads); }

/* ---- the losses, plainly ---- */

static void plain_map(const subject *s, const double *x, double *moved) {
    naive_map(&s->t, &s->mapper, s->wide_mapper, x, moved);
}

static double plain_critic(const subject *s, const double *y) {
    return naive_critic(&s->t, &s->critic, s->wide_critic, y, NULL);
}

static double square_distance(const double *a, const double *b) {
    double z[DIM];
    for (int j = 0; j < DIM; j++) z[j] = a[j] - b[j];
    return naive_dot(DIM, z, z);
}

static double plain_cost(const subject *s, const double *x, const double *y) {
    return naive_cost(&s->t.cost, x, y) + (double)s->t.ridge * square_distance(x, y);
}

/* mean c(x, T(x)) - g(T(x)); where a candidate was found the parabola that falls to it as the secant does. */
static double plain_amortisation(const subject *s) {
    double sum = 0, moved[DIM];
    for (int64_t i = 0; i < s->batch; i++) {
        plain_map(s, s->wide_x + i * DIM, moved);
        sum += s->found[i] < 0 ? plain_cost(s, s->wide_x + i * DIM, moved) - plain_critic(s, moved)
                               : s->steepness[i] / 2 * square_distance(moved, s->wide_y + s->found[i] * DIM);
    }
    return sum / (double)s->batch;
}

static double penalty(double excess) { return (excess >= 0 ? EXPECTILE : 1 - EXPECTILE) * excess * excess; }

/* reg + dual: T(x) is frozen, and so is the term of each difference that sg() encloses. */
static double plain_potential(const subject *s, double *dual) {
    double sum = 0, estimate = 0;
    for (int64_t i = 0; i < s->batch; i++) {
        const double *x = s->wide_x + i * DIM, *y = s->wide_y + i * DIM, *moved = s->frozen_moved + i * DIM;
        double value = plain_critic(s, y), transform = plain_cost(s, x, moved) - plain_critic(s, moved);
        double pair = plain_cost(s, x, y);
        double first = s->frozen_transform[i] - pair + value, second = s->frozen_value[i] - pair + transform;
        sum += COEFFICIENT * (penalty(first) + penalty(second));
        estimate += weight_of(s, 1, i) * value + weight_of(s, 0, i) * transform;
    }
    *dual = estimate / (double)s->batch;
    return (sum - estimate) / (double)s->batch;
}

static double amortisation_of(void *user) { return plain_amortisation(user); }

static double potential_of(void *user) {
    double dual;
    return plain_potential(user, &dual);
}

/* Puts the best candidate in the place of T(x) if it is better. */
static void search(subject *s, int64_t i) {
    double *moved = s->frozen_moved + i * DIM, first = s->frozen_transform[i];
    s->found[i] = -1;
    for (int64_t j = 0; j < s->candidates; j++) {
        const double *y = s->wide_y + j * DIM;
        double value = plain_cost(s, s->wide_x + i * DIM, y) - plain_critic(s, y);
        if (value >= s->frozen_transform[i]) continue;
        s->frozen_transform[i] = value;
        s->found[i] = j;
    }
    if (s->found[i] < 0) return;
    s->steepness[i] = (first - s->frozen_transform[i]) / square_distance(moved, s->wide_y + s->found[i] * DIM);
    memcpy(moved, s->wide_y + s->found[i] * DIM, DIM * sizeof *moved);
}

/* What the stop-gradients enclose, at the weights given. */
static void freeze(subject *s) {
    for (int64_t i = 0; i < s->batch; i++) {
        double *moved = s->frozen_moved + i * DIM;
        plain_map(s, s->wide_x + i * DIM, moved);
        assert_all_close(DIM, s->moved_rows + i * DIM, moved, TOLERANCE, "T(x)");
        s->frozen_transform[i] = plain_cost(s, s->wide_x + i * DIM, moved) - plain_critic(s, moved);
        s->frozen_value[i] = plain_critic(s, s->wide_y + i * DIM);
        search(s, i);
    }
}

static double mean_transform(const subject *s) {
    double sum = 0;
    for (int64_t i = 0; i < s->batch; i++) sum += s->frozen_transform[i] / (double)s->batch;
    return sum;
}

static void assert_gradients(subject *s, const char *cost_text) {
    double dual;
    run(s, 1);
    freeze(s);
    assert_close(s->losses.amortisation, mean_transform(s), TOLERANCE, "amortisation");
    assert_close(s->losses.potential, plain_potential(s, &dual), TOLERANCE, "potential");
    assert_close(s->losses.dual, dual, TOLERANCE, "dual");
    assert_loss_gradient(amortisation_of, s, s->wide_mapper, s->mapper.parameter_count, s->stride, s->mapper_gradient, TOLERANCE,
                         cost_text, "map");
    assert_loss_gradient(potential_of, s, s->wide_critic, s->critic.parameter_count, s->stride, s->critic_gradient, TOLERANCE, cost_text,
                         "critic");
}

static void assert_step_of(enot_form form, const char *cost_text, activation kind, int wide, int weighed) {
    subject s;
    subject_create(form, cost_text, kind, BATCH, wide, &s);
    s.weighed = weighed;
    assert_gradients(&s, cost_text);
    subject_destroy(&s);
}

static void assert_step(enot_form form, const char *cost_text, activation kind) {
    assert_step_of(form, cost_text, kind, 0, 0);
}

static void dot_product_form_descends_its_losses(void **state) {
    const activation kinds[] = {ACTIVATION_ELU, ACTIVATION_GELU, ACTIVATION_SILU};
    for (int i = 0; i < 3; i++) assert_step(ENOT_FORM_DOT_PRODUCT, "sqeuclidean", kinds[i]);
}

static void potential_form_descends_its_losses_for_every_cost(void **state) {
    static const char *const costs[] = {"sqeuclidean", "pnorm:p=1.5", "pnorm:p=3", "sq_pnorm:p=1.5",
                                        "sq_pnorm:p=3", "elastic_l1:rho=2,lam=.1", "elastic_stvs:rho=2,lam=.1",
                                        "mean_squared:absolute=.1"};
    for (size_t i = 0; i < sizeof costs / sizeof *costs; i++) assert_step(ENOT_FORM_POTENTIAL, costs[i], ACTIVATION_SOFTPLUS);
}

static void vector_field_form_descends_its_losses_for_every_cost(void **state) {
    static const char *const costs[] = {"sqeuclidean", "pnorm:p=1.5", "pnorm:p=3", "sq_pnorm:p=3",
                                        "elastic_l1:rho=2,lam=.1", "euclidean", "huber:delta=.7", "concave", "cosine", "arccos", "geodesic", "periodic:period=5",
                                        "mean_squared:absolute=.1", "projected:rank=2,seed=1"};
    for (size_t i = 0; i < sizeof costs / sizeof *costs; i++) {
        assert_step(ENOT_FORM_VECTOR_FIELD, costs[i], ACTIVATION_TANH);
        assert_step(ENOT_FORM_VECTOR_FIELD, costs[i], ACTIVATION_LEAKY_RELU);
    }
}

static void assert_search(enot_form form, const char *cost_text, int64_t candidates) {
    subject s;
    int64_t found = 0;
    subject_create(form, cost_text, ACTIVATION_SOFTPLUS, BATCH, 0, &s);
    s.candidates = candidates;
    assert_gradients(&s, cost_text);
    for (int i = 0; i < BATCH; i++) found += s.found[i] >= 0;
    assert_true(found > 0);
    subject_destroy(&s);
}

static void candidates_that_are_better_take_the_place_of_the_mapped_point_and_draw_the_map(void **state) {
    assert_search(ENOT_FORM_VECTOR_FIELD, "euclidean", BATCH);
    assert_search(ENOT_FORM_VECTOR_FIELD, "pnorm:p=1.5", BATCH);
    assert_search(ENOT_FORM_VECTOR_FIELD, "geodesic", BATCH);
    assert_search(ENOT_FORM_POTENTIAL, "sq_pnorm:p=3", 7);
}

static void a_ridge_adds_to_the_cost_of_the_losses(void **state) {
    subject s;
    subject_create(ENOT_FORM_VECTOR_FIELD, "euclidean", ACTIVATION_SOFTPLUS, BATCH, 0, &s);
    s.t.ridge = (real).4;
    s.candidates = 5;
    assert_gradients(&s, "euclidean");
    subject_destroy(&s);
}

static void wide_networks_descend_the_same_losses(void **state) {
    for (int form = 0; form < 3; form++) assert_step_of((enot_form)form, "sqeuclidean", ACTIVATION_SOFTPLUS, 1, 0);
}

static void rows_weigh_in_the_dual_alone(void **state) {
    for (int form = 0; form < 3; form++)
        for (int wide = 0; wide < 2; wide++) assert_step_of((enot_form)form, "sqeuclidean", ACTIVATION_SOFTPLUS, wide, 1);
}

/* Of a subject's rows first ... alone, as a batch of their own; added to the sums. */
static void add_part(const subject *whole, int64_t first, int64_t count, double *mapper, double *critic) {
    subject part = *whole;
    part.batch = count;
    part.x += first * DIM;
    part.y += first * DIM;
    run(&part, 1);
    double share = (double)count / (double)whole->batch;
    for (int64_t i = 0; i < part.mapper.parameter_count; i++) mapper[i] += share * part.mapper_gradient[i];
    for (int64_t i = 0; i < part.critic.parameter_count; i++) critic[i] += share * part.critic_gradient[i];
}

static void assert_mean(int64_t count, const real *got, const double *want) {
    double largest = 0;
    for (int64_t i = 0; i < count; i++) largest = fmax(largest, fabs(want[i]));
    for (int64_t i = 0; i < count; i++) assert_true(fabs(got[i] - want[i]) <= TOLERANCE / 10 * largest);
}

/* Whatever blocks and parts each of them is cut into, with remainders of all sorts. */
static void gradient_of_a_batch_is_the_mean_of_its_parts(void **state) {
    const int64_t batch = 1290, cuts[] = {0, 1, 130, 300, 690, batch};
    for (int wide = 0; wide < 2; wide++)
        for (int form = 0; form < 3; form++) {
            subject s;
            subject_create((enot_form)form, "sqeuclidean", ACTIVATION_ELU, batch, wide, &s);
            double *mapper = calloc((size_t)s.mapper.parameter_count, sizeof *mapper);
            double *critic = calloc((size_t)s.critic.parameter_count, sizeof *critic);
            for (int k = 0; k < 5; k++) add_part(&s, cuts[k], cuts[k + 1] - cuts[k], mapper, critic);
            run(&s, 1);
            assert_mean(s.mapper.parameter_count, s.mapper_gradient, mapper);
            assert_mean(s.critic.parameter_count, s.critic_gradient, critic);
            free(mapper);
            free(critic);
            subject_destroy(&s);
        }
}

/* The same networks and rows, each in the other's place. */
static subject turned(const subject *s) {
    subject t = *s;
    t.x = s->y, t.y = s->x;
    t.mapper_parameters = s->critic_parameters, t.critic_parameters = s->mapper_parameters;
    t.mapper_gradient = s->critic_gradient, t.critic_gradient = s->mapper_gradient;
    return t;
}

static void add_gradients(const subject *s, double *mapper, double *critic) {
    for (int64_t i = 0; i < s->mapper.parameter_count; i++) mapper[i] += s->mapper_gradient[i];
    for (int64_t i = 0; i < s->critic.parameter_count; i++) critic[i] += s->critic_gradient[i];
}

static void assert_both_directions(enot_form form, int wide) {
    subject s;
    subject_create(form, "sqeuclidean", ACTIVATION_GELU, 300, wide, &s);
    subject back = turned(&s);
    double *mapper = calloc((size_t)s.mapper.parameter_count, sizeof *mapper);
    double *critic = calloc((size_t)s.critic.parameter_count, sizeof *critic);
    run(&s, 1);
    add_gradients(&s, mapper, critic);
    run(&back, 1);
    add_gradients(&s, mapper, critic);
    step_losses there = s.losses;
    run_directions(&s, 2, 1);
    assert_mean(s.mapper.parameter_count, s.mapper_gradient, mapper);
    assert_mean(s.critic.parameter_count, s.critic_gradient, critic);
    assert_close(s.losses.amortisation, (there.amortisation + back.losses.amortisation) / 2, 1e-6, "amortisation");
    assert_close(s.losses.potential, (there.potential + back.losses.potential) / 2, 1e-6, "potential");
    assert_close(s.losses.dual, (there.dual + back.losses.dual) / 2, 1e-6, "dual");
    free(mapper);
    free(critic);
    subject_destroy(&s);
}

/* Of the losses that the tests above hold against difference quotients, once with each network as the mapper. */
static void both_directions_descend_the_sum_of_their_losses(void **state) {
    for (int wide = 0; wide < 2; wide++)
        for (int form = ENOT_FORM_POTENTIAL; form <= ENOT_FORM_DOT_PRODUCT; form++) assert_both_directions((enot_form)form, wide);
}

static void gradients_do_not_depend_on_the_threads_to_the_bit(void **state) {
    const int64_t batches[] = {1, 65, 300};
    for (int form = 0; form < 3; form++)
        for (int b = 0; b < 3; b++) {
            subject one, other;
            subject_create((enot_form)form, "sqeuclidean", ACTIVATION_ELU, batches[b], 0, &one);
            subject_create((enot_form)form, "sqeuclidean", ACTIVATION_ELU, batches[b], 0, &other);
            size_t mapper_size = (size_t)one.mapper.parameter_count * sizeof(real);
            size_t critic_size = (size_t)one.critic.parameter_count * sizeof(real);
            int directions = form == ENOT_FORM_DOT_PRODUCT ? 2 : 1;
            one.candidates = other.candidates = form == ENOT_FORM_VECTOR_FIELD ? batches[b] : 0;
            run_directions(&one, directions, 1);
            for (int threads = 2; threads <= 5; threads++) {
                run_directions(&other, directions, threads);
                assert_memory_equal(one.mapper_gradient, other.mapper_gradient, mapper_size);
                assert_memory_equal(one.critic_gradient, other.critic_gradient, critic_size);
                assert_memory_equal(&one.losses, &other.losses, sizeof one.losses);
            }
            subject_destroy(&one);
            subject_destroy(&other);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dot_product_form_descends_its_losses),
        cmocka_unit_test(potential_form_descends_its_losses_for_every_cost),
        cmocka_unit_test(vector_field_form_descends_its_losses_for_every_cost),
        cmocka_unit_test(candidates_that_are_better_take_the_place_of_the_mapped_point_and_draw_the_map),
        cmocka_unit_test(a_ridge_adds_to_the_cost_of_the_losses),
        cmocka_unit_test(wide_networks_descend_the_same_losses),
        cmocka_unit_test(rows_weigh_in_the_dual_alone),
        cmocka_unit_test(gradient_of_a_batch_is_the_mean_of_its_parts),
        cmocka_unit_test(both_directions_descend_the_sum_of_their_losses),
        cmocka_unit_test(gradients_do_not_depend_on_the_threads_to_the_bit),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
