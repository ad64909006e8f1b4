/* The features of images, and what the Frechet distance between them does when images get worse. */
#include "dead_leaves.h"
#include "eval/frechet.h"
#include "eval/image_resize.h"
#include "naive_features.h"
#include "one_context.h"

static const image_shape SQUARE = {LEAVES_SIDE, LEAVES_SIDE, 3};

static real *reals(int64_t count) {
    real *values = calloc((size_t)count, sizeof *values);
    assert_non_null(values);
    return values;
}

static real *leaves(uint64_t seed, int64_t count) {
    real *images = reals(count * LEAVES_IMAGE);
    double image[LEAVES_IMAGE];
    for (int64_t i = 0; i < count; i++) {
        dead_leaves(seed, i, image);
        for (int j = 0; j < LEAVES_IMAGE; j++) images[i * LEAVES_IMAGE + j] = (real)image[j];
    }
    return images;
}

static double *features_of(image_shape shape, int64_t count, const real *images) {
    double *features = malloc((size_t)(count * IMAGE_FEATURES) * sizeof *features);
    require(context, image_features(context, shape, count, images, features));
    return features;
}

static void assert_same_features(const double *got, const double *want, int64_t count, double tolerance) {
    for (int64_t i = 0; i < count * IMAGE_FEATURES; i++)
        if (!(fabs(got[i] - want[i]) <= tolerance))
            fail_msg("feature %d of image %d: %.12g, not %.12g", (int)(i % IMAGE_FEATURES), (int)(i / IMAGE_FEATURES),
                     got[i], want[i]);
}

static void equal_the_formulas(void **state) {
    (void)state;
    enum { COUNT = 5 };
    real *images = leaves(3, COUNT);
    double *features = features_of(SQUARE, COUNT, images), want[IMAGE_FEATURES];
    for (int i = 0; i < COUNT; i++) {
        double *image = widened(images + i * LEAVES_IMAGE, LEAVES_IMAGE);
        naive_features(&image_filters_stored, image, want);
        assert_same_features(features + i * IMAGE_FEATURES, want, 1, sizeof(real) == 4 ? 1e-5 : 1e-12);
        free(image);
    }
    free(images);
    free(features);
}

static void threads_and_other_images_do_not_change_a_bit(void **state) {
    (void)state;
    enum { COUNT = 40 };
    real *images = leaves(3, COUNT);
    double *one = features_of(SQUARE, COUNT, images), *alone = features_of(SQUARE, 1, images + 7 * LEAVES_IMAGE);
    require(context, enot_context_set_threads(context, 3));
    double *three = features_of(SQUARE, COUNT, images);
    require(context, enot_context_set_threads(context, 1));
    assert_same_features(three, one, COUNT, 0);
    assert_same_features(alone, one + 7 * IMAGE_FEATURES, 1, 0);
    free(images);
    free(one);
    free(alone);
    free(three);
}

static void grey_counts_for_three_channels(void **state) {
    (void)state;
    enum { HEIGHT = 20, WIDTH = 45, PIXELS = HEIGHT * WIDTH };
    real *grey = random_reals(1, PIXELS, .4), *colour = reals(3 * PIXELS);
    for (int i = 0; i < 3 * PIXELS; i++) colour[i] = grey[i / 3];
    double *a = features_of((image_shape){HEIGHT, WIDTH, 1}, 1, grey),
           *b = features_of((image_shape){HEIGHT, WIDTH, 3}, 1, colour);
    assert_same_features(a, b, 1, 0);
    free(grey);
    free(colour);
    free(a);
    free(b);
}

/* Every pixel three times in y and twice in x: the average is the pixel. */
static void a_magnified_image_has_the_same_features(void **state) {
    (void)state;
    enum { HEIGHT = 3 * LEAVES_SIDE, WIDTH = 2 * LEAVES_SIDE };
    real *image = leaves(3, 1), *large = reals(HEIGHT * WIDTH * 3);
    for (int i = 0; i < HEIGHT * WIDTH * 3; i++) {
        int y = i / 3 / WIDTH / 3, x = i / 3 % WIDTH / 2;
        large[i] = image[(y * LEAVES_SIDE + x) * 3 + i % 3];
    }
    double *want = features_of(SQUARE, 1, image), *got = features_of((image_shape){HEIGHT, WIDTH, 3}, 1, large);
    assert_same_features(got, want, 1, 1e-5);
    free(image);
    free(large);
    free(want);
    free(got);
}

static void resize(image_shape shape, int64_t side, const real *image, real *resized) {
    image_resize r;
    real *scratch = reals(side * shape.width * shape.channels);
    require(context, image_resize_create(context, shape, side, &r));
    image_resize_apply(&r, image, scratch, resized);
    image_resize_destroy(&r);
    free(scratch);
}

/* Columns: 5 pixels to 2, two and a half each. Rows: 3 to 2, in the shares 2 : 1 and 1 : 2. */
static void shrinking_averages_areas(void **state) {
    (void)state;
    const real image[15] = {1, 2, 3, 4, 5, 11, 12, 13, 14, 15, 21, 22, 23, 24, 25};
    const double left = (1 + 2 + 1.5) / 2.5, right = (1.5 + 4 + 5) / 2.5, upper = 10. / 3, lower = 50. / 3;
    const double want[4] = {upper + left, upper + right, lower + left, lower + right};
    real resized[4];
    resize((image_shape){3, 5, 1}, 2, image, resized);
    assert_all_close(4, resized, want, 1e-6, "averages");
}

/* Pixels' centres at 0 and 1 become 4 at -.25, .25, .75, 1.25: constant beyond the centres. */
static void enlarging_interpolates(void **state) {
    (void)state;
    const real image[8] = {0, 100, 1, 101, 10, 110, 11, 111};
    static const double along[4] = {0, .25, .75, 1};
    real resized[32];
    resize((image_shape){2, 2, 2}, 4, image, resized);
    for (int i = 0; i < 32; i++)
        assert_close((double)resized[i], 10 * along[i / 8] + along[i / 2 % 4] + 100 * (i % 2), 1e-6, "enlarged");
}

static void noise(real *images, int64_t count, double deviation) {
    real *drawn = random_reals(77, count * LEAVES_IMAGE, deviation);
    for (int64_t i = 0; i < count * LEAVES_IMAGE; i++) images[i] += drawn[i];
    free(drawn);
}

/* The mean of a pixel's neighbours, those beyond an edge left out. */
static double neighbours_mean(const real *image, int64_t y, int64_t x, int colour) {
    static const int steps[4][2] = {{0, 1}, {1, 0}, {0, -1}, {-1, 0}};
    double sum = 0;
    int found = 0;
    for (int k = 0; k < 4; k++) {
        int64_t row = y + steps[k][0], column = x + steps[k][1];
        if (row < 0 || column < 0 || row >= LEAVES_SIDE || column >= LEAVES_SIDE) continue;
        sum += (double)image[(row * LEAVES_SIDE + column) * 3 + colour];
        found++;
    }
    return sum / found;
}

/* So many times each pixel becomes the mean of itself and its neighbours' mean. */
static void blur(real *images, int64_t count, double rounds) {
    real sharp[LEAVES_IMAGE];
    for (int64_t i = 0; i < count; i++)
        for (int round = 0; round < (int)rounds; round++) {
            real *image = images + i * LEAVES_IMAGE;
            memcpy(sharp, image, sizeof sharp);
            for (int k = 0; k < LEAVES_IMAGE; k++)
                image[k] = (real)(((double)sharp[k] +
                                   neighbours_mean(sharp, k / 3 / LEAVES_SIDE, k / 3 % LEAVES_SIDE, k % 3)) /
                                  2);
        }
}

/* The first part of the images is replaced by images of another kind: dead leaves turned into their mean grey. */
static void mix(real *images, int64_t count, double part) {
    for (int64_t i = 0; i < (int64_t)(part * (double)count) * LEAVES_IMAGE; i += 3)
        images[i] = images[i + 1] = images[i + 2] = (images[i] + images[i + 1] + images[i + 2]) / 3;
}

enum { SET = 300 };

static double distance_after(void (*worsen)(real *, int64_t, double), double amount, const double *reference) {
    real *images = leaves(12, SET);
    double distance;
    if (worsen) worsen(images, SET, amount);
    double *features = features_of(SQUARE, SET, images);
    require(context, frechet_distance(context, IMAGE_FEATURES, SET, features, SET, reference, &distance));
    free(images);
    free(features);
    return distance;
}

static void check_growth(const char *what, void (*worsen)(real *, int64_t, double), const double *amounts, int count) {
    real *images = leaves(11, SET);
    double *reference = features_of(SQUARE, SET, images), floor = distance_after(NULL, 0, reference), last = floor;
    for (int k = 0; k < count; k++) {
        double distance = distance_after(worsen, amounts[k], reference);
        if (!(distance > last)) fail_msg("%s %g: %g after %g", what, amounts[k], distance, last);
        last = distance;
    }
    if (!(last > 3 * floor)) fail_msg("%s: %g, the floor is %g", what, last, floor);
    free(images);
    free(reference);
}

static void distance_grows_with_noise(void **state) {
    (void)state;
    check_growth("noise", noise, (const double[]){.05, .1, .2, .4}, 4);
}

static void distance_grows_with_blur(void **state) {
    (void)state;
    check_growth("blur", blur, (const double[]){1, 2, 4}, 3);
}

static void distance_grows_with_the_share_of_another_kind(void **state) {
    (void)state;
    check_growth("mixed in", mix, (const double[]){.25, .5, .75, 1}, 4);
}

/* The same colours in another arrangement: pixels of each quarter shuffled, so that its mean colour stays. */
static void shuffle(real *images, int64_t count, double unused) {
    (void)unused;
    for (int64_t i = 0; i < count; i++)
        for (int quarter = 0; quarter < 4; quarter++)
            for (int k = 255; k > 0; k--) {
                random_row draw = random_row_start(5, RANDOM_STREAM_MEASURE, (uint64_t)((i * 4 + quarter) * 256 + k));
                int other = (int)random_below(&draw, k + 1), corner = quarter / 2 * 16 * LEAVES_SIDE + quarter % 2 * 16;
                real *a = images + i * LEAVES_IMAGE + 3 * (corner + k / 16 * LEAVES_SIDE + k % 16);
                real *b = images + i * LEAVES_IMAGE + 3 * (corner + other / 16 * LEAVES_SIDE + other % 16);
                for (int c = 0; c < 3; c++) {
                    real kept = a[c];
                    a[c] = b[c];
                    b[c] = kept;
                }
            }
}

static void arrangement_counts_beside_colour(void **state) {
    (void)state;
    check_growth("shuffled", shuffle, (const double[]){1}, 1);
}

static void unusable_shapes_are_refused(void **state) {
    (void)state;
    static const image_shape shapes[] = {{8, 8, 2}, {0, 8, 3}, {8, 0, 1}};
    const real image[128] = {0};
    double features[IMAGE_FEATURES];
    for (size_t k = 0; k < sizeof shapes / sizeof *shapes; k++)
        assert_int_equal(image_features(context, shapes[k], 1, image, features), ENOT_ERR_ARGUMENT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_the_formulas),
        cmocka_unit_test(threads_and_other_images_do_not_change_a_bit),
        cmocka_unit_test(grey_counts_for_three_channels),
        cmocka_unit_test(a_magnified_image_has_the_same_features),
        cmocka_unit_test(shrinking_averages_areas),
        cmocka_unit_test(enlarging_interpolates),
        cmocka_unit_test(distance_grows_with_noise),
        cmocka_unit_test(distance_grows_with_blur),
        cmocka_unit_test(distance_grows_with_the_share_of_another_kind),
        cmocka_unit_test(arrangement_counts_beside_colour),
        cmocka_unit_test(unusable_shapes_are_refused),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
