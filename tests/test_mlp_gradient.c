/*
 * The gradient of the weights, summed over a batch from the matrices of a trace, against plain sums. Built twice: with the
 * arithmetic that is shipped, and in double (test_mlp_gradient_f64).
 */
#include "isa.h"
#include "net/mlp.h"
#include "one_context.h"

enum { ROWS = 600, HALF = 300 };

static const double TOLERANCE = sizeof(real) == 8 ? 1e-12 : 1e-4; /* of sums of 1200 products */

/* A network with more than one tile a layer, traces of a batch and of its halves, all filled at random. */
typedef struct subject {
    mlp net;
    mlp_trace whole, half[2];
    real *before, *gradient;
} subject;

/* What fills up the last panel is not a number, so as to show if it is used; m is [ROWS, width], halves its rows' parts. */
static void fill(uint64_t seed, int64_t width, panels m, panels first, panels second) {
    real *drawn = random_reals(seed, ROWS * width, 1);
    for (int64_t i = 0; i < ROWS; i++)
        for (int64_t j = 0; j < panels_count(width) * PANEL; j++) {
            real value = j < width ? drawn[i * width + j] : NAN;
            panels half = i < HALF ? first : second;
            panels_at(m, j / PANEL)[i * PANEL + j % PANEL] = value;
            panels_at(half, j / PANEL)[i % HALF * PANEL + j % PANEL] = value;
        }
    free(drawn);
}

static void subject_create(subject *s) {
    const int64_t hidden[] = {67, 140};
    require(context, mlp_create(context, ACTIVATION_ELU, 3, hidden, 2, 2, &s->net));
    require(context, mlp_trace_create(context, &s->net, ROWS, 1, &s->whole));
    for (int k = 0; k < 2; k++) require(context, mlp_trace_create(context, &s->net, HALF, 1, &s->half[k]));
    const mlp_trace *all = &s->whole, *one = &s->half[0], *two = &s->half[1];
    int64_t layers = s->net.layers, *width = s->net.width;
    for (int64_t l = 0; l < layers; l++) {
        fill(10 + (uint64_t)l, width[l], all->input[l], one->input[l], two->input[l]);
        fill(20 + (uint64_t)l, width[l], all->tangent[l], one->tangent[l], two->tangent[l]);
        if (l > 0) fill(30 + (uint64_t)l, width[l], all->adjoint[l], one->adjoint[l], two->adjoint[l]);
        fill(40 + (uint64_t)l, width[l + 1], all->delta[l + 1], one->delta[l + 1], two->delta[l + 1]);
    }
    s->before = random_reals(50, s->net.parameter_count, 100);
    s->gradient = random_reals(51, s->net.parameter_count, 1);
}

static void subject_destroy(subject *s) {
    mlp_trace_destroy(&s->whole);
    for (int k = 0; k < 2; k++) mlp_trace_destroy(&s->half[k]);
    mlp_destroy(&s->net);
    free(s->before);
    free(s->gradient);
}

/* The adjoint of the last layer, which is linear, is NULL. */
static int pairs_of(const mlp_trace *t, mlp_pair pairs[2]) {
    pairs[0] = (mlp_pair){t->delta, t->tangent, 0};
    pairs[1] = (mlp_pair){t->adjoint, t->input, 1};
    return 2;
}

static double at(panels m, int64_t row, int64_t column) { return panels_at(m, column / PANEL)[row * PANEL + column % PANEL]; }

/* want[parameter_count] += the sums over rows first .. end - 1. */
static void define_gradient(const mlp *net, const mlp_pair *pairs, int count, int64_t first, int64_t end, double *want) {
    for (int64_t l = 1; l <= net->layers; l++)
        for (int k = 0; k < count; k++) {
            panels left = pairs[k].left[l], right = pairs[k].right[l - 1];
            int64_t in = net->width[l - 1];
            for (int64_t row = first; left.at && row < end; row++)
                for (int64_t i = 0; i < net->width[l]; i++) {
                    double factor = at(left, row, i);
                    for (int64_t j = 0; j < in; j++) want[net->weight_at[l] + i * in + j] += factor * at(right, row, j);
                    if (pairs[k].with_bias) want[net->bias_at[l] + i] += factor;
                }
        }
}

static void sum_tiles(const isa_table *t, subject *s, int64_t rows, const mlp_pair *pairs, int count, int accumulate) {
    for (int64_t tile = 0; tile < mlp_tile_count(&s->net); tile++)
        mlp_gradient_tile(t->ops, NULL, &s->net, rows, pairs, count, accumulate, tile, s->gradient);
}

static double *numbers(const subject *s, const real *from) {
    double *made = calloc((size_t)s->net.parameter_count, sizeof *made);
    assert_non_null(made);
    for (int64_t i = 0; from && i < s->net.parameter_count; i++) made[i] = from[i];
    return made;
}

static void gradient_is_the_sum_over_the_rows_however_many(void **state) {
    const int64_t rows[] = {1, 255, 256, 257, ROWS};
    subject s;
    mlp_pair pairs[2];
    subject_create(&s);
    int count = pairs_of(&s.whole, pairs);
    double *want = numbers(&s, NULL);
    for (int n = 0; n < 5; n++) {
        define_gradient(&s.net, pairs, count, n ? rows[n - 1] : 0, rows[n], want);
        FOR_EACH_TABLE(t) {
            sum_tiles(t, &s, rows[n], pairs, count, 0);
            assert_all_close(s.net.parameter_count, s.gradient, want, TOLERANCE, t->name);
        }
    }
    free(want);
    subject_destroy(&s);
}

static void accumulated_gradient_is_added_to_what_is_there(void **state) {
    subject s;
    mlp_pair pairs[2];
    subject_create(&s);
    int count = pairs_of(&s.whole, pairs);
    double *want = numbers(&s, s.before);
    define_gradient(&s.net, pairs, count, 0, ROWS, want);
    FOR_EACH_TABLE(t) {
        memcpy(s.gradient, s.before, (size_t)s.net.parameter_count * sizeof *s.before);
        sum_tiles(t, &s, ROWS, pairs, count, 1);
        assert_all_close(s.net.parameter_count, s.gradient, want, TOLERANCE, t->name);
    }
    free(want);
    subject_destroy(&s);
}

/* As a training step adds them up. */
static void blocks_of_a_batch_add_up_to_its_gradient(void **state) {
    subject s;
    mlp_pair pairs[2], halves[2];
    subject_create(&s);
    int count = pairs_of(&s.whole, pairs);
    double *want = numbers(&s, NULL);
    define_gradient(&s.net, pairs, count, 0, ROWS, want);
    FOR_EACH_TABLE(t) {
        for (int k = 0; k < 2; k++) {
            pairs_of(&s.half[k], halves);
            sum_tiles(t, &s, HALF, halves, count, k);
        }
        assert_all_close(s.net.parameter_count, s.gradient, want, TOLERANCE, t->name);
    }
    free(want);
    subject_destroy(&s);
}

/* Deltas at T(x) and at y: both have a bias, and where nearly all of it cancels the rest is exact. */
static void biases_of_two_pairs_are_summed_row_by_row(void **state) {
    subject s;
    subject_create(&s);
    for (int64_t l = 1; l <= s.net.layers; l++)
        for (int64_t p = 0; p < panels_count(s.net.width[l]); p++)
            for (int64_t i = 0; i < HALF * PANEL; i++)
                panels_at(s.half[1].delta[l], p)[i] = -panels_at(s.half[0].delta[l], p)[i];
    const mlp_pair pairs[2] = {{s.half[0].delta, s.half[0].input, 1}, {s.half[1].delta, s.half[1].input, 1}};
    double *want = numbers(&s, NULL);
    for (int k = 0; k < 2; k++) define_gradient(&s.net, pairs + k, 1, 0, HALF, want);
    FOR_EACH_TABLE(t) {
        sum_tiles(t, &s, HALF, pairs, 2, 0);
        assert_all_close(s.net.parameter_count, s.gradient, want, TOLERANCE, t->name);
        for (int64_t l = 1; l <= s.net.layers; l++)
            for (int64_t i = 0; i < s.net.width[l]; i++) assert_true(s.gradient[s.net.bias_at[l] + i] == 0);
    }
    free(want);
    subject_destroy(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradient_is_the_sum_over_the_rows_however_many),
        cmocka_unit_test(accumulated_gradient_is_added_to_what_is_there),
        cmocka_unit_test(blocks_of_a_batch_add_up_to_its_gradient),
        cmocka_unit_test(biases_of_two_pairs_are_summed_row_by_row),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
