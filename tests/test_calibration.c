/* Calibrated batches: less noise, no bias, the same bits whatever the threads. */
#include "numeric.h"
#include "train/batches/calibration.h"

enum { DIM = 2, BATCH = 512, BATCHES = 400, SETTLED = 100 };

static const real SCALE[DIM] = {1, .5};

/* Rows of batch number index: the first coordinate exponential, so that nothing is symmetric; about unit variance scaled. */
static void draw(int64_t index, int side, real *points) {
    for (int64_t i = 0; i < BATCH; i++) {
        random_row row = random_row_start(3, (random_stream)side, (uint64_t)(index * BATCH + i));
        points[i * DIM] = (real)-log(1 - random_uniform(&row));
        points[i * DIM + 1] = (real)(2 * random_normal(&row));
    }
}

/* A function that is none of the features; its mean is .5 + 0. */
static double function_of(const real *x) { return exp(-x[0]) + tanh(x[1]) * x[0]; }

/* The sides' points and weights, in one piece each. */
typedef struct batches {
    enot_context *context;
    calibration *c;
    real *points[2], *weights[2];
} batches;

static batches batches_create(int threads) {
    batches b = {.context = context_new(threads)};
    require(b.context, calibration_create(b.context, DIM, SCALE, BATCH, &b.c));
    for (int s = 0; s < 2; s++) {
        b.points[s] = malloc(BATCH * DIM * sizeof(real));
        b.weights[s] = malloc(BATCH * sizeof(real));
    }
    return b;
}

static void batches_destroy(batches *b) {
    calibration_destroy(b->c);
    enot_context_destroy(b->context);
    for (int s = 0; s < 2; s++) {
        free(b->points[s]);
        free(b->weights[s]);
    }
}

static void take(batches *b, int64_t index) {
    for (int s = 0; s < 2; s++) draw(index, s, b->points[s]);
    calibration_weigh(b->context, b->c, index, (const real *const[2]){b->points[0], b->points[1]},
                      (real *const[2]){b->weights[0], b->weights[1]});
}

/* Mean and standard deviation over the batches of a batch's mean. */
typedef struct spread {
    double sum, squares;
} spread;

static void add(spread *s, double value) {
    s->sum += value;
    s->squares += value * value;
}

static double mean_of(spread s) { return s.sum / (BATCHES - SETTLED); }
static double deviation_of(spread s) { return sqrt(s.squares / (BATCHES - SETTLED) - mean_of(s) * mean_of(s)); }

static void weighted_means_are_as_exact_as_those_of_more_rows(void **state) {
    batches b = batches_create(2);
    spread plain[2] = {{0}}, weighted[2] = {{0}};
    for (int64_t index = 0; index < BATCHES; index++) {
        take(&b, index);
        for (int s = 0; s < 2 && index >= SETTLED; s++) {
            double sum = 0, weighted_sum = 0;
            for (int64_t i = 0; i < BATCH; i++) {
                double value = function_of(b.points[s] + i * DIM);
                sum += value / BATCH;
                weighted_sum += b.weights[s][i] * value / BATCH;
            }
            add(&plain[s], sum);
            add(&weighted[s], weighted_sum);
        }
    }
    for (int s = 0; s < 2; s++) {
        print_message("deviation %.3g, weighted %.3g\n", deviation_of(plain[s]), deviation_of(weighted[s]));
        assert_true(deviation_of(weighted[s]) < deviation_of(plain[s]) / 1.8);
        double error = deviation_of(plain[s]) / sqrt(BATCHES); /* of the running means: they are those of all rows */
        assert_true(fabs(mean_of(weighted[s]) - 0.5) < 4 * error);
    }
    batches_destroy(&b);
}

static void weights_average_to_one_and_the_first_batch_weighs_alike(void **state) {
    batches b = batches_create(1);
    for (int64_t index = 0; index < 3; index++) {
        take(&b, index);
        for (int s = 0; s < 2; s++) {
            double sum = 0;
            for (int64_t i = 0; i < BATCH; i++) {
                sum += b.weights[s][i];
                if (index == 0) assert_true(b.weights[s][i] == 1);
            }
            assert_close(sum / BATCH, 1, 1e-6, "mean weight");
        }
    }
    batches_destroy(&b);
}

static void weights_do_not_depend_on_the_threads_to_the_bit(void **state) {
    batches one = batches_create(1), other = batches_create(3);
    for (int64_t index = 0; index < 3; index++) {
        take(&one, index);
        take(&other, index);
        for (int s = 0; s < 2; s++) assert_memory_equal(one.weights[s], other.weights[s], BATCH * sizeof(real));
    }
    batches_destroy(&one);
    batches_destroy(&other);
}

/* A feature that does not vary makes the equations singular. */
static void batches_that_tell_nothing_weigh_alike(void **state) {
    batches b = batches_create(1);
    for (int64_t index = 0; index < 2; index++) {
        for (int s = 0; s < 2; s++) memset(b.points[s], 0, BATCH * DIM * sizeof(real));
        calibration_weigh(b.context, b.c, index, (const real *const[2]){b.points[0], b.points[1]},
                          (real *const[2]){b.weights[0], b.weights[1]});
        for (int64_t i = 0; i < BATCH; i++) assert_true(b.weights[0][i] == 1);
    }
    batches_destroy(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weighted_means_are_as_exact_as_those_of_more_rows),
        cmocka_unit_test(weights_average_to_one_and_the_first_batch_weighs_alike),
        cmocka_unit_test(weights_do_not_depend_on_the_threads_to_the_bit),
        cmocka_unit_test(batches_that_tell_nothing_weigh_alike),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
