/*
 * Training on every instruction set that this processor has: each repeats itself to the bit on any number of threads, and all
 * agree within rounding.
 *
 * How far rounding may carry: a float has 6e-8, and a gradient here sums 300 rows, so instruction sets differ by some 1e-6 of
 * its norm, which each step hands on. Adam divides by the gradient's own size, so numbers that are next to nothing move as far
 * as the others and in a direction that rounding decides: hence an epsilon that is not small beside the gradients, and weights
 * compared by norm with the way they have come. TOLERANCE leaves a factor of ten; what is not rounding, such as a row counted
 * twice, is a hundred times beyond it.
 */
#include "fits.h"
#include "isa.h"
#include "train/optimizers/optimizer.h"
#include "train/step/parts.h"

enum { DIM = 5, BATCH = 300, THREAD_COUNTS = 4, SEED = 7 };

static const double TOLERANCE = 1e-5;
static const enot_form FORMS[] = {ENOT_FORM_DOT_PRODUCT, ENOT_FORM_POTENTIAL, ENOT_FORM_VECTOR_FIELD};
static const int THREADS[THREAD_COUNTS] = {1, 2, 3, 5};

/* Batches are cut in two ways: narrow networks sum gradients by parts of the batch, wide ones by tiles of the weights. */
typedef struct shape {
    int64_t hidden[2];
    int steps;
} shape;

static const shape NARROW = {{40, 24}, 12}, WIDE = {{300, 300}, 3};

typedef struct training {
    enot_context *context;
    transport t;
    network f, g;
    int64_t done;
    double loss; /* sum of all losses */
} training;

static const real SCALE[DIM] = {.5, 1, 1.5, 1, .75};

static network network_of(const fixture *at, const shape *s, int64_t output, uint32_t number) {
    mlp net;
    network made;
    require(at, mlp_create(at->context, ACTIVATION_SILU, DIM, s->hidden, 2, output, &net));
    require(at, network_create(at->context, (architecture){.mlp = net}, ENOT_OPTIMIZER_ADAMW, &made));
    mlp_initialise(at->context, &made.net.mlp, SEED, number, 0, made.parameters);
    return made;
}

static void training_create(const fixture *at, const shape *s, enot_form form, training *out) {
    *out = (training){.context = at->context, .t = {form, {0}, DIM, SCALE}};
    require(at, cost_parse(at->context, "sqeuclidean", DIM, NULL, &out->t.cost));
    if (form == ENOT_FORM_DOT_PRODUCT) out->t.cost.kind = &cost_dot_product;
    out->f = network_of(at, s, form == ENOT_FORM_VECTOR_FIELD ? DIM : 1, 0);
    out->g = network_of(at, s, 1, 1);
}

static void training_destroy(training *t) {
    network_destroy(&t->f);
    network_destroy(&t->g);
}

/* Normals, those of the target stretched and shifted; another batch each step. */
static void draw(void *user, int64_t first, int64_t count, real *x, real *y) {
    const training *t = user;
    for (int64_t i = 0; i < count; i++) {
        random_row row = random_row_start(3, RANDOM_STREAM_MEASURE, (uint64_t)(t->done * BATCH + first + i));
        for (int64_t j = 0; j < DIM; j++) {
            x[i * DIM + j] = (real)random_normal(&row);
            y[i * DIM + j] = (real)(.5 + 1.5 * random_normal(&row));
        }
    }
}

/* As the trainer does: the networks swap their parts every other step, but for form vector_field. */
static void run(const fixture *at, training *t, int steps) {
    const optimizer o = {ENOT_OPTIMIZER_ADAMW, 1e-3, .5, .9, 1e-2, 1e-3, ENOT_SCHEDULE_CONSTANT, 0, 0, steps, .9, 0};
    step *made;
    require(at, step_create(t->context, &t->t, &t->f.net.mlp, &t->g.net.mlp, BATCH, .98, 1, 0, ENOT_PRECISION_F32,
                            0, &made));
    for (; t->done < steps; t->done++) {
        int swapped = t->t.form != ENOT_FORM_VECTOR_FIELD && t->done % 2 == 1;
        network *mapper = swapped ? &t->g : &t->f, *critic = swapped ? &t->f : &t->g;
        step_losses losses;
        step_gradients(made, &(step_batch){draw, NULL, t}, &(step_network){&mapper->net.mlp, mapper->parameters, mapper->gradient},
                       &(step_network){&critic->net.mlp, critic->parameters, critic->gradient}, &losses);
        optimizer_update(t->context, &o, ops_select(), mapper);
        optimizer_update(t->context, &o, ops_select(), critic);
        t->loss += losses.amortisation + losses.potential + losses.dual;
    }
    step_destroy(made);
}

static void assert_same_bits(const training *one, const training *other, const char *name, int threads) {
    const network *a[] = {&one->f, &one->g}, *b[] = {&other->f, &other->g};
    for (int k = 0; k < 2; k++) {
        size_t size = (size_t)(NETWORK_STATE_VECTORS * a[k]->weight_count) * sizeof(real);
        if (memcmp(a[k]->parameters, b[k]->parameters, size) != 0)
            fail_msg("%s, form %d, network %d: %d threads give other bits than one", name, one->t.form, k, threads);
    }
    assert_memory_equal(&one->loss, &other->loss, sizeof one->loss);
}

/* |a - b| / |b - start| over the weights of network number k. */
static double strayed(enot_context *context, const network *a, const network *b, uint32_t number) {
    double distance = 0, way = 0;
    real *start = malloc((size_t)a->weight_count * sizeof *start);
    assert_non_null(start);
    mlp_initialise(context, &a->net.mlp, SEED, number, 0, start);
    for (int64_t i = 0; i < a->weight_count; i++) {
        distance += pow((double)a->parameters[i] - (double)b->parameters[i], 2);
        way += pow((double)b->parameters[i] - (double)start[i], 2);
    }
    free(start);
    return sqrt(distance / way);
}

static void assert_agree(const training *one, const training *other, const char *name) {
    double f = strayed(one->context, &one->f, &other->f, 0), g = strayed(one->context, &one->g, &other->g, 1);
    if (!(f <= TOLERANCE && g <= TOLERANCE))
        fail_msg("%s, form %d: weights stray by %g and %g of the way they have come", name, one->t.form, f, g);
    if (!(fabs(one->loss - other->loss) <= TOLERANCE * (1 + fabs(other->loss))))
        fail_msg("%s, form %d: losses of %.9g, not %.9g", name, one->t.form, one->loss, other->loss);
}

static void train(const fixture *at, const shape *s, enot_form form, int threads, training *out) {
    require(at, enot_context_set_threads(at->context, threads));
    training_create(at, s, form, out);
    run(at, out, s->steps);
}

static void assert_training(const fixture *at, const shape *s) {
    const char *names[ISA_MOST];
    int count = isa_here(names);
    for (int k = 0; k < 3; k++) {
        training plain, first, again;
        for (int i = 0; i < count; i++) {
            setenv("ENOT_ISA", names[i], 1);
            train(at, s, FORMS[k], 1, &first);
            for (int n = 1; n < THREAD_COUNTS; n++) {
                train(at, s, FORMS[k], THREADS[n], &again);
                assert_same_bits(&first, &again, names[i], THREADS[n]);
                training_destroy(&again);
            }
            if (i == 0) {
                plain = first;
                continue;
            }
            assert_agree(&first, &plain, names[i]);
            training_destroy(&first);
        }
        training_destroy(&plain);
    }
    unsetenv("ENOT_ISA");
}

static void narrow_networks_train_alike_everywhere(void **state) { assert_training(*state, &NARROW); }

static void wide_networks_train_alike_everywhere(void **state) { assert_training(*state, &WIDE); }

/* The two tests above are of the two ways to cut a batch, and both cut it into several parts. */
static void shapes_meet_both_ways_to_cut_a_batch(void **state) {
    const shape *shapes[] = {&NARROW, &WIDE};
    for (int k = 0; k < 2; k++) {
        network n = network_of(*state, shapes[k], 1, 0);
        step_cut cut = step_choose_cut(&n.net.mlp, &n.net.mlp, BATCH);
        assert_int_equal(cut.parts_sum, k == 0);
        assert_true(cut.parts > 2 && cut.parts * cut.part_rows > BATCH);
        network_destroy(&n);
    }
}

enum { FIT_ROWS = 1000, FIT_STEPS = 400, FIT_NUMBERS = FIT_ROWS * GAUSSIAN_DIM };

/* The target is not Gaussian, so that training betters the map that it begins with. */
static enot_map *fit(const fixture *at, enot_form form, int threads, int64_t steps) {
    double *rows = gaussian_rows(1, 2, FIT_ROWS, 1, 0);
    for (int i = 0; i < FIT_ROWS; i++) rows[i * GAUSSIAN_DIM] += 2 * tanh(3 * rows[i * GAUSSIAN_DIM]);
    enot_samples *source = gaussian_samples(at, 0, FIT_ROWS, 1, 0), *target = samples_of(at, rows, FIT_ROWS, GAUSSIAN_DIM);
    enot_fit_options options = quick_options(steps);
    enot_map *map;
    options.form = form;
    options.precision = ENOT_PRECISION_F32; /* by itself it follows the processor */
    options.batch = 128;
    options.learning_rate = 1e-2;
    options.smoothing = .1;
    options.validation = .5;
    require(at, enot_context_set_threads(at->context, threads));
    require(at, enot_fit(at->context, source, target, &options, &map, NULL));
    free(rows);
    enot_samples_destroy(source);
    enot_samples_destroy(target);
    return map;
}

/* map's images of the points; destroys it. */
static void apply(const fixture *at, enot_map *map, const double *points, double *moved) {
    require(at, enot_map_apply(at->context, map, ENOT_FORWARD, points, FIT_ROWS, moved));
    enot_map_destroy(map);
}

/* Here the weights are not compared but what they are for, and Adam has its usual epsilon. */
static void fits_give_the_same_map_everywhere(void **state) {
    const fixture *at = *state;
    const char *names[ISA_MOST];
    int count = isa_here(names);
    double *points = gaussian_rows(0, 33, FIT_ROWS, 1, 0), start[FIT_NUMBERS], moved[FIT_NUMBERS], plain[FIT_NUMBERS];
    for (int k = 0; k < 3; k++) {
        apply(at, fit(at, FORMS[k], 1, 0), points, start);
        for (int i = 0; i < count; i++) {
            setenv("ENOT_ISA", names[i], 1);
            enot_map *one = fit(at, FORMS[k], 1, FIT_STEPS), *two = fit(at, FORMS[k], 2, FIT_STEPS);
            assert_same_map(at, one, two);
            enot_map_destroy(two);
            apply(at, one, points, i ? moved : plain);
            assert_true(relative_distance(plain, start, FIT_ROWS, GAUSSIAN_DIM) > .02);
            double far = i ? relative_distance(moved, plain, FIT_ROWS, GAUSSIAN_DIM) : 0;
            if (!(far <= TOLERANCE)) fail_msg("%s, form %d: the map strays by %g of the spread", names[i], FORMS[k], far);
        }
        unsetenv("ENOT_ISA");
    }
    free(points);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, fixture_create, fixture_destroy)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(narrow_networks_train_alike_everywhere),
        TEST(wide_networks_train_alike_everywhere),
        TEST(shapes_meet_both_ways_to_cut_a_batch),
        TEST(fits_give_the_same_map_everywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
