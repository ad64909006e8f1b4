/* Adam and AdamW against the textbook, SOAP against other programs, schedules at known points, the average of the weights. */
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
    require(context, network_create(context, net, ENOT_OPTIMIZER_ADAM, &n));
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

/* ---- optimisers of matrices ---- */

/* inputs -> hidden layers -> 1, with weights .1 cos(i). */
static network network_for(enot_optimizer kind, int64_t inputs, const int64_t *hidden, int64_t hidden_count) {
    mlp net;
    network n;
    require(context, mlp_create(context, ACTIVATION_ELU, inputs, hidden, hidden_count, 1, &net));
    require(context, network_create(context, net, kind, &n));
    for (int64_t i = 0; i < n.net.parameter_count; i++) n.average[i] = n.parameters[i] = (real)(.1 * cos((double)i));
    return n;
}

static void fill_waves(network *n, int update) {
    for (int64_t i = 0; i < n->net.parameter_count; i++)
        n->gradient[i] = (real)sin(1 + .7 * (double)i + 1.3 * update + .01 * (double)(i * i) * update);
}

static optimizer steady(enot_optimizer kind) {
    return (optimizer){.kind = kind, .learning_rate = .01, .beta1 = .9, .beta2 = .95, .epsilon = 1e-8,
                       .schedule = ENOT_SCHEDULE_CONSTANT, .steps = UPDATES, .averaging = .7, .refresh = 2};
}

/*
 * Weights [8, 5] and [5, 8] after five updates, computed in double with numpy: both moments outside the bases, as published,
 * numpy.linalg.qr(L Q) after updates 2 and 4.
 */
static const double SOAP_8_5[] = {
    0.0994439852981292, 0.0619102179140642, -0.0186717252703449, -0.0785743964918008, -0.0595183849270114,
    0.0264839338696355, 0.0713179364407091, 0.0498347067328838, -0.02764840904, -0.0873182210358189,
    -0.0649297927033812, 0.0163477240663487, 0.0940328564656369, 0.078878935810103, -0.00197434846865574,
    -0.0921806695371314, -0.0878992694219225, -0.00853030785520516, 0.0945753113846069, 0.100772227018792,
    0.021618156728456, -0.108438584437002, -0.0613312204310753, 0.0040353479663267, 0.0223712960812952,
    0.0725046214990222, 0.0517499721762206, -0.00904567795644294, -0.0815823527749296, -0.0553483077324212,
    0.00102451380830051, 0.0679010187667082, 0.0761881862212472, 0.0552673093369835, -0.0944368613260833,
    -0.119642349743169, -0.0173335800331078, 0.0911008068847633, 0.107543358241976, 0.0205154029338128,
};

static const double SOAP_5_8[] = {
    0.0962449075004802, 0.0607636955540559, -0.0163942254702031, -0.0786638630002693, -0.0586235553763097,
    0.0288281583109256, 0.0714737225798857, 0.054679748490991, -0.02363318477591, -0.0925062608412745,
    -0.0604217390552416, 0.00935099435142094, 0.0954006556313734, 0.0821876271018924, -0.00148971289029386,
    -0.0936321988191492, -0.0954225862842518, -0.0128192374093952, 0.0937102542797473, 0.101780932292998,
    0.0224241179875717, -0.103555150044414, -0.0643901731682744, -0.0106238660131896, 0.0143768869339775,
    0.0672335879767123, 0.0551802806414704, -0.00356568443820867, -0.0740031124828018, -0.0631251105020465,
    0.00373356283093808, 0.0695982182645669, 0.0818744613433907, 0.0526469990221075, -0.0999546604065025,
    -0.121680094939366, -0.0151926870817728, 0.0974843294863039, 0.108434344929492, 0.0172744220673571,
};

static void assert_matrix(const optimizer *o, int64_t rows, int64_t columns, const double *want) {
    network n = network_for(o->kind, columns, &rows, 1);
    for (int t = 1; t <= 5; t++) {
        fill_waves(&n, t);
        optimizer_update(context, o, &ops_reference, &n);
    }
    assert_all_close(rows * columns, n.parameters, want, 1e-13, "weights");
    network_destroy(&n);
}

static void soap_agrees_with_numpy(void **state) {
    optimizer o = steady(ENOT_OPTIMIZER_SOAP);
    assert_matrix(&o, 8, 5, SOAP_8_5);
    assert_matrix(&o, 5, 8, SOAP_5_8);
}

static const int64_t DEEP[] = {70, 33, 40};

/* Bases begin as those of the coordinates; so do biases and the output's row, and they remain. */
static void soap_begins_as_adam(void **state) {
    optimizer o = steady(ENOT_OPTIMIZER_SOAP), adam = steady(ENOT_OPTIMIZER_ADAM);
    network n = network_for(o.kind, 5, DEEP, 3), plain = network_for(adam.kind, 5, DEEP, 3);
    for (int t = 1; t <= 6; t++) {
        fill_waves(&n, t);
        fill_waves(&plain, t);
        optimizer_update(context, &o, ops_select(), &n);
        optimizer_update(context, &adam, ops_select(), &plain);
        for (int64_t i = 0; i < n.net.parameter_count; i++) {
            int vector = i >= n.net.weight_at[4];
            for (int l = 1; l < 4; l++) vector |= i >= n.net.bias_at[l] && i < n.net.weight_at[l + 1];
            double apart = fabs(n.parameters[i] - plain.parameters[i]) + fabs(n.average[i] - plain.average[i]);
            if ((t <= 2 || vector) && apart > 1e-12) fail_msg("update %d, parameter %d: %g from Adam's", t, (int)i, apart);
        }
    }
    for (int l = 1; l < 4; l++)
        assert_true(fabs(n.parameters[n.net.weight_at[l]] - plain.parameters[n.net.weight_at[l]]) > 1e-6);
    network_destroy(&n);
    network_destroy(&plain);
}

/* Neither do the statistics underflow, which are its squares. */
static void soap_does_not_feel_the_gradients_scale(void **state) {
    optimizer o = steady(ENOT_OPTIMIZER_SOAP);
    o.epsilon = 1e-30;
    network n = network_for(o.kind, 5, DEEP, 3), small = network_for(o.kind, 5, DEEP, 3);
    for (int t = 1; t <= 9; t++) {
        fill_waves(&n, t);
        fill_waves(&small, t);
        for (int64_t i = 0; i < n.net.parameter_count; i++) small.gradient[i] *= (real)0x1p-40;
        optimizer_update(context, &o, ops_select(), &n);
        optimizer_update(context, &o, ops_select(), &small);
    }
    for (int64_t i = 0; i < n.net.parameter_count; i++) assert_close(small.parameters[i], n.parameters[i], 1e-7, "weights");
    network_destroy(&n);
    network_destroy(&small);
}

static void assert_same_state(const network *one, const network *other) {
    int64_t counts[2];
    const real *own[2] = {network_own(one, &counts[0]), network_own(other, &counts[1])};
    assert_memory_equal(one->parameters, other->parameters,
                        (size_t)(NETWORK_STATE_VECTORS * one->net.parameter_count) * sizeof(real));
    assert_int_equal(counts[0], counts[1]);
    if (own[0]) assert_memory_equal(own[0], own[1], (size_t)counts[0] * sizeof(real));
}

static void matrices_do_not_depend_on_the_threads(void **state) {
    static const enot_optimizer kinds[] = {ENOT_OPTIMIZER_SOAP};
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        optimizer o = steady(kinds[k]);
        network one = network_for(o.kind, 5, DEEP, 3), more = network_for(o.kind, 5, DEEP, 3);
        for (int t = 1; t <= 7; t++) {
            fill_waves(&one, t);
            fill_waves(&more, t);
            require(context, enot_context_set_threads(context, 1));
            optimizer_update(context, &o, ops_select(), &one);
            require(context, enot_context_set_threads(context, 2 + t % 3));
            optimizer_update(context, &o, ops_select(), &more);
        }
        require(context, enot_context_set_threads(context, 1));
        assert_same_state(&one, &more);
        network_destroy(&one);
        network_destroy(&more);
    }
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
    assert_same_state(&one, &three);
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
        cmocka_unit_test(soap_agrees_with_numpy),
        cmocka_unit_test(soap_begins_as_adam),
        cmocka_unit_test(soap_does_not_feel_the_gradients_scale),
        cmocka_unit_test(matrices_do_not_depend_on_the_threads),
        cmocka_unit_test(updates_do_not_depend_on_the_threads),
        cmocka_unit_test(cosine_starts_at_the_rate_and_ends_at_the_final_fraction),
        cmocka_unit_test(linear_and_constant_are_what_they_say),
        cmocka_unit_test(warm_up_rises_to_the_rate_before_the_schedule_begins),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
