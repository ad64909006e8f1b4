/* Pools by oneDNN against the specification, in parts of a batch, and against numbers worked out by hand. */
#include "conv.h"
#include "one_context.h"

enum { BATCH = 7, PART = 5 }; /* a whole part and what is left */

/* What one pool computes of a batch: each forward pass first, then each backward pass, as in a training step. */
static void halve(const pool_ops *ops, const pool_shape *p, const real *x, const real *dy, int add, real *y, real *dx) {
    int64_t size = image_shape_size(p->image);
    const conv_part parts[] = {{0, PART}, {PART, BATCH - PART}};
    conv_uses uses = {BATCH, {PART, BATCH - PART}, 1, 1};
    void *state;
    require(context, ops->create(context, p, &uses, &state));
    conv_worker worker = conv_worker_alone(ops->scratch_size(state));
    for (int i = 0; i < 2; i++)
        assert_int_equal(ops->forward(state, worker, parts[i], x + parts[i].first * size, y + parts[i].first * size / 4), 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(ops->backward(state, worker, parts[i], x + parts[i].first * size, dy + parts[i].first * size / 4,
                                       add, dx + parts[i].first * size), 0);
    free(worker.scratch);
    ops->destroy(state);
}

#define ROUNDING 1e-6

/* Of few values, so that many a pixel is as large as its neighbours. */
static real *random_levels(uint64_t seed, int64_t count) {
    real *numbers = random_reals(seed, count, 1);
    for (int64_t i = 0; i < count; i++) numbers[i] = (real)round((double)numbers[i]);
    return numbers;
}

static void assert_pool(const pool_shape *p, int add) {
    int64_t large = BATCH * image_shape_size(p->image), small = large / 4;
    real *x = random_levels(1, large), *dy = random_reals(2, small, 1);
    real *want = random_reals(3, small, 1), *got = random_reals(4, small, 1);
    real *want_back = random_reals(5, large, 1), *got_back = random_reals(5, large, 1);
    halve(conv_reference.pool, p, x, dy, add, want, want_back);
    halve(conv_onednn.pool, p, x, dy, add, got, got_back);
    assert_within(small, got, want, ROUNDING, p->largest ? "largest" : "mean");
    assert_within(large, got_back, want_back, ROUNDING, p->largest ? "gradient of the largest" : "gradient of the mean");
    real *all[] = {x, dy, want, got, want_back, got_back};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
}

static void onednn_halves_as_specified(void **state) {
    const pool_shape shapes[] = {
        {{8, 8, 16}, 16, 0}, {{6, 10, 48}, 16, 0}, {{2, 2, 32}, 16, 0}, {{32, 4, 16}, 16, 0},
        {{8, 8, 16}, 0, 0},  {{4, 6, 3}, 0, 0},    {{2, 2, 24}, 0, 0},  {{2, 8, 1}, 0, 0},
    };
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        for (int variant = 0; variant < 4; variant++) {
            pool_shape shape = shapes[i];
            shape.largest = variant & 1;
            assert_pool(&shape, variant >> 1);
        }
}

/* One channel of 2 x 4 pixels, the same in every image. */
static void assert_by_hand(const pool_ops *ops, int largest, const real wanted[2], const real wanted_back[8]) {
    const real image[] = {1, 3, 5, 5, 3, 2, 5, 5}, seed[] = {8, 4};
    real x[8 * BATCH], dy[2 * BATCH], y[2 * BATCH], dx[8 * BATCH];
    for (int i = 0; i < 8 * BATCH; i++) x[i] = image[i % 8];
    for (int i = 0; i < 2 * BATCH; i++) dy[i] = seed[i % 2];
    halve(ops, &(pool_shape){{2, 4, 1}, 0, largest}, x, dy, 0, y, dx);
    for (int row = 0; row < BATCH; row++) {
        assert_within(2, y + 2 * row, wanted, ROUNDING, "pixels");
        assert_within(8, dx + 8 * row, wanted_back, ROUNDING, "gradients");
    }
}

static void of_equal_pixels_the_first_is_the_largest(void **state) {
    const pool_ops *ops[] = {conv_reference.pool, conv_onednn.pool};
    for (int i = 0; i < 2; i++) {
        assert_by_hand(ops[i], 1, (real[]){3, 5}, (real[]){0, 8, 4, 0, 0, 0, 0, 0});
        assert_by_hand(ops[i], 0, (real[]){2.25, 5}, (real[]){2, 2, 1, 1, 2, 2, 1, 1});
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(onednn_halves_as_specified),
        cmocka_unit_test(of_equal_pixels_the_first_is_the_largest),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
