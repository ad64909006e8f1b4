/* Counter-based random numbers. */
#include "measures/normals.h"
#include "numeric.h"

/* Published with Random123 (kat_vectors, philox4x32 with 10 rounds). */
static void is_the_published_philox(void **state) {
    static const struct {
        uint32_t counter[4], key[2], words[4];
    } known[] = {
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
         {0xffffffff, 0xffffffff},
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        random_row row = {0};
        memcpy(row.counter, known[i].counter, sizeof row.counter);
        memcpy(row.key, known[i].key, sizeof row.key);
        for (int w = 0; w < 4; w++) assert_int_equal(random_bits(&row), known[i].words[w]);
    }
}

/* Every bit of seed, stream and row counts: 64-bit seeds and rows do not wrap. */
static void rows_streams_and_seeds_draw_different_numbers(void **state) {
    random_row rows[] = {
        random_row_start(1, RANDOM_STREAM_INIT, 0),
        random_row_start(2, RANDOM_STREAM_INIT, 0),
        random_row_start(1 + (UINT64_C(1) << 32), RANDOM_STREAM_INIT, 0),
        random_row_start(1, RANDOM_STREAM_SPLIT, 0),
        random_row_start(1, RANDOM_STREAM_INIT, 1),
        random_row_start(1, RANDOM_STREAM_INIT, UINT64_C(1) << 32),
    };
    enum { COUNT = sizeof rows / sizeof *rows };
    uint32_t words[COUNT][8];
    for (int i = 0; i < COUNT; i++)
        for (int w = 0; w < 8; w++) words[i][w] = random_bits(&rows[i]);
    for (int i = 0; i < COUNT; i++)
        for (int j = 0; j < i; j++)
            for (int w = 0; w < 64; w++) assert_int_not_equal(words[i][w / 8], words[j][w % 8]);
}

static void a_row_repeats_whatever_was_drawn_elsewhere(void **state) {
    random_row first = random_row_start(7, RANDOM_STREAM_MEASURE, 3), other = random_row_start(7, RANDOM_STREAM_MEASURE, 4);
    double drawn[5];
    for (int i = 0; i < 5; i++) {
        drawn[i] = random_normal(&first);
        random_normal(&other);
    }
    random_row again = random_row_start(7, RANDOM_STREAM_MEASURE, 3);
    for (int i = 0; i < 5; i++) assert_true(random_normal(&again) == drawn[i]);
}

/* Means of x, x^2, x^3, x^4 over rows. */
static void moments(double (*draw)(random_row *), int64_t rows, int draws, double mean[4]) {
    memset(mean, 0, 4 * sizeof *mean);
    for (int64_t i = 0; i < rows; i++) {
        random_row row = random_row_start(11, RANDOM_STREAM_MEASURE, (uint64_t)i);
        for (int d = 0; d < draws; d++) {
            double x = draw(&row), power = 1;
            for (int m = 0; m < 4; m++) mean[m] += (power *= x) / (double)(rows * draws);
        }
    }
}

static void uniform_has_the_moments_of_the_unit_interval(void **state) {
    double mean[4];
    moments(random_uniform, 20000, 10, mean);
    for (int m = 0; m < 4; m++) assert_true(fabs(mean[m] - 1.0 / (m + 2)) < 4 * .3 / sqrt(200000));
    random_row row = random_row_start(0, RANDOM_STREAM_MEASURE, 0);
    for (int i = 0; i < 100000; i++) {
        double u = random_uniform(&row);
        assert_true(u >= 0 && u < 1);
    }
}

static void normal_has_the_moments_of_the_gaussian(void **state) {
    const double want[4] = {0, 1, 0, 3}, deviation[4] = {1, sqrt(2), sqrt(15), sqrt(96)};
    double mean[4];
    moments(random_normal, 20000, 10, mean);
    for (int m = 0; m < 4; m++) assert_true(fabs(mean[m] - want[m]) < 4 * deviation[m] / sqrt(200000));
}

static void below_reaches_every_number_equally_and_none_beyond(void **state) {
    enum { SIDES = 7, THROWS = 70000 };
    int64_t seen[SIDES] = {0};
    for (int i = 0; i < THROWS; i++) {
        random_row row = random_row_start(5, RANDOM_STREAM_MEASURE, (uint64_t)i);
        int64_t side = random_below(&row, SIDES);
        assert_in_range(side, 0, SIDES - 1);
        seen[side]++;
        assert_int_equal(random_below(&row, 1), 0);
    }
    for (int i = 0; i < SIDES; i++) assert_true(fabs((double)seen[i] - THROWS / SIDES) < 5 * sqrt(THROWS / SIDES));
    random_row row = random_row_start(5, RANDOM_STREAM_MEASURE, 0);
    for (int i = 0; i < 1000; i++) assert_true(random_below(&row, INT64_C(1) << 50) < INT64_C(1) << 50);
}

static void kernel_normals_have_the_moments_of_the_gaussian(void **state) {
    enum { ROWS = 2000, WIDTH = 101 };
    const double want[4] = {0, 1, 0, 3}, deviation[4] = {1, sqrt(2), sqrt(15), sqrt(96)};
    double mean[4] = {0};
    real drawn[WIDTH];
    for (int i = 0; i < ROWS; i++) {
        ops_select()->normals(3, 4, (uint64_t)i, WIDTH, drawn);
        for (int j = 0; j < WIDTH; j++)
            for (int m = 0; m < 4; m++) mean[m] += pow(drawn[j], m + 1) / (ROWS * WIDTH);
    }
    for (int m = 0; m < 4; m++) assert_true(fabs(mean[m] - want[m]) < 4 * deviation[m] / sqrt(ROWS * WIDTH));
}

static double correlation(int64_t count, const real *a, const real *b) {
    double sum = 0;
    for (int64_t i = 0; i < count; i++) sum += (double)a[i] * (double)b[i];
    return sum / (double)count;
}

static void kernel_normals_of_rows_streams_and_lags_do_not_correlate(void **state) {
    enum { COUNT = 40000 };
    real *all = calloc(4 * COUNT, sizeof *all);
    ops_select()->normals(3, 4, 0, COUNT, all);
    ops_select()->normals(3, 4, 1, COUNT, all + COUNT);
    ops_select()->normals(3, 5, 0, COUNT, all + 2 * COUNT);
    ops_select()->normals(4, 4, 0, COUNT, all + 3 * COUNT);
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < i; j++) assert_true(fabs(correlation(COUNT, all + i * COUNT, all + j * COUNT)) < 4.5 / sqrt(COUNT));
    const int lags[] = {1, 2, 3, 4, 16, 32, 48, 64};
    for (size_t k = 0; k < sizeof lags / sizeof *lags; k++)
        assert_true(fabs(correlation(COUNT - lags[k], all, all + lags[k])) < 4.5 / sqrt(COUNT - lags[k]));
    free(all);
}

static void kernel_normals_do_not_depend_on_how_many_are_asked_for(void **state) {
    real all[200], some[200];
    ops_select()->normals(9, 1, 77, 200, all);
    for (int64_t count = 1; count < 200; count++) {
        some[count] = 42;
        ops_select()->normals(9, 1, 77, count, some);
        assert_memory_equal(some, all, (size_t)count * sizeof *all);
        assert_true(some[count] == 42);
    }
}

static void many_normals_are_those_drawn_one_by_one(void **state) {
    enum { COUNT = 1000 };
    double many[COUNT];
    for (uint64_t k = 0; k < 50; k++) {
        random_row one = random_row_start(k << 33, RANDOM_STREAM_INIT, k), other = one;
        if (k % 5 == 4) random_uniform(&one), random_uniform(&other); /* begins in the middle of a counter */
        for (int64_t first = 0, count; first < COUNT; first += count) {
            count = first + 37 < COUNT ? 37 : COUNT - first;
            random_normals(&other, count, many + first);
        }
        for (int i = 0; i < COUNT; i++) assert_true(fabs(many[i] - random_normal(&one)) < 1e-14);
        assert_true(random_normal(&one) == random_normal(&other));
    }
}

/* Short rows share a call of the kernel, long ones have their own. */
static void rows_of_normals_do_not_depend_on_how_they_are_cut(void **state) {
    enum { ROWS = 150 };
    const int64_t dims[] = {1, 2, 3, 16, 33, 64, 65, 130};
    const uint64_t first = (UINT64_C(9) << 56) - 70;
    real *all = malloc(ROWS * 130 * sizeof *all), *some = malloc(ROWS * 130 * sizeof *some);
    for (size_t k = 0; k < sizeof dims / sizeof *dims; k++) {
        int64_t dim = dims[k];
        normals_rows(ops_select(), 5, 2, first, ROWS, dim, all);
        for (int64_t begin = 0; begin < ROWS; begin += 7)
            for (int64_t count = 1; begin + count <= ROWS; count += 13) {
                normals_rows(ops_select(), 5, 2, first + (uint64_t)begin, count, dim, some);
                assert_memory_equal(some, all + begin * dim, (size_t)(count * dim) * sizeof *all);
            }
        for (int64_t i = 1; i < ROWS * dim; i++) assert_true(all[i] != all[i - 1]);
    }
    free(all);
    free(some);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_the_published_philox),
        cmocka_unit_test(rows_streams_and_seeds_draw_different_numbers),
        cmocka_unit_test(a_row_repeats_whatever_was_drawn_elsewhere),
        cmocka_unit_test(uniform_has_the_moments_of_the_unit_interval),
        cmocka_unit_test(normal_has_the_moments_of_the_gaussian),
        cmocka_unit_test(below_reaches_every_number_equally_and_none_beyond),
        cmocka_unit_test(kernel_normals_have_the_moments_of_the_gaussian),
        cmocka_unit_test(kernel_normals_of_rows_streams_and_lags_do_not_correlate),
        cmocka_unit_test(kernel_normals_do_not_depend_on_how_many_are_asked_for),
        cmocka_unit_test(many_normals_are_those_drawn_one_by_one),
        cmocka_unit_test(rows_of_normals_do_not_depend_on_how_they_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
