/* Pictures in memory: the square in the middle, resizing by area, and what each kind of PNG and JPEG is read as. */
#include "pictures.h"

#include <math.h>

#include "images/image.h"
#include "images/raster.h"

/* ------------------------------------------------------------------------------------------------------ resizing */

static void a_smaller_pixel_is_the_mean_of_the_area_it_covers(void **state) {
    (void)state;
    float resized[4], values[9];
    for (int i = 0; i < 9; i++) values[i] = (float)i / 10;
    raster picture = {3, 3, 1, NULL, values};
    assert_int_equal(raster_resize(&picture, 2, resized), 0);
    /* along an axis (2 a + b) / 3 and (b + 2 c) / 3: positions 1/3 and 5/3 of the plane (3 y + x) / 10 */
    static const double expected[] = {(1 + 1 / 3.) / 10, (1 + 5 / 3.) / 10, (5 + 1 / 3.) / 10, (5 + 5 / 3.) / 10};
    for (int i = 0; i < 4; i++) assert_true(fabs(resized[i] - expected[i]) < 1e-7);
}

static void a_larger_picture_mixes_only_where_a_pixel_meets_two(void **state) {
    (void)state;
    static const float values[] = {-1, 1, 0, .5f};
    static const float expected[] = {-1, 0, 1, -.5f, .125f, .75f, 0, .25f, .5f};
    float resized[9];
    raster picture = {2, 2, 1, NULL, values};
    assert_int_equal(raster_resize(&picture, 3, resized), 0);
    for (int i = 0; i < 9; i++) assert_true(fabsf(resized[i] - expected[i]) < 1e-7f);
}

static double mean(const float *values, int64_t count) {
    double sum = 0;
    for (int64_t i = 0; i < count; i++) sum += (double)values[i];
    return sum / (double)count;
}

static void resizing_keeps_the_mean_and_the_same_size_every_bit(void **state) {
    (void)state;
    enum { SIDE = 37, CHANNELS = 3, MOST = 100 };
    uint8_t bytes[SIDE * SIDE * CHANNELS];
    float copy[SIDE * SIDE * CHANNELS], *resized = malloc(sizeof *resized * MOST * MOST * CHANNELS);
    for (int i = 0; i < SIDE * SIDE * CHANNELS; i++) bytes[i] = (uint8_t)(i * 7919 % 251);
    raster picture = {SIDE, SIDE, CHANNELS, bytes, NULL};
    raster_copy(&picture, copy);
    static const int64_t sizes[] = {1, 8, 36, SIDE, 38, MOST};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        assert_int_equal(raster_resize(&picture, sizes[i], resized), 0);
        double difference = mean(resized, sizes[i] * sizes[i] * CHANNELS) - mean(copy, SIDE * SIDE * CHANNELS);
        assert_true(fabs(difference) < 1e-7);
        if (sizes[i] == SIDE) assert_memory_equal(resized, copy, sizeof copy);
    }
    free(resized);
}

static void bytes_span_minus_one_to_one(void **state) {
    (void)state;
    static const uint8_t bytes[] = {0, 51, 255};
    float values[3];
    raster picture = {1, 1, 3, bytes, NULL};
    raster_copy(&picture, values);
    assert_true(values[0] == -1 && fabsf(values[1] + .6f) < 1e-7f && values[2] == 1);
}

static void the_square_is_cut_from_the_middle(void **state) {
    (void)state;
    float values[5 * 8 * 2], wide[5 * 5 * 2], tall[5 * 5 * 2];
    for (int i = 0; i < 5 * 8 * 2; i++) values[i] = (float)i / 80;
    raster picture = {5, 8, 2, NULL, values};
    assert_int_equal(raster_resize(&picture, 5, wide), 0);
    for (int y = 0; y < 5; y++) assert_memory_equal(wide + y * 10, values + (y * 8 + 1) * 2, 10 * sizeof *wide);
    picture = (raster){8, 5, 2, NULL, values};
    assert_int_equal(raster_resize(&picture, 5, tall), 0);
    assert_memory_equal(tall, values + 5 * 2, sizeof tall);
}

/* -------------------------------------------------------------------------------------------------- kinds of files */

static void assert_png(const fixture *at, png_kind kind, uint32_t width, const void *row, uint32_t channels,
                       const uint8_t *expected) {
    char path[PATH_CAPACITY], error[IMAGE_ERROR_CAPACITY];
    image found;
    path_in(at, "kind.png", path);
    write_png(path, kind, width, 1, row);
    if (image_read(path, &found, error) != 0) fail_msg("%s", error);
    assert_true(found.width == width && found.height == 1);
    assert_int_equal(found.channels, channels);
    assert_memory_equal(found.pixels, expected, width * channels);
    image_free(&found);
}

static void png_of_every_kind_is_read(void **state) {
    fixture *at = *state;
    png_kind grey = {PNG_COLOR_TYPE_GRAY, 8, 3, .palette_count = 0};
    assert_png(at, grey, 3, "\0\x80\xff", 1, (const uint8_t *)"\0\x80\xff");
    png_kind bits = {PNG_COLOR_TYPE_GRAY, 1, 1, .palette_count = 0};
    assert_png(at, bits, 4, "\xa0", 1, (const uint8_t *)"\xff\0\xff\0");
    png_kind rgb = {PNG_COLOR_TYPE_RGB, 8, 6, .palette_count = 0};
    assert_png(at, rgb, 2, "\1\2\3\4\5\6", 3, (const uint8_t *)"\1\2\3\4\5\6");
    png_kind palette = {PNG_COLOR_TYPE_PALETTE, 8, 3, {{9, 8, 7}, {200, 100, 50}}, .palette_count = 2};
    assert_png(at, palette, 3, "\1\0\1", 3, (const uint8_t *)"\xc8\x64\x32\x9\x8\x7\xc8\x64\x32");
}

static void png_of_16_bits_is_rounded_to_eight(void **state) {
    fixture *at = *state;
    png_kind grey = {PNG_COLOR_TYPE_GRAY, 16, 8, .palette_count = 0};
    assert_png(at, grey, 4, "\0\0\x40\x40\x40\xff\xff\xff", 1, (const uint8_t *)"\0\x40\x41\xff");
    png_kind rgb = {PNG_COLOR_TYPE_RGB, 16, 6, .palette_count = 0};
    assert_png(at, rgb, 1, "\x20\x20\x40\x40\x80\x80", 3, (const uint8_t *)"\x20\x40\x80");
}

static void transparency_is_laid_over_white(void **state) {
    fixture *at = *state;
    png_kind rgba = {PNG_COLOR_TYPE_RGB_ALPHA, 8, 16, .palette_count = 0};
    static const uint8_t pixels[] = {10, 20, 30, 255, 10, 20, 30, 0, 0, 0, 0, 128, 100, 200, 0, 51};
    /* 255 - 128 = 127; (100 * 51 + 255 * 204) / 255 = 224, and so on */
    static const uint8_t expected[] = {10, 20, 30, 255, 255, 255, 127, 127, 127, 224, 244, 204};
    assert_png(at, rgba, 4, pixels, 3, expected);
    png_kind grey = {PNG_COLOR_TYPE_GRAY_ALPHA, 8, 4, .palette_count = 0};
    assert_png(at, grey, 2, "\0\x80\x50\xff", 1, (const uint8_t *)"\x7f\x50");
    png_kind palette = {PNG_COLOR_TYPE_PALETTE, 8, 2, {{9, 8, 7}, {1, 2, 3}}, {0}, .palette_count = 2, .alpha_count = 1};
    assert_png(at, palette, 2, "\1\0", 3, (const uint8_t *)"\1\2\3\xff\xff\xff");
}

static void jpeg_of_one_and_three_channels_is_read(void **state) {
    fixture *at = *state;
    uint8_t pixels[64 * 3];
    char path[PATH_CAPACITY], error[IMAGE_ERROR_CAPACITY];
    path_in(at, "a.jpg", path);
    for (int i = 0; i < 64 * 3; i++) pixels[i] = (uint8_t)(i % 3 * 100 + 20);
    for (uint32_t channels = 1; channels <= 3; channels += 2) {
        image written = {8, 8, channels, pixels}, found;
        assert_int_equal(image_write(path, &written, error), 0);
        assert_int_equal(image_read(path, &found, error), 0);
        assert_true(found.width == 8 && found.height == 8 && found.channels == channels);
        if (channels == 3)
            for (int i = 0; i < 64 * 3; i++) assert_in_range(found.pixels[i], pixels[i] - 3, pixels[i] + 3);
        assert_int_equal(image_to_rgb(&found), 0);
        assert_int_equal(found.channels, 3);
        if (channels == 1) assert_true(found.pixels[189] == found.pixels[190] && found.pixels[190] == found.pixels[191]);
        image_free(&found);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_smaller_pixel_is_the_mean_of_the_area_it_covers),
        cmocka_unit_test(a_larger_picture_mixes_only_where_a_pixel_meets_two),
        cmocka_unit_test(resizing_keeps_the_mean_and_the_same_size_every_bit),
        cmocka_unit_test(bytes_span_minus_one_to_one),
        cmocka_unit_test(the_square_is_cut_from_the_middle),
        cmocka_unit_test(png_of_every_kind_is_read),
        cmocka_unit_test(png_of_16_bits_is_rounded_to_eight),
        cmocka_unit_test(transparency_is_laid_over_white),
        cmocka_unit_test(jpeg_of_one_and_three_channels_is_read),
    };
    return cmocka_run_group_tests(tests, fixture_create, pictures_destroy);
}
