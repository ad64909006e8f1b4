/*
 * The gradients of the methods that ENOT is compared with, against difference quotients of their losses as docs/mathematics.md
 * states them. Built twice: in double (test_methods_f64) for the formulas, in float (test_methods) for the arithmetic that is
 * shipped.
 */
#include "data/samples.h"
#include "naive.h"
#include "one_context.h"
#include "train/methods/lbfgs.h"
#include "train/methods/parts.h"

enum { DIM = 3, BATCH = 11, LARGE_BATCH = 200, TABLE = 40 };

static const double TOLERANCE = sizeof(real) == 8 ? 1e-7 : 2e-3;

/* A problem that a method can be begun on, and its networks and rows in double before the first step. */
typedef struct subject {
    transport t;
    real scale[DIM];
    settings settings;
    network f, g;
    struct enot_samples samples;
    split splits[2];
    feed feeds[2];
    void *training;
    const method *method;
    double *wide_f, *wide_g, *x, *y;
    double *frozen; /* [batch, DIM]: points that a loss holds constant */
    double epsilon[2];
} subject;

static void create_network(subject *s, int64_t outputs, uint64_t seed, network *n) {
    static const int64_t hidden[] = {8, 5};
    mlp net;
    require(context, mlp_create(context, ACTIVATION_SOFTPLUS, DIM, hidden, 2, outputs, &net));
    require(context, network_create(context, (architecture){.mlp = net}, ENOT_OPTIMIZER_ADAM, n));
    real *parameters = random_reals(seed, n->weight_count, .5);
    memcpy(n->parameters, parameters, (size_t)n->weight_count * sizeof *parameters);
    free(parameters);
}

static void create_feed(subject *s, int side) {
    s->splits[side] = (split){.samples = &s->samples, .side = (coordinates_side)side};
    s->feeds[side] = (feed){.ops = ops_select(), .split = &s->splits[side], .dim = DIM, .count = TABLE,
                            .rows = random_reals(24 + (uint64_t)side, TABLE * DIM, 1), .seed = 3};
}

/* The rows of step number 0. */
static double *first_rows(const subject *s, int side) {
    real *rows = malloc((size_t)(s->settings.batch * DIM) * sizeof *rows);
    feed_draw(&s->feeds[side], 0, 0, s->settings.batch, rows);
    double *wide = widened(rows, s->settings.batch * DIM);
    free(rows);
    return wide;
}

static void subject_create(const method *m, enot_form form, const char *cost_text, int64_t batch, int64_t inner, subject *s) {
    *s = (subject){.scale = {.5, 2, 1.25}, .method = m};
    s->t = (transport){.form = form, .dim = DIM, .scale = s->scale};
    require(context, cost_parse(context, cost_text, DIM, NULL, &s->t.cost));
    if (form == ENOT_FORM_DOT_PRODUCT) s->t.cost.kind = &cost_dot_product;
    s->settings = (settings){.form = form, .batch = batch, .inner = inner, .coefficient = .7, .precision = ENOT_PRECISION_F32,
                             .optimizer = {.learning_rate = 1e-3, .beta1 = .9, .beta2 = .99, .epsilon = 1e-8, .steps = 100}};
    create_network(s, form == ENOT_FORM_VECTOR_FIELD ? DIM : 1, 20, &s->f);
    create_network(s, 1, 21, &s->g);
    for (int side = 0; side < 2; side++) create_feed(s, side);
    s->wide_f = widened(s->f.parameters, s->f.weight_count);
    s->wide_g = widened(s->g.parameters, s->g.weight_count);
    s->x = first_rows(s, 0);
    s->y = first_rows(s, 1);
    s->frozen = calloc((size_t)(batch * DIM), sizeof *s->frozen);
    const method_problem problem = {&s->settings, &s->t, &s->feeds[0], &s->feeds[1], &s->f, &s->g};
    require(context, method_begin(context, m, &problem, &s->training));
}

static void subject_destroy(subject *s) {
    method_end(s->method, s->training);
    network_destroy(&s->f);
    network_destroy(&s->g);
    void *all[] = {s->feeds[0].rows, s->feeds[1].rows, s->wide_f, s->wide_g, s->x, s->y, s->frozen};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
}

static step_losses run_step(subject *s, int64_t number) {
    step_losses losses = {0};
    double operations;
    s->method->step(s->training, number, &losses, &operations);
    assert_true(operations > 0);
    return losses;
}

/* ---- networks and losses, plainly ---- */

static double plain_critic(const subject *s, const double *y, double *slope) {
    return naive_critic(&s->t, &s->g.net.mlp, s->wide_g, y, slope);
}

/* frozen = T(x) of f */
static void freeze_moved(subject *s) {
    for (int64_t i = 0; i < s->settings.batch; i++) naive_map(&s->t, &s->f.net.mlp, s->wide_f, s->x + i * DIM, s->frozen + i * DIM);
}

/* mean c(x, T(x)) - g(T(x)) */
static double plain_amortisation(const subject *s) {
    double sum = 0, moved[DIM];
    for (int64_t i = 0; i < s->settings.batch; i++) {
        naive_map(&s->t, &s->f.net.mlp, s->wide_f, s->x + i * DIM, moved);
        sum += naive_cost(&s->t.cost, s->x + i * DIM, moved) - plain_critic(s, moved, NULL);
    }
    return sum / (double)s->settings.batch;
}

/* mean g(y) + mean (c(x, z) - g(z)), z the frozen points */
static double plain_dual(const subject *s) {
    double sum = 0;
    for (int64_t i = 0; i < s->settings.batch; i++) {
        const double *x = s->x + i * DIM, *z = s->frozen + i * DIM;
        sum += plain_critic(s, s->y + i * DIM, NULL) + naive_cost(&s->t.cost, x, z) - plain_critic(s, z, NULL);
    }
    return sum / (double)s->settings.batch;
}

/* mean |T(x) - z|^2 */
static double plain_regression(const subject *s) {
    double sum = 0, moved[DIM];
    for (int64_t i = 0; i < s->settings.batch; i++) {
        naive_map(&s->t, &s->f.net.mlp, s->wide_f, s->x + i * DIM, moved);
        for (int j = 0; j < DIM; j++) sum += pow(moved[j] - s->frozen[i * DIM + j], 2);
    }
    return sum / (double)s->settings.batch;
}

/* mean |S(T(x)) - x|^2 + mean |T(S(y)) - y|^2 */
static double plain_cycles(const subject *s) {
    double sum = 0, there[DIM], back[DIM];
    for (int64_t i = 0; i < 2 * s->settings.batch; i++) {
        int source = i < s->settings.batch;
        const double *point = source ? s->x + i * DIM : s->y + (i - s->settings.batch) * DIM;
        const double *first = source ? s->wide_f : s->wide_g, *second = source ? s->wide_g : s->wide_f;
        naive_map(&s->t, &s->f.net.mlp, first, point, there);
        naive_map(&s->t, &s->f.net.mlp, second, there, back);
        for (int j = 0; j < DIM; j++) sum += pow(back[j] - point[j], 2);
    }
    return sum / (double)s->settings.batch;
}

/* OT_eps between the batches a and b, in the logarithmic domain and to the end. */
static double plain_sinkhorn(const subject *s, const double *a, const double *b, double epsilon) {
    int64_t n = s->settings.batch;
    double f[BATCH] = {0}, g[BATCH] = {0}, sum = 0;
    for (int round = 0; round < 4000; round++)
        for (int half = 0; half < 2; half++)
            for (int64_t i = 0; i < n; i++) {
                double terms[BATCH], least = INFINITY, mean = 0;
                for (int64_t j = 0; j < n; j++) {
                    terms[j] = naive_cost(&s->t.cost, a + (half ? j : i) * DIM, b + (half ? i : j) * DIM) - (half ? f[j] : g[j]);
                    least = fmin(least, terms[j]);
                }
                for (int64_t j = 0; j < n; j++) mean += exp((least - terms[j]) / epsilon) / (double)n;
                (half ? g : f)[i] = least - epsilon * log(mean);
            }
    for (int64_t i = 0; i < n; i++) sum += f[i] + g[i];
    return sum / (double)n;
}

static double mean_cost(const subject *s, const double *a, const double *b) {
    double sum = 0;
    for (int64_t i = 0; i < s->settings.batch; i++)
        for (int64_t j = 0; j < s->settings.batch; j++) sum += naive_cost(&s->t.cost, a + i * DIM, b + j * DIM);
    return sum / (double)(s->settings.batch * s->settings.batch);
}

/* Less OT_eps(y, y) / 2, which no weight changes. */
static double plain_monge_gap(subject *s) {
    double sum = 0;
    freeze_moved(s);
    for (int64_t i = 0; i < s->settings.batch; i++) sum += naive_cost(&s->t.cost, s->x + i * DIM, s->frozen + i * DIM);
    return s->settings.coefficient * (sum / (double)s->settings.batch - plain_sinkhorn(s, s->x, s->frozen, s->epsilon[1])) +
           plain_sinkhorn(s, s->frozen, s->y, s->epsilon[0]) - plain_sinkhorn(s, s->frozen, s->frozen, s->epsilon[0]) / 2;
}

/* ---- what a difference quotient is taken of ---- */

static double amortisation_of(void *user) { return plain_amortisation(user); }
static double descent_of(void *user) { return -plain_dual(user); }
static double regression_of(void *user) { return plain_regression(user); }
static double cycles_of(void *user) { return ((const subject *)user)->settings.coefficient * plain_cycles(user); }
static double cycles_and_descent_of(void *user) { return cycles_of(user) + descent_of(user); }
static double monge_gap_of(void *user) { return plain_monge_gap(user); }

static void assert_map_gradient(subject *s, loss_function loss, double tolerance, int stride) {
    assert_loss_gradient(loss, s, s->wide_f, s->f.weight_count, stride, s->f.gradient, tolerance, s->t.cost.kind->name, "map");
}

static void assert_critic_gradient(subject *s, loss_function loss, double tolerance, int stride) {
    assert_loss_gradient(loss, s, s->wide_g, s->g.weight_count, stride, s->g.gradient, tolerance, s->t.cost.kind->name, "critic");
}

/* ---- the tests ---- */

static const char *cost_for(enot_form form) { return form == ENOT_FORM_VECTOR_FIELD ? "euclidean" : "sqeuclidean"; }

static void maxmin_descends_and_ascends_the_dual(void **state) {
    for (int form = 0; form < 3; form++) {
        subject s;
        subject_create(&method_maxmin, (enot_form)form, cost_for((enot_form)form), BATCH, 1, &s);
        step_losses losses = run_step(&s, 0);
        freeze_moved(&s);
        assert_close(losses.amortisation, plain_amortisation(&s), TOLERANCE, "amortisation");
        assert_close(losses.dual, plain_dual(&s), TOLERANCE, "dual");
        assert_map_gradient(&s, amortisation_of, TOLERANCE, 1);
        assert_critic_gradient(&s, descent_of, TOLERANCE, 1);
        subject_destroy(&s);
    }
}

/* Of parts that have several blocks of rows, the last of them not full. */
static void large_batches_have_the_gradient_of_all_their_rows(void **state) {
    subject s;
    subject_create(&method_maxmin, ENOT_FORM_DOT_PRODUCT, "sqeuclidean", 1195, 1, &s);
    run_step(&s, 0);
    freeze_moved(&s);
    assert_map_gradient(&s, amortisation_of, TOLERANCE, 13);
    assert_critic_gradient(&s, descent_of, TOLERANCE, 13);
    subject_destroy(&s);
}

static void maxmin_updates_the_critic_every_so_many_steps(void **state) {
    subject s;
    subject_create(&method_maxmin, ENOT_FORM_DOT_PRODUCT, "sqeuclidean", BATCH, 3, &s);
    for (int64_t number = 0; number < 7; number++) {
        step_losses losses = {.dual = 77};
        double operations;
        s.method->step(s.training, number, &losses, &operations);
        assert_int_equal(s.f.updates, number + 1);
        assert_int_equal(s.g.updates, number / 3 + 1);
        assert_true((losses.dual == 77) == (number % 3 != 0)); /* no news */
    }
    subject_destroy(&s);
}

/* A network that is updated every third step is at the end of its schedule when the training is. */
static void a_rarely_updated_network_has_a_schedule_of_its_own(void **state) {
    const settings s = {.optimizer = {.learning_rate = 1, .schedule = ENOT_SCHEDULE_LINEAR, .steps = 300, .warmup_steps = 30}};
    optimizer rare = optimizer_every(&s, 3);
    for (int64_t step = 0; step < 300; step += 60)
        assert_close(optimizer_rate(&rare, step / 3), optimizer_rate(&s.optimizer, step), .1, "learning rate");
}

/* c(x, z) - g(z) as the solver asks for it, from the plain losses. */
static void plain_objective(void *user, int64_t count, const int64_t *problem, const real *points, real *values, real *gradients) {
    const subject *s = user;
    for (int64_t i = 0; i < count; i++) {
        double z[DIM], slope[DIM];
        const double *x = s->x + problem[i] * DIM;
        for (int j = 0; j < DIM; j++) z[j] = (double)points[i * DIM + j];
        values[i] = (real)(naive_cost(&s->t.cost, x, z) - plain_critic(s, z, slope));
        for (int j = 0; j < DIM; j++) {
            double pull = s->t.form == ENOT_FORM_DOT_PRODUCT ? -x[j] : 2 * (z[j] - x[j]);
            gradients[i * DIM + j] = (real)(pull - slope[j]);
        }
    }
}

/* frozen = y*, by the solver that tests/test_lbfgs.c is about. */
static void freeze_conjugates(subject *s) {
    lbfgs *l;
    real points[BATCH * DIM];
    freeze_moved(s);
    for (int i = 0; i < BATCH * DIM; i++) points[i] = (real)s->frozen[i];
    require(context, lbfgs_create(context, BATCH, DIM, &l));
    lbfgs_minimise(l, BATCH, s->settings.inner, (real).1, plain_objective, s, points);
    for (int i = 0; i < BATCH * DIM; i++) s->frozen[i] = (double)points[i];
    lbfgs_destroy(l);
}

static void w2ot_regresses_to_conjugates_and_ascends_the_dual_there(void **state) {
    const enot_form forms[] = {ENOT_FORM_DOT_PRODUCT, ENOT_FORM_POTENTIAL, ENOT_FORM_VECTOR_FIELD};
    for (int i = 0; i < 3; i++) {
        subject s;
        subject_create(&method_w2ot, forms[i], "sqeuclidean", BATCH, 4, &s);
        step_losses losses = run_step(&s, 0);
        freeze_conjugates(&s);
        assert_close(losses.amortisation, plain_regression(&s), TOLERANCE, "regression");
        assert_true(plain_regression(&s) > .01);
        assert_close(losses.dual, plain_dual(&s), TOLERANCE, "dual");
        assert_map_gradient(&s, regression_of, TOLERANCE, 1);
        assert_critic_gradient(&s, descent_of, TOLERANCE, 1);
        subject_destroy(&s);
    }
}

static void w2gn_descends_the_cycles_and_ascends_the_dual(void **state) {
    subject s;
    subject_create(&method_w2gn, ENOT_FORM_DOT_PRODUCT, "sqeuclidean", BATCH, -1, &s);
    step_losses losses = run_step(&s, 0);
    freeze_moved(&s);
    assert_close(losses.amortisation, plain_cycles(&s), TOLERANCE, "cycles");
    assert_close(losses.dual, plain_dual(&s), TOLERANCE, "dual");
    assert_map_gradient(&s, cycles_of, TOLERANCE, 1);
    assert_critic_gradient(&s, cycles_and_descent_of, TOLERANCE, 1);
    subject_destroy(&s);
}

/* Moves the target away from the source, which makes epsilon large beside the distances between points of one side. */
static void move_target(subject *s, double shift) {
    for (int i = 0; i < TABLE * DIM; i++) s->feeds[1].rows[i] += (real)shift;
    free(s->y);
    s->y = first_rows(s, 1);
}

/* Its couplings are exact to a per cent, and so are loss and gradient. */
static void monge_gap_descends_its_loss(void **state) {
    static const char *const costs[] = {"sqeuclidean", "euclidean", "sqeuclidean"};
    static const double shifts[] = {0, 0, 15}, tolerances[] = {.03, .03, .002};
    for (int i = 0; i < 3; i++) {
        subject s;
        subject_create(&method_monge_gap, ENOT_FORM_VECTOR_FIELD, costs[i], BATCH, 100000, &s);
        move_target(&s, shifts[i]);
        step_losses losses = run_step(&s, 0);
        freeze_moved(&s);
        s.epsilon[0] = .01 * mean_cost(&s, s.frozen, s.y);
        s.epsilon[1] = .01 * mean_cost(&s, s.frozen, s.x);
        assert_close(losses.potential, plain_monge_gap(&s), .01, "loss");
        assert_map_gradient(&s, monge_gap_of, tolerances[i], 7);
        assert_int_equal(s.g.updates, 0);
        subject_destroy(&s);
    }
}

static const struct {
    const method *method;
    enot_form form;
    int64_t inner;
} EVERY[] = {{&method_maxmin, ENOT_FORM_DOT_PRODUCT, 2},
             {&method_w2ot, ENOT_FORM_POTENTIAL, 5},
             {&method_w2gn, ENOT_FORM_DOT_PRODUCT, -1},
             {&method_monge_gap, ENOT_FORM_VECTOR_FIELD, 20}};

/* Both networks' weights after three steps. */
static double *weights_after(int index, int threads, int64_t *count) {
    subject s;
    require(context, enot_context_set_threads(context, threads));
    subject_create(EVERY[index].method, EVERY[index].form, "sqeuclidean", LARGE_BATCH, EVERY[index].inner, &s);
    for (int64_t number = 0; number < 3; number++) run_step(&s, number);
    int64_t f = s.f.weight_count, g = s.g.weight_count;
    double *weights = malloc((size_t)(f + g) * sizeof *weights);
    for (int64_t i = 0; i < f + g; i++) weights[i] = (double)(i < f ? s.f.parameters[i] : s.g.parameters[i - f]);
    *count = f + g;
    subject_destroy(&s);
    require(context, enot_context_set_threads(context, 1));
    return weights;
}

static void bits_do_not_depend_on_the_threads(void **state) {
    for (int i = 0; i < 4; i++) {
        int64_t count;
        double *one = weights_after(i, 1, &count);
        for (int threads = 2; threads <= 4; threads++) {
            double *other = weights_after(i, threads, &count);
            assert_memory_equal(one, other, (size_t)count * sizeof *one);
            free(other);
        }
        free(one);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(maxmin_descends_and_ascends_the_dual),
        cmocka_unit_test(large_batches_have_the_gradient_of_all_their_rows),
        cmocka_unit_test(maxmin_updates_the_critic_every_so_many_steps),
        cmocka_unit_test(a_rarely_updated_network_has_a_schedule_of_its_own),
        cmocka_unit_test(w2ot_regresses_to_conjugates_and_ascends_the_dual_there),
        cmocka_unit_test(w2gn_descends_the_cycles_and_ascends_the_dual),
        cmocka_unit_test(monge_gap_descends_its_loss),
        cmocka_unit_test(bits_do_not_depend_on_the_threads),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
