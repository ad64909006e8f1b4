/* Multi-layer perceptrons: every pass and every gradient, second order included, against difference quotients. */
#include "naive.h"

enum { ROWS = 7, INPUT = 3 };

static enot_context *context;

static int setup(void **state) {
    context = context_new(1);
    return 0;
}

static int teardown(void **state) {
    enot_context_destroy(context);
    return 0;
}

/* A network with its buffers, points x and directions v; all rows pass as two blocks of 3 and 4. */
typedef struct subject {
    mlp net;
    mlp_trace trace;
    mlp_scratch scratch;
    real *parameters, *gradient, *x, *v;
    int64_t output;
    int64_t moved; /* the parameter that a difference quotient moves */
} subject;

static void subject_create(activation kind, const int64_t *hidden, int64_t hidden_count, int64_t output, subject *s) {
    *s = (subject){.output = output};
    require(context, mlp_create(context, kind, INPUT, hidden, hidden_count, output, &s->net));
    require(context, mlp_trace_create(context, &s->net, ROWS, 1, &s->trace));
    require(context, mlp_scratch_create(context, &s->net, 4, &s->scratch));
    int64_t widest = INPUT;
    for (int64_t l = 0; l < hidden_count; l++) widest = hidden[l] > widest ? hidden[l] : widest;
    s->parameters = random_reals(10, s->net.parameter_count, 1.5 / sqrt((double)widest));
    s->gradient = random_reals(11, s->net.parameter_count, 1); /* to be overwritten */
    s->x = random_reals(12, ROWS * INPUT, 1);
    s->v = random_reals(13, ROWS * (output > INPUT ? output : INPUT), 1);
    memcpy(s->trace.input[0], s->x, ROWS * INPUT * sizeof *s->x);
}

static void subject_destroy(subject *s) {
    mlp_trace_destroy(&s->net, &s->trace);
    mlp_scratch_destroy(&s->net, &s->scratch);
    mlp_destroy(&s->net);
    free(s->parameters);
    free(s->gradient);
    free(s->x);
    free(s->v);
}

static mlp_block block_of(subject *s, int index) {
    return (mlp_block){ops_reference(), &s->net, s->parameters, &s->trace, &s->scratch, index ? 3 : 0, index ? 4 : 3};
}

static void seed(subject *s, const mlp_block *b, int with_directions) {
    for (int64_t i = b->first * s->output; i < (b->first + b->count) * s->output; i++)
        s->trace.delta[s->net.layers][i] = with_directions ? s->v[i] : 1;
}

/* All passes of the second-order gradient; sum <grad_x net, v>. */
static double run_second_order(subject *s) {
    double sum = 0;
    memcpy(s->trace.tangent[0], s->v, ROWS * INPUT * sizeof *s->v);
    for (int k = 0; k < 2; k++) {
        mlp_block b = block_of(s, k);
        mlp_forward(&b);
        seed(s, &b, 0);
        mlp_backward(&b, 1);
        sum += naive_dot(b.count * INPUT, s->scratch.back[0], s->v + b.first * INPUT);
        mlp_tangent(&b);
        mlp_adjoint(&b);
    }
    return sum;
}

/* Forward and backward with the directions as seed; sum <net, v>. */
static double run_first_order(subject *s) {
    for (int k = 0; k < 2; k++) {
        mlp_block b = block_of(s, k);
        mlp_forward(&b);
        seed(s, &b, 1);
        mlp_backward(&b, 0);
    }
    return naive_dot(ROWS * s->output, s->trace.output, s->v);
}

static double second_order_at(void *user, double value) {
    subject *s = user;
    s->parameters[s->moved] = value;
    return run_second_order(s);
}

static double first_order_at(void *user, double value) {
    subject *s = user;
    s->parameters[s->moved] = value;
    return run_first_order(s);
}

static void sum_gradient(subject *s, const mlp_pair *pairs, int count) {
    for (int64_t tile = 0; tile < mlp_gradient_tiles(&s->net); tile++)
        mlp_gradient_tile(ops_reference(), &s->net, ROWS, pairs, count, tile, s->gradient);
}

static void assert_gradient(subject *s, number_function function, double step) {
    char what[64];
    for (s->moved = 0; s->moved < s->net.parameter_count; s->moved++) {
        double at = s->parameters[s->moved], want = derivative_at(function, s, at, step);
        s->parameters[s->moved] = at;
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
                for (int k = 0; k < 2; k++) {
                    mlp_block b = block_of(&s, k);
                    mlp_forward(&b);
                    seed(&s, &b, 1);
                    mlp_backward(&b, 1);
                    for (int64_t i = 0; i < b.count; i++) {
                        double out[5], gradient[INPUT];
                        int64_t row = b.first + i;
                        naive_mlp(&s.net, s.parameters, s.x + row * INPUT, s.v + row * output, out, gradient);
                        assert_all_close(output, s.trace.output + row * output, out, 1e-12, "output");
                        assert_all_close(INPUT, s.scratch.back[0] + i * INPUT, gradient, 1e-12, "input gradient");
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
    const mlp_pair pairs[2] = {{s.trace.delta, s.trace.tangent, 0}, {s.trace.adjoint, s.trace.input, 1}};
    sum_gradient(&s, pairs, 2);
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
    const mlp_pair pair = {s.trace.delta, s.trace.input, 1};
    sum_gradient(&s, &pair, 1);
    assert_gradient(&s, first_order_at, step);
    subject_destroy(&s);
}

static void first_order_gradient_is_that_of_the_output(void **state) {
    for (int kind = 0; kind < ACTIVATION_COUNT; kind++)
        for (int64_t depth = 1; depth <= 4; depth++)
            for (int64_t output = 1; output <= 4; output += 3)
                assert_first_order((activation)kind, HIDDEN, depth, output, 1e-4);
}

/* Layers wider than one tile of output units, and of exactly one. */
static void gradient_covers_every_tile_of_wide_layers(void **state) {
    const int64_t wide[] = {67, 1, 64};
    assert_second_order(ACTIVATION_TANH, wide, 3, 1e-3);
    assert_first_order(ACTIVATION_SOFTPLUS, wide, 3, 65, 1e-3);
}

static void two_pairs_add_up(void **state) {
    subject s;
    subject_create(ACTIVATION_GELU, HIDDEN, 2, 1, &s);
    run_first_order(&s);
    const mlp_pair pairs[2] = {{s.trace.delta, s.trace.input, 1}, {s.trace.delta, s.trace.input, 1}};
    sum_gradient(&s, pairs, 1);
    real *once = malloc((size_t)s.net.parameter_count * sizeof *once);
    memcpy(once, s.gradient, (size_t)s.net.parameter_count * sizeof *once);
    sum_gradient(&s, pairs, 2);
    for (int64_t i = 0; i < s.net.parameter_count; i++) assert_close(s.gradient[i], 2 * once[i], 1e-13, "twice the pair");
    free(once);
    subject_destroy(&s);
}

static void scaled_deltas_are_those_of_a_scaled_seed(void **state) {
    subject s;
    subject_create(ACTIVATION_SILU, HIDDEN, 3, 1, &s);
    run_first_order(&s);
    real *want = malloc((size_t)(ROWS * 7) * sizeof *want);
    memcpy(want, s.trace.delta[2], (size_t)(ROWS * 7) * sizeof *want);
    for (int k = 0; k < 2; k++) {
        mlp_block b = block_of(&s, k);
        mlp_forward(&b);
        seed(&s, &b, 0);
        mlp_backward(&b, 0);
        mlp_scale_delta(&b, s.v + b.first);
    }
    for (int64_t i = 0; i < ROWS * 7; i++) assert_close(s.trace.delta[2][i], want[i], 1e-13, "delta");
    free(want);
    subject_destroy(&s);
}

static void initial_weights_are_lecun_normal(void **state) {
    const int64_t hidden[] = {300, 200};
    mlp net;
    require(context, mlp_create(context, ACTIVATION_ELU, 50, hidden, 2, 1, &net));
    real *p = random_reals(1, net.parameter_count, 1), *again = random_reals(2, net.parameter_count, 1);
    mlp_initialise(&net, 5, 0, 1, p);
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
    mlp_initialise(&net, 5, 1, 1, again);
    assert_true(again[0] != p[0]);
    mlp_initialise(&net, 5, 0, 1, again);
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
    return cmocka_run_group_tests(tests, setup, teardown);
}
