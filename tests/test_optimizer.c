/* Adam and AdamW against the textbook, schedules at known points, the average of the weights. */
#include "numeric.h"
#include "train/optimizer.h"

enum { UPDATES = 20 };

static enot_context *context;

static int setup(void **state) {
    context = context_new(1);
    return 0;
}

static int teardown(void **state) {
    enot_context_destroy(context);
    return 0;
}

static const optimizer USUAL = {.kind = ENOT_OPTIMIZER_ADAM, .learning_rate = .01, .beta1 = .9, .beta2 = .99, .epsilon = 1e-8,
                                .weight_decay = .1, .schedule = ENOT_SCHEDULE_COSINE, .schedule_final = .1, .warmup_steps = 3,
                                .steps = UPDATES, .averaging = .7};

/* wide: enough parameters for several chunks. */
static network network_of(int wide) {
    const int64_t narrow_width = 7, wide_width = 12001;
    mlp net;
    network n;
    require(context, mlp_create(context, ACTIVATION_ELU, 3, wide ? &wide_width : &narrow_width, 1, 1, &net));
    require(context, network_create(context, net, &n));
    mlp_initialise(context, &n.net, 1, 0, 0, n.parameters);
    memcpy(n.average, n.parameters, (size_t)n.net.parameter_count * sizeof(real));
    return n;
}

static void fill_gradient(network *n, int update) {
    real *drawn = random_reals((uint64_t)update, n->net.parameter_count, 1 + update % 3);
    memcpy(n->gradient, drawn, (size_t)n->net.parameter_count * sizeof *drawn);
    free(drawn);
}

/* Kingma and Ba 2015, algorithm 1; Loshchilov and Hutter 2019, algorithm 2; the average as docs/mathematics.md has it. */
static void assert_updates(const optimizer *o) {
    network n = network_of(0);
    int64_t count = n.net.parameter_count;
    double *w = calloc((size_t)count * 4, sizeof *w), *m = w + count, *v = m + count, *mean = v + count;
    for (int64_t i = 0; i < count; i++) mean[i] = w[i] = n.parameters[i];
    for (int t = 1; t <= UPDATES; t++) {
        double rate = optimizer_rate(o, t - 1), decay = fmin(o->averaging, t / (t + 10.0));
        fill_gradient(&n, t);
        for (int64_t i = 0; i < count; i++) {
            double g = n.gradient[i];
            m[i] = o->beta1 * m[i] + (1 - o->beta1) * g;
            v[i] = o->beta2 * v[i] + (1 - o->beta2) * g * g;
            double step = m[i] / (1 - pow(o->beta1, t)) / (sqrt(v[i] / (1 - pow(o->beta2, t))) + o->epsilon);
            w[i] -= rate * (step + (o->kind == ENOT_OPTIMIZER_ADAMW ? o->weight_decay * w[i] : 0));
            mean[i] = decay * mean[i] + (1 - decay) * w[i];
        }
        optimizer_update(context, o, &ops_reference, &n);
        assert_int_equal(n.updates, t);
        assert_all_close(count, n.parameters, w, 1e-13, "weights");
        assert_all_close(count, n.average, mean, 1e-13, "average");
    }
    free(w);
    network_destroy(&n);
}

static void adam_and_adamw_are_the_textbook_ones(void **state) {
    optimizer o = USUAL;
    assert_updates(&o);
    o.kind = ENOT_OPTIMIZER_ADAMW;
    assert_updates(&o);
    o.beta1 = 0;
    o.epsilon = .1;
    assert_updates(&o);
}

static void adam_ignores_the_weight_decay(void **state) {
    optimizer o = USUAL;
    network decayed = network_of(0), plain = network_of(0);
    fill_gradient(&decayed, 1);
    fill_gradient(&plain, 1);
    optimizer_update(context, &o, &ops_reference, &decayed);
    o.weight_decay = 0;
    optimizer_update(context, &o, &ops_reference, &plain);
    assert_memory_equal(decayed.parameters, plain.parameters, (size_t)plain.net.parameter_count * sizeof(real));
    network_destroy(&decayed);
    network_destroy(&plain);
}

static void without_averaging_the_average_is_the_weights(void **state) {
    optimizer o = USUAL;
    o.averaging = 0;
    network n = network_of(0);
    for (int t = 0; t < 5; t++) {
        fill_gradient(&n, t);
        optimizer_update(context, &o, &ops_reference, &n);
        for (int64_t i = 0; i < n.net.parameter_count; i++) assert_close(n.average[i], n.parameters[i], 1e-15, "average");
    }
    network_destroy(&n);
}

static void updates_do_not_depend_on_the_threads(void **state) {
    network one = network_of(1), three = network_of(1);
    for (int t = 0; t < 3; t++) {
        fill_gradient(&one, t);
        fill_gradient(&three, t);
        require(context, enot_context_set_threads(context, 1));
        optimizer_update(context, &USUAL, ops_select(), &one);
        require(context, enot_context_set_threads(context, 3));
        optimizer_update(context, &USUAL, ops_select(), &three);
    }
    require(context, enot_context_set_threads(context, 1));
    assert_memory_equal(one.parameters, three.parameters,
                        (size_t)(NETWORK_STATE_VECTORS * one.net.parameter_count) * sizeof(real));
    network_destroy(&one);
    network_destroy(&three);
}

static void cosine_starts_at_the_rate_and_ends_at_the_final_fraction(void **state) {
    optimizer o = USUAL;
    o.warmup_steps = 0;
    o.steps = 100;
    assert_close(optimizer_rate(&o, 0), .01, 1e-15, "start");
    assert_close(optimizer_rate(&o, 25), .01 * (.9 * (1 + sqrt(.5)) / 2 + .1), 1e-15, "a quarter");
    assert_close(optimizer_rate(&o, 50), .01 * .55, 1e-15, "half");
    assert_close(optimizer_rate(&o, 100), .001, 1e-15, "end");
    assert_close(optimizer_rate(&o, 1000), .001, 1e-15, "beyond the end");
}

static void linear_and_constant_are_what_they_say(void **state) {
    optimizer o = USUAL;
    o.warmup_steps = 0;
    o.steps = 100;
    o.schedule = ENOT_SCHEDULE_LINEAR;
    assert_close(optimizer_rate(&o, 0), .01, 1e-15, "start");
    assert_close(optimizer_rate(&o, 50), .0055, 1e-15, "half");
    assert_close(optimizer_rate(&o, 100), .001, 1e-15, "end");
    o.schedule = ENOT_SCHEDULE_CONSTANT;
    for (int t = 0; t < 200; t += 50) assert_close(optimizer_rate(&o, t), .01, 1e-15, "constant");
}

static void warm_up_rises_to_the_rate_before_the_schedule_begins(void **state) {
    optimizer o = USUAL;
    o.warmup_steps = 4;
    o.steps = 104;
    for (int t = 0; t < 4; t++) assert_close(optimizer_rate(&o, t), .01 * (t + 1) / 5, 1e-15, "warm-up");
    assert_close(optimizer_rate(&o, 4), .01, 1e-15, "its end");
    assert_close(optimizer_rate(&o, 54), .0055, 1e-15, "half of the rest");
    o.warmup_steps = 500; /* longer than the training */
    for (int t = 0; t < 104; t++) assert_true(isfinite(optimizer_rate(&o, t)) && optimizer_rate(&o, t) <= .01);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adam_and_adamw_are_the_textbook_ones),
        cmocka_unit_test(adam_ignores_the_weight_decay),
        cmocka_unit_test(without_averaging_the_average_is_the_weights),
        cmocka_unit_test(updates_do_not_depend_on_the_threads),
        cmocka_unit_test(cosine_starts_at_the_rate_and_ends_at_the_final_fraction),
        cmocka_unit_test(linear_and_constant_are_what_they_say),
        cmocka_unit_test(warm_up_rises_to_the_rate_before_the_schedule_begins),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
