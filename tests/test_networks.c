/*
 * Multi-layer perceptrons: every pass and every gradient, second order included, against difference quotients; with the
 * specification's kernels and with this processor's.
 */
#include "naive.h"

enum { ROWS = 7, INPUT = 3, BLOCKS = 2, BLOCK_MOST = 4, OUTPUT_MOST = 33 };

static enot_context *context;
static const ops *kernels;

static int set_up(const ops *chosen) {
    context = context_new(1);
    kernels = chosen;
    return 0;
}

static int setup_reference(void **state) { return set_up(&ops_reference); }
static int setup_selected(void **state) { return set_up(ops_select()); }

static int teardown(void **state) {
    enot_context_destroy(context);
    return 0;
}

/* Rows pass as two blocks of 3 and 4. */
static const int64_t FIRST[BLOCKS] = {0, 3}, COUNT[BLOCKS] = {3, BLOCK_MOST};

/* A network with its buffers, points x and directions v. */
typedef struct subject {
    mlp net;
    mlp_weights weights;
    mlp_trace trace[BLOCKS];
    mlp_scratch scratch;
    real *parameters, *gradient, *x, *v;
    int64_t output;
    int64_t moved; /* the parameter that a difference quotient moves */
} subject;

static void subject_create(activation kind, const int64_t *hidden, int64_t hidden_count, int64_t output, subject *s) {
    *s = (subject){.output = output};
    require(context, mlp_create(context, kind, INPUT, hidden, hidden_count, output, &s->net));
    for (int k = 0; k < BLOCKS; k++) require(context, mlp_trace_create(context, &s->net, BLOCK_MOST, 1, &s->trace[k]));
    require(context, mlp_scratch_create(context, &s->net, BLOCK_MOST, 1, &s->scratch));
    require(context, mlp_weights_create(context, &s->net, NULL, &s->weights));
    int64_t widest = INPUT;
    for (int64_t l = 0; l < hidden_count; l++) widest = hidden[l] > widest ? hidden[l] : widest;
    s->parameters = random_reals(10, s->net.parameter_count, 1.5 / sqrt((double)widest));
    s->gradient = random_reals(11, s->net.parameter_count, 1); /* to be overwritten */
    s->x = random_reals(12, ROWS * INPUT, 1);
    s->v = random_reals(13, ROWS * (output > INPUT ? output : INPUT), 1);
    mlp_weights_load(context, kernels, &s->weights, s->parameters);
    for (int k = 0; k < BLOCKS; k++)
        panels_from_rows(s->x + FIRST[k] * INPUT, COUNT[k], INPUT, NULL, s->trace[k].input[0]);
}

static void subject_destroy(subject *s) {
    for (int k = 0; k < BLOCKS; k++) mlp_trace_destroy(&s->trace[k]);
    mlp_scratch_destroy(&s->scratch);
    mlp_weights_destroy(&s->weights);
    mlp_destroy(&s->net);
    free(s->parameters);
    free(s->gradient);
    free(s->x);
    free(s->v);
}

static mlp_block block_of(subject *s, int index) {
    return (mlp_block){kernels, &s->weights, &s->trace[index], &s->scratch, COUNT[index], NULL};
}

/* What backward passes start from: the directions, or 1. */
static void seed(subject *s, int index, int with_directions) {
    real ones[BLOCK_MOST * OUTPUT_MOST];
    for (int64_t i = 0; i < COUNT[index] * s->output; i++) ones[i] = 1;
    panels_from_rows(with_directions ? s->v + FIRST[index] * s->output : ones, COUNT[index], s->output, NULL,
                     s->trace[index].delta[s->net.layers]);
}

/* sum of m [of a block, width] times the directions */
static double along_directions(const subject *s, int index, panels m, int64_t width) {
    real rows[BLOCK_MOST * OUTPUT_MOST];
    panels_to_rows(m, COUNT[index], width, rows);
    return naive_dot(COUNT[index] * width, rows, s->v + FIRST[index] * width);
}

/* All passes of the second-order gradient; sum <grad_x net, v>. */
static double run_second_order(subject *s) {
    double sum = 0;
    for (int k = 0; k < BLOCKS; k++) {
        mlp_block b = block_of(s, k);
        panels_from_rows(s->v + FIRST[k] * INPUT, COUNT[k], INPUT, NULL, s->trace[k].tangent[0]);
        mlp_forward(&b);
        seed(s, k, 0);
        mlp_backward(&b, 1);
        sum += along_directions(s, k, s->scratch.input_gradient, INPUT);
        mlp_tangent(&b);
        mlp_adjoint(&b);
    }
    return sum;
}

/* Forward and backward with the directions as seed; sum <net, v>. */
static double run_first_order(subject *s) {
    double sum = 0;
    for (int k = 0; k < BLOCKS; k++) {
        mlp_block b = block_of(s, k);
        mlp_forward(&b);
        seed(s, k, 1);
        mlp_backward(&b, 0);
        sum += along_directions(s, k, s->trace[k].output, s->output);
    }
    return sum;
}

static void move(subject *s, double value) {
    s->parameters[s->moved] = value;
    mlp_weights_load(context, kernels, &s->weights, s->parameters);
}

static double second_order_at(void *user, double value) {
    subject *s = user;
    move(s, value);
    return run_second_order(s);
}

static double first_order_at(void *user, double value) {
    subject *s = user;
    move(s, value);
    return run_first_order(s);
}

/* Pairs of matrices of a block's trace; returns how many. */
typedef int pairs_function(const mlp_trace *t, mlp_pair pairs[2]);

static int first_order_pairs(const mlp_trace *t, mlp_pair pairs[2]) {
    pairs[0] = (mlp_pair){t->delta, t->input, 1};
    return 1;
}

static int second_order_pairs(const mlp_trace *t, mlp_pair pairs[2]) {
    pairs[0] = (mlp_pair){t->delta, t->tangent, 0};
    pairs[1] = (mlp_pair){t->adjoint, t->input, 1};
    return 2;
}

static int twice_first_order_pairs(const mlp_trace *t, mlp_pair pairs[2]) {
    pairs[0] = pairs[1] = (mlp_pair){t->delta, t->input, 1};
    return 2;
}

static void sum_gradient(subject *s, pairs_function *pairs_of) {
    mlp_pair pairs[2];
    for (int64_t tile = 0; tile < mlp_tile_count(&s->net); tile++)
        for (int k = 0; k < BLOCKS; k++) {
            int count = pairs_of(&s->trace[k], pairs);
            mlp_gradient_tile(kernels, NULL, &s->net, COUNT[k], pairs, count, k > 0, tile, s->gradient);
        }
}

static void assert_gradient(subject *s, number_function function, double step) {
    char what[64];
    for (s->moved = 0; s->moved < s->net.parameter_count; s->moved++) {
        double at = s->parameters[s->moved], want = derivative_at(function, s, at, step);
        move(s, at);
        snprintf(what, sizeof what, "%s, %d layers, parameter %d", activation_name(s->net.kind), (int)s->net.layers, (int)s->moved);
        assert_close(s->gradient[s->moved], want, 1e-9, what);
    }
}

static const int64_t HIDDEN[4] = {5, 7, 3, 9};

static void forward_and_input_gradient_match_the_plain_network(void **state) {
    for (int kind = 0; kind < ACTIVATION_COUNT; kind++)
        for (int depth = 1; depth <= 4; depth++)
            for (int64_t output = 1; output <= 5; output += 4) {
                subject s;
                subject_create((activation)kind, HIDDEN, depth, output, &s);
                for (int k = 0; k < BLOCKS; k++) {
                    mlp_block b = block_of(&s, k);
                    mlp_forward(&b);
                    seed(&s, k, 1);
                    mlp_backward(&b, 1);
                    real got[BLOCK_MOST * 5], slope[BLOCK_MOST * INPUT];
                    panels_to_rows(s.trace[k].output, b.count, output, got);
                    panels_to_rows(s.scratch.input_gradient, b.count, INPUT, slope);
                    for (int64_t i = 0; i < b.count; i++) {
                        double out[5], gradient[INPUT];
                        int64_t row = FIRST[k] + i;
                        naive_mlp(&s.net, s.parameters, s.x + row * INPUT, s.v + row * output, out, gradient);
                        assert_all_close(output, got + i * output, out, 1e-12, "output");
                        assert_all_close(INPUT, slope + i * INPUT, gradient, 1e-12, "input gradient");
                    }
                }
                subject_destroy(&s);
            }
}

typedef struct input_probe {
    const mlp *net;
    const double *parameters;
    double x[INPUT];
    int coordinate;
} input_probe;

static double output_at(void *user, double value) {
    input_probe p = *(input_probe *)user;
    double output;
    p.x[p.coordinate] = value;
    naive_mlp(p.net, p.parameters, p.x, NULL, &output, NULL);
    return output;
}

/* The plain network that the other tests lean on is itself right. */
static void plain_input_gradient_is_that_of_the_output(void **state) {
    for (int kind = 0; kind < ACTIVATION_COUNT; kind++) {
        subject s;
        subject_create((activation)kind, HIDDEN, 2, 1, &s);
        double output, gradient[INPUT], one = 1;
        naive_mlp(&s.net, s.parameters, s.x, &one, &output, gradient);
        for (int j = 0; j < INPUT; j++) {
            input_probe p = {&s.net, s.parameters, {s.x[0], s.x[1], s.x[2]}, j};
            assert_close(gradient[j], derivative_at(output_at, &p, s.x[j], 1e-4), 1e-9, activation_name(s.net.kind));
        }
        subject_destroy(&s);
    }
}

/* step: of the difference quotients; small where a kink is near, larger where many terms lose digits. */
static void assert_second_order(activation kind, const int64_t *hidden, int64_t depth, double step) {
    subject s;
    subject_create(kind, hidden, depth, 1, &s);
    run_second_order(&s);
    sum_gradient(&s, second_order_pairs);
    assert_gradient(&s, second_order_at, step);
    subject_destroy(&s);
}

static void second_order_gradient_is_that_of_the_input_gradient(void **state) {
    for (int kind = 0; kind < ACTIVATION_COUNT; kind++)
        for (int64_t depth = 1; depth <= 4 && activation_has_curvature((activation)kind); depth++)
            assert_second_order((activation)kind, HIDDEN, depth, 1e-4);
}

static void assert_first_order(activation kind, const int64_t *hidden, int64_t depth, int64_t output,
                               double step) {
    subject s;
    subject_create(kind, hidden, depth, output, &s);
    run_first_order(&s);
    sum_gradient(&s, first_order_pairs);
    assert_gradient(&s, first_order_at, step);
    subject_destroy(&s);
}

static void first_order_gradient_is_that_of_the_output(void **state) {
    for (int kind = 0; kind < ACTIVATION_COUNT; kind++)
        for (int64_t depth = 1; depth <= 4; depth++)
            for (int64_t output = 1; output <= 4; output += 3)
                assert_first_order((activation)kind, HIDDEN, depth, output, 1e-4);
}

/* Layers wider than one tile of output units, and of exactly one; panels full and nearly empty. */
static void gradient_covers_every_tile_of_wide_layers(void **state) {
    const int64_t wide[] = {67, 1, 64}, tiles[] = {129, 2, 128};
    assert_second_order(ACTIVATION_TANH, wide, 3, 1e-3);
    assert_second_order(ACTIVATION_SILU, tiles, 3, 1e-3);
    assert_first_order(ACTIVATION_SOFTPLUS, wide, 3, 33, 1e-3);
}

static void two_pairs_add_up(void **state) {
    subject s;
    subject_create(ACTIVATION_GELU, HIDDEN, 2, 1, &s);
    run_first_order(&s);
    sum_gradient(&s, first_order_pairs);
    real *once = malloc((size_t)s.net.parameter_count * sizeof *once);
    memcpy(once, s.gradient, (size_t)s.net.parameter_count * sizeof *once);
    sum_gradient(&s, twice_first_order_pairs);
    for (int64_t i = 0; i < s.net.parameter_count; i++) assert_close(s.gradient[i], 2 * once[i], 1e-13, "twice the pair");
    free(once);
    subject_destroy(&s);
}

static void scaled_deltas_are_those_of_a_scaled_seed(void **state) {
    subject s;
    subject_create(ACTIVATION_SILU, HIDDEN, 3, 1, &s);
    run_first_order(&s);
    for (int k = 0; k < BLOCKS; k++) {
        real got[BLOCK_MOST * 7];
        double want[BLOCK_MOST * 7];
        mlp_block b = block_of(&s, k);
        panels_to_rows(s.trace[k].delta[2], b.count, 7, want);
        mlp_forward(&b);
        seed(&s, k, 0);
        mlp_backward(&b, 0);
        mlp_scale_delta(&b, s.v + FIRST[k]);
        panels_to_rows(s.trace[k].delta[2], b.count, 7, got);
        assert_all_close(b.count * 7, got, want, 1e-13, "delta");
    }
    subject_destroy(&s);
}

static void initial_weights_are_lecun_normal(void **state) {
    const int64_t hidden[] = {300, 200};
    mlp net;
    require(context, mlp_create(context, ACTIVATION_ELU, 50, hidden, 2, 1, &net));
    real *p = random_reals(1, net.parameter_count, 1), *again = random_reals(2, net.parameter_count, 1);
    mlp_initialise(context, &net, 5, 0, 1, p);
    for (int64_t l = 1; l <= 2; l++) {
        double square = 0, mean = 0, largest = 0, fan_in = (double)net.width[l - 1];
        int64_t count = net.bias_at[l] - net.weight_at[l];
        for (int64_t i = net.weight_at[l]; i < net.bias_at[l]; i++) {
            mean += p[i] / (double)count;
            square += p[i] * p[i] / (double)count;
            largest = fmax(largest, fabs(p[i]));
        }
        assert_true(fabs(mean) < 5 / sqrt(fan_in * (double)count));
        assert_true(fabs(square * fan_in - 1) < 5 / sqrt((double)count));
        assert_true(largest * sqrt(fan_in) <= 2 / .8796256610342398 + 1e-6);
        for (int64_t i = 0; i < net.width[l]; i++) assert_true(p[net.bias_at[l] + i] == 0);
    }
    for (int64_t i = net.weight_at[3]; i < net.parameter_count; i++) assert_true(p[i] == 0);
    mlp_initialise(context, &net, 5, 1, 1, again);
    assert_true(again[0] != p[0]);
    mlp_initialise(context, &net, 5, 0, 1, again);
    assert_memory_equal(again, p, (size_t)net.parameter_count * sizeof *p);
    free(p);
    free(again);
    mlp_destroy(&net);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_input_gradient_is_that_of_the_output),
        cmocka_unit_test(forward_and_input_gradient_match_the_plain_network),
        cmocka_unit_test(second_order_gradient_is_that_of_the_input_gradient),
        cmocka_unit_test(first_order_gradient_is_that_of_the_output),
        cmocka_unit_test(gradient_covers_every_tile_of_wide_layers),
        cmocka_unit_test(two_pairs_add_up),
        cmocka_unit_test(scaled_deltas_are_those_of_a_scaled_seed),
        cmocka_unit_test(initial_weights_are_lecun_normal),
    };
    return cmocka_run_group_tests_name("reference", tests, setup_reference, teardown) +
           cmocka_run_group_tests_name("selected", tests, setup_selected, teardown);
}
