/*
 * The gradients of a training step of images in double, against difference quotients of its two losses along random directions: the
 * amortised c-transform in the mapper's weights, and the expectile-regularised dual in the critic's.
 */
#define TEST_THREADS 2
#include "one_context.h"
#include "train/step/image_step.h"

enum { BATCH = 3, DIM = 4 * 4 * 2 };

static const double EXPECTILE = .9, COEFFICIENT = .7;

typedef struct subject {
    transport t;
    conv_net nets[2]; /* mapper, critic */
    real *parameters[2], *gradient[2], *statistics, *x, *y;
    image_step *step;
    step_losses losses;
} subject;

static void run(subject *s) {
    require(context, image_step_gradients(s->step, s->x, s->y, (image_network){s->parameters[0], s->gradient[0], s->statistics},
                                          (image_network){s->parameters[1], s->gradient[1], NULL}, &s->losses));
}

static void subject_create(subject *s, int64_t batch, const char *cost_text) {
    image_shape shape = {4, 4, 2};
    *s = (subject){.t = {.form = ENOT_FORM_VECTOR_FIELD, .dim = DIM}};
    require(context, cost_parse(context, cost_text, DIM, NULL, &s->t.cost));
    require(context, conv_net_create_unet(context, shape, 3, 1, &s->nets[0]));
    require(context, conv_net_create_critic(context, shape, 3, 1, &s->nets[1]));
    for (int i = 0; i < 2; i++) {
        s->parameters[i] = random_reals(20 + (uint64_t)i, s->nets[i].parameter_count, .3);
        s->gradient[i] = random_reals(22 + (uint64_t)i, s->nets[i].parameter_count, 1); /* to be overwritten */
    }
    s->statistics = random_reals(24, s->nets[0].statistic_count, .1);
    s->x = random_reals(25, batch * DIM, 1);
    s->y = random_reals(26, batch * DIM, 1);
    require(context, image_step_create(context, &s->t, &s->nets[0], &s->nets[1], batch, EXPECTILE, COEFFICIENT, &s->step));
}

static void subject_destroy(subject *s) {
    image_step_destroy(s->step);
    for (int i = 0; i < 2; i++) {
        conv_net_destroy(&s->nets[i]);
        free(s->parameters[i]);
        free(s->gradient[i]);
    }
    cost_destroy(&s->t.cost);
    free(s->statistics);
    free(s->x);
    free(s->y);
}

/*
 * What each network descends. The penalty lambda (L(d1) + L(d2)) counts the same excess twice, once with the c-transform held fast and
 * once with g(y) (docs/mathematics.md): its gradient is that of half of it with nothing held.
 */
static double objective(const subject *s, int network) {
    return network == 0 ? s->losses.amortisation : (s->losses.potential + s->losses.dual) / 2 - s->losses.dual;
}

static double objective_along(subject *s, int network, const real *start, const real *direction, double distance) {
    for (int64_t i = 0; i < s->nets[network].parameter_count; i++)
        s->parameters[network][i] = start[i] + (real)distance * direction[i];
    run(s);
    return objective(s, network);
}

static void assert_descends(const char *cost_text, int network, const char *what) {
    subject s;
    subject_create(&s, BATCH, cost_text);
    int64_t count = s.nets[network].parameter_count;
    real *start = random_reals(20 + (uint64_t)network, count, .3), *gradient = random_reals(0, count, 0);
    run(&s);
    memcpy(gradient, s.gradient[network], (size_t)count * sizeof *gradient);
    for (uint64_t k = 0; k < 5; k++) {
        const double step = 1e-6;
        real *direction = random_reals(40 + k, count, 1);
        double slope = 0, quotient = (objective_along(&s, network, start, direction, step) -
                                      objective_along(&s, network, start, direction, -step)) / (2 * step);
        for (int64_t i = 0; i < count; i++) slope += (double)gradient[i] * (double)direction[i];
        assert_close(slope, quotient, 1e-6, what);
        free(direction);
    }
    free(start);
    free(gradient);
    subject_destroy(&s);
}

static void the_mapper_descends_the_amortised_c_transform(void **state) {
    assert_descends("sqeuclidean", 0, "sqeuclidean, mapper");
    assert_descends("cosine", 0, "cosine, mapper");
}

static void the_critic_descends_the_regularised_dual(void **state) {
    assert_descends("sqeuclidean", 1, "sqeuclidean, critic");
    assert_descends("cosine", 1, "cosine, critic");
}

static void batch_norm_remembers_the_batch(void **state) {
    subject s;
    subject_create(&s, BATCH, "sqeuclidean");
    real *before = random_reals(24, s.nets[0].statistic_count, .1);
    run(&s);
    for (int64_t i = 0; i < s.nets[0].statistic_count; i++) assert_true(s.statistics[i] != before[i]);
    free(before);
    subject_destroy(&s);
}

static void threads_do_not_change_a_bit(void **state) {
    enum { MANY = 19 };
    subject s;
    real *first[2] = {NULL, NULL};
    for (int threads = 1; threads <= 3; threads++) {
        require(context, enot_context_set_threads(context, threads));
        subject_create(&s, MANY, "sqeuclidean");
        run(&s);
        for (int i = 0; i < 2; i++) {
            size_t size = (size_t)s.nets[i].parameter_count * sizeof *first[i];
            if (!first[i]) {
                first[i] = malloc(size);
                memcpy(first[i], s.gradient[i], size);
            }
            assert_memory_equal(first[i], s.gradient[i], size);
        }
        subject_destroy(&s);
    }
    free(first[0]);
    free(first[1]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_mapper_descends_the_amortised_c_transform),
        cmocka_unit_test(the_critic_descends_the_regularised_dual),
        cmocka_unit_test(batch_norm_remembers_the_batch),
        cmocka_unit_test(threads_do_not_change_a_bit),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
