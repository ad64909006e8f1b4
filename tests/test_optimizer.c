/* Adam and AdamW against the textbook, SOAP and Muon against numpy, schedules at known points, the average of the weights. */
#include "one_context.h"
#include "train/optimizers/optimizer.h"

enum { UPDATES = 20 };

static const optimizer USUAL = {.kind = ENOT_OPTIMIZER_ADAM, .learning_rate = .01, .beta1 = .9, .beta2 = .99, .epsilon = 1e-8,
                                .weight_decay = .1, .schedule = ENOT_SCHEDULE_COSINE, .schedule_final = .1, .warmup_steps = 3,
                                .steps = UPDATES, .averaging = .7};

/* wide: enough parameters for several chunks. */
static network network_of(int wide) {
    const int64_t narrow_width = 7, wide_width = 12001;
    mlp net;
    network n;
    require(context, mlp_create(context, ACTIVATION_ELU, 3, wide ? &wide_width : &narrow_width, 1, 1, &net));
    require(context, network_create(context, (architecture){.mlp = net}, ENOT_OPTIMIZER_ADAM, &n));
    mlp_initialise(context, &n.net.mlp, 1, 0, 0, n.parameters);
    memcpy(n.average, n.parameters, (size_t)n.weight_count * sizeof(real));
    return n;
}

static void fill_gradient(network *n, int update) {
    real *drawn = random_reals((uint64_t)update, n->weight_count, 1 + update % 3);
    memcpy(n->gradient, drawn, (size_t)n->weight_count * sizeof *drawn);
    free(drawn);
}

/* Kingma and Ba 2015, algorithm 1; Loshchilov and Hutter 2019, algorithm 2; the average as docs/mathematics.md has it. */
static void assert_updates(const optimizer *o) {
    network n = network_of(0);
    int64_t count = n.weight_count;
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
    assert_memory_equal(decayed.parameters, plain.parameters, (size_t)plain.weight_count * sizeof(real));
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
        for (int64_t i = 0; i < n.weight_count; i++) assert_close(n.average[i], n.parameters[i], 1e-15, "average");
    }
    network_destroy(&n);
}

/* ---- optimisers of matrices ---- */

/* inputs -> hidden layers -> 1, with weights .1 cos(i). */
static network network_for(enot_optimizer kind, int64_t inputs, const int64_t *hidden, int64_t hidden_count) {
    mlp net;
    network n;
    require(context, mlp_create(context, ACTIVATION_ELU, inputs, hidden, hidden_count, 1, &net));
    require(context, network_create(context, (architecture){.mlp = net}, kind, &n));
    for (int64_t i = 0; i < n.weight_count; i++) n.average[i] = n.parameters[i] = (real)(.1 * cos((double)i));
    return n;
}

static void fill_waves(network *n, int update) {
    for (int64_t i = 0; i < n->weight_count; i++)
        n->gradient[i] = (real)sin(1 + .7 * (double)i + 1.3 * update + .01 * (double)i * (double)i * update);
}

static optimizer steady(enot_optimizer kind) {
    return (optimizer){.kind = kind, .learning_rate = .01, .beta1 = .9, .beta2 = .95, .epsilon = 1e-8,
                       .schedule = ENOT_SCHEDULE_CONSTANT, .steps = UPDATES, .averaging = .7, .refresh = 4};
}

/*
 * Weights [8, 5] and [5, 8] after nine updates, computed in double with numpy: SOAP with both moments outside the bases, as
 * published, and numpy.linalg.qr(L Q) after updates 4 and 8.
 */
static const double SOAP_8_5[] = {
    0.0952631123676477, 0.0640460638170805, -0.00986113966349649, -0.0763738281045584, -0.0553478679011201,
    0.0256616021401457, 0.0677016712628772, 0.0499637509338618, -0.0253866144202589, -0.0962797583421361,
    -0.0611473639359411, 0.0203800140868946, 0.0959367823173692, 0.0742129419459565, 0.0013299842802569,
    -0.0955846966912362, -0.0880785819199951, -0.0104788262234799, 0.0940007347109843, 0.105089047627225,
    0.017520000797594, -0.113162771239304, -0.0551173274383799, 0.00820281196567153, 0.0246284820249466,
    0.0695342138468232, 0.0541349267549091, -0.00370261823086909, -0.0742660204170267, -0.0478489965452588,
    0.00181026031198811, 0.063378303037367, 0.0695099847514893, 0.0609800026079986, -0.151318796750632,
    -0.119993192242341, -0.0141828891578841, 0.0996724974867286, 0.111065754285239, 0.0196691361586916,
};

static const double SOAP_5_8[] = {
    0.09533730047245, 0.065203479446887, -0.0108751268932587, -0.0749729804680388, -0.0549890488415052,
    0.026516264561595, 0.0676253708716088, 0.0517981481401784, -0.0261075612946364, -0.09176818100507,
    -0.0570582851499166, 0.0156646011026361, 0.0940143757887751, 0.0769816461132139, -0.00796252581167818,
    -0.100831105728709, -0.0864062804798899, -0.0125136843765846, 0.0967163756007879, 0.103337854788903,
    0.0150066558979917, -0.113672686302186, -0.057434010997259, 0.012889756790094, 0.0237199509371817,
    0.0667483859131516, 0.0548631603613362, -0.0111372816503823, -0.0808012288122789, -0.0521727574312414,
    -0.00138619820103396, 0.0645361768962323, 0.0733957230995889, 0.0621147760255078, -0.143578150041228,
    -0.120449491552743, -0.0127683447968539, 0.0989321310947795, 0.110115989698529, 0.00988518450846668,
};

static const double MUON_8_5[] = {
    0.101680684478118, 0.0583097490539796, -0.0349264709744792, -0.0970916552504325, -0.0598830360812017,
    0.0273535188537009, 0.0913037812223438, 0.0691720309077454, -0.0188220805227695, -0.0899052100370888,
    -0.0780601421661404, 0.00425127023285353, 0.0853998297713268, 0.0895142144435669, 0.0090954582015167,
    -0.0813240405011334, -0.0897835275492488, -0.0255113721110849, 0.0760406096969636, 0.102035156633536,
    0.0355125432452822, -0.0647701280950223, -0.0986043819604624, -0.0347330505503451, 0.0384569491226637,
    0.0954376827603709, 0.0607011384271079, -0.0276358139906761, -0.0923502401978837, -0.0730884079219571,
    0.0116846477050231, 0.0876705790908227, 0.0758122479400649, 0.0146307355953314, -0.11277505298552,
    -0.098272335689053, -0.00779187320926243, 0.0846267143750371, 0.0966000421315804, 0.0212827827182264,
};

static const double MUON_5_8[] = {
    0.104401486128802, 0.0612316369527791, -0.034206533409917, -0.0953948878199806, -0.0584968148199684,
    0.027443814922338, 0.0893989216453265, 0.0697152537864779, -0.0145661258678431, -0.0871516240562836,
    -0.0805601828634934, 0.00339061039462054, 0.080415722575532, 0.0887815903014165, 0.0086802333032928,
    -0.0822773539554193, -0.0934582390053258, -0.0280766281650764, 0.0705952803983295, 0.103888412354051,
    0.0376301630676114, -0.0646752522924071, -0.0976394552908916, -0.0372886399933086, 0.0372261818841843,
    0.0913464933025068, 0.0646707886216975, -0.0302614828318419, -0.0887701019661722, -0.0749857540205235,
    0.0126420780261539, 0.0854302645992272, 0.078724384775135, 0.0140657666711864, -0.109908349720979,
    -0.09783591953539, -0.0114143964559438, 0.0805436623335891, 0.096112002400928, 0.02220704676267,
};

/* Every 311th weight of matrices [70, 40] and [40, 70], which have several panels, found in the same way. */
enum { EACH = 311, LARGE = 10 };

static const double SOAP_LARGE[2][LARGE] = {
    {0.0987862063305834, -0.112766412591559, 0.00904110973413015, -0.0834466313285086, 0.0914578443689618,
     -0.10358086916428, 0.16823001656087, -0.0706955949121431, 0.119549801776712, -0.188888501917467},
    {0.0922736212417343, -0.111622074703913, 0.00739967210814429, -0.0783458693830085, 0.0958163902006258,
     -0.103538635540817, 0.165205876936479, -0.0758386256596098, 0.126540441342381, -0.192995927728986},
};

static const double MUON_LARGE[2][LARGE] = {
    {0.100989587134995, -0.103970580944597, 0.0777585247200129, -0.0928401581024468, 0.093089807049254,
     -0.101646546147154, 0.115736940948386, -0.096850974381734, 0.105764089661246, -0.119407443951204},
    {0.104482846851274, -0.106332798229659, 0.0726800036366845, -0.0977402483344923, 0.0979162108138719,
     -0.0976747892853736, 0.111338235379581, -0.101801115143837, 0.104437922265417, -0.126234243170593},
};

/* The part of the rate that the only layer's matrix takes, which is the first one; numpy's took all of it. */
static double part_of_rate(enot_optimizer kind, int64_t inputs) {
    return kind == ENOT_OPTIMIZER_SOAP && inputs > 64 ? 64. / (double)inputs : 1;
}

static void assert_matrix(const optimizer *o, int64_t rows, int64_t columns, int64_t each, const double *want) {
    network n = network_for(o->kind, columns, &rows, 1), before = network_for(o->kind, columns, &rows, 1);
    double part = part_of_rate(o->kind, columns);
    for (int t = 1; t <= 9; t++) {
        fill_waves(&n, t);
        optimizer_update(context, o, ops_select(), &n);
    }
    for (int64_t i = 0; i < rows * columns; i += each) {
        double moved = (n.parameters[i] - before.parameters[i]) / part;
        assert_close(before.parameters[i] + moved, want[i / each], 1e-11, "a weight");
    }
    network_destroy(&n);
    network_destroy(&before);
}

static void soap_agrees_with_numpy(void **state) {
    optimizer o = steady(ENOT_OPTIMIZER_SOAP);
    assert_matrix(&o, 8, 5, 1, SOAP_8_5);
    assert_matrix(&o, 5, 8, 1, SOAP_5_8);
    assert_matrix(&o, 70, 40, EACH, SOAP_LARGE[0]);
    assert_matrix(&o, 40, 70, EACH, SOAP_LARGE[1]);
}

static void muon_agrees_with_numpy(void **state) {
    optimizer o = steady(ENOT_OPTIMIZER_MUON);
    assert_matrix(&o, 8, 5, 1, MUON_8_5);
    assert_matrix(&o, 5, 8, 1, MUON_5_8);
    assert_matrix(&o, 70, 40, EACH, MUON_LARGE[0]);
    assert_matrix(&o, 40, 70, EACH, MUON_LARGE[1]);
}

static const int64_t DEEP[] = {70, 33, 40};

/* Bases begin as those of the coordinates; so do biases and the output's row, and they remain. */
static void soap_begins_as_adam(void **state) {
    optimizer o = steady(ENOT_OPTIMIZER_SOAP), adam = steady(ENOT_OPTIMIZER_ADAM);
    network n = network_for(o.kind, 5, DEEP, 3), plain = network_for(adam.kind, 5, DEEP, 3);
    for (int t = 1; t <= 8; t++) {
        fill_waves(&n, t);
        fill_waves(&plain, t);
        optimizer_update(context, &o, ops_select(), &n);
        optimizer_update(context, &adam, ops_select(), &plain);
        for (int64_t i = 0; i < n.weight_count; i++) {
            int vector = i >= n.net.mlp.weight_at[4];
            for (int l = 1; l < 4; l++) vector |= i >= n.net.mlp.bias_at[l] && i < n.net.mlp.weight_at[l + 1];
            double apart = fabs(n.parameters[i] - plain.parameters[i]) + fabs(n.average[i] - plain.average[i]);
            if ((t <= 4 || vector) && apart > 1e-12) fail_msg("update %d, parameter %d: %g from Adam's", t, (int)i, apart);
        }
    }
    for (int l = 1; l < 4; l++)
        assert_true(fabs(n.parameters[n.net.mlp.weight_at[l]] - plain.parameters[n.net.mlp.weight_at[l]]) > 1e-6);
    network_destroy(&n);
    network_destroy(&plain);
}

/* SOAP's first updates are Adam's: their sizes tell the rates. */
static void soap_moves_the_first_layer_of_many_inputs_less(void **state) {
    optimizer o = steady(ENOT_OPTIMIZER_SOAP), adam = steady(ENOT_OPTIMIZER_ADAM);
    for (int64_t inputs = 64; inputs <= 256; inputs *= 4) {
        network n = network_for(o.kind, inputs, DEEP, 3), plain = network_for(adam.kind, inputs, DEEP, 3),
                before = network_for(o.kind, inputs, DEEP, 3);
        fill_waves(&n, 1);
        fill_waves(&plain, 1);
        optimizer_update(context, &o, ops_select(), &n);
        optimizer_update(context, &adam, ops_select(), &plain);
        int64_t first = n.net.mlp.weight_at[1];
        for (int64_t i = 0; i < n.weight_count; i++) {
            double part = i >= first && i < first + DEEP[0] * inputs ? part_of_rate(o.kind, inputs) : 1;
            assert_close(n.parameters[i] - before.parameters[i], part * (plain.parameters[i] - before.parameters[i]), 1e-12,
                         "a step");
        }
        network_destroy(&n);
        network_destroy(&plain);
        network_destroy(&before);
    }
}

/*
 * Five iterations with these coefficients take every singular value from .01 to 1 to between .6 and 1.3. So one update from a
 * gradient of full rank leaves singular values of that size, here seen in the lengths of the columns or rows.
 */
static void muon_makes_singular_values_alike(void **state) {
    optimizer o = steady(ENOT_OPTIMIZER_MUON);
    for (int wide = 0; wide < 2; wide++) {
        const int64_t rows = wide ? 40 : 170, columns = wide ? 170 : 40;
        network n = network_for(o.kind, columns, &rows, 1), before = network_for(o.kind, columns, &rows, 1);
        fill_gradient(&n, 1);
        optimizer_update(context, &o, ops_select(), &n);
        double rate = .01 * .2 * sqrt(170.);
        for (int64_t k = 0; k < 40; k++) {
            double square = 0;
            for (int64_t i = 0; i < 170; i++) {
                int64_t at = wide ? k * columns + i : i * columns + k;
                square += pow((n.parameters[at] - before.parameters[at]) / rate, 2);
            }
            assert_true(sqrt(square) > .6 && sqrt(square) < 1.3);
        }
        network_destroy(&n);
        network_destroy(&before);
    }
}

/* Neither do the statistics underflow, which are its squares. */
static void soap_does_not_feel_the_gradients_scale(void **state) {
    optimizer o = steady(ENOT_OPTIMIZER_SOAP);
    o.epsilon = 1e-30;
    network n = network_for(o.kind, 5, DEEP, 3), small = network_for(o.kind, 5, DEEP, 3);
    for (int t = 1; t <= 9; t++) {
        fill_waves(&n, t);
        fill_waves(&small, t);
        for (int64_t i = 0; i < n.weight_count; i++) small.gradient[i] *= (real)0x1p-40;
        optimizer_update(context, &o, ops_select(), &n);
        optimizer_update(context, &o, ops_select(), &small);
    }
    for (int64_t i = 0; i < n.weight_count; i++) assert_close(small.parameters[i], n.parameters[i], 1e-7, "weights");
    network_destroy(&n);
    network_destroy(&small);
}

static void assert_same_state(const network *one, const network *other) {
    int64_t counts[2];
    const real *own[2] = {network_own(one, &counts[0]), network_own(other, &counts[1])};
    assert_memory_equal(one->parameters, other->parameters,
                        (size_t)(NETWORK_STATE_VECTORS * one->weight_count) * sizeof(real));
    assert_int_equal(counts[0], counts[1]);
    if (own[0]) assert_memory_equal(own[0], own[1], (size_t)counts[0] * sizeof(real));
}

static void matrices_do_not_depend_on_the_threads(void **state) {
    static const enot_optimizer kinds[] = {ENOT_OPTIMIZER_SOAP, ENOT_OPTIMIZER_MUON};
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
        cmocka_unit_test(muon_agrees_with_numpy),
        cmocka_unit_test(soap_moves_the_first_layer_of_many_inputs_less),
        cmocka_unit_test(muon_makes_singular_values_alike),
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
