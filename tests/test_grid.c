/* The picture of images beside their transported ones: what is nearest, and that every pixel is enlarged as it is. */
#include "pictures.h"

#include <math.h>

#include "drawing/grid.h"
#include "images/image.h"
#include "images/nearest.h"

static image_set noise(int64_t count, int64_t side, int64_t channels, uint32_t seed) {
    int64_t values = count * side * side * channels;
    image_set set = {count, side, side, channels, malloc((size_t)values * sizeof(float)), TEXT_LIST_INIT};
    for (int64_t i = 0; i < values; i++) {
        seed = seed * 1664525u + 1013904223u;
        set.pixels[i] = (float)((seed >> 24) / 127.5 - 1);
    }
    return set;
}

static int64_t naive_nearest(const float *image, const image_set *set) {
    int64_t nearest = 0, dim = image_set_dim(set);
    double least = -1;
    for (int64_t j = 0; j < set->count; j++) {
        double sum = 0;
        for (int64_t k = 0; k < dim; k++) sum += pow((double)image[k] - (double)set->pixels[j * dim + k], 2);
        if (least < 0 || sum < least) least = sum, nearest = j;
    }
    return nearest;
}

static void the_nearest_image_is_found_across_tiles(void **state) {
    (void)state;
    enum { COUNT = 300, STRANGERS = 5 }; /* more than five tiles */
    image_set set = noise(COUNT, 20, 3, 1), images = noise(COUNT, 20, 3, 2);
    int64_t nearest[COUNT], dim = image_set_dim(&set);
    for (int64_t k = STRANGERS * dim; k < COUNT * dim; k++) images.pixels[k] = .9f * set.pixels[k];
    assert_int_equal(image_set_nearest(&images, COUNT, &set, nearest), 0);
    for (int64_t i = 0; i < STRANGERS; i++) assert_int_equal(nearest[i], naive_nearest(images.pixels + i * dim, &set));
    for (int64_t i = STRANGERS; i < COUNT; i++) assert_int_equal(nearest[i], i);
    image_set_free(&set);
    image_set_free(&images);
}

/* Each pixel of the image is a square of factor x factor pixels of the page, from (left, top) on. */
static void assert_enlarged(const image *page, uint32_t left, uint32_t top, uint32_t factor, const image_set *set, int64_t row) {
    int64_t dim = image_set_dim(set);
    uint8_t bytes[1024];
    image_set_bytes(set->pixels + row * dim, dim, bytes);
    for (uint32_t y = 0; y < factor * set->height; y++)
        for (uint32_t x = 0; x < factor * set->width; x++)
            for (uint32_t c = 0; c < 3; c++) {
                uint32_t pixel = y / factor * (uint32_t)set->width + x / factor;
                uint8_t expected = bytes[pixel * set->channels + (set->channels == 1 ? 0 : c)];
                assert_int_equal(page->pixels[((top + y) * page->width + left + x) * 3 + c], expected);
            }
}

static void a_grid_shows_each_pixel_enlarged_and_the_nearest_target_last(void **state) {
    fixture *at = *state;
    enum { SIDE = 16, FACTOR = 12, CELL = SIDE * FACTOR, LEFT = 28, TOP = 68, GAP = 8 }; /* 12: the first of 180 pixels or more */
    char path[PATH_CAPACITY], error[IMAGE_SET_ERROR_CAPACITY];
    path_in(at, "grid.png", path);
    for (int64_t channels = 1; channels <= 3; channels += 2) {
        image_set source = noise(4, SIDE, channels, 3), moved = noise(4, SIDE, channels, 4), target = noise(9, SIDE, channels, 5);
        image page;
        memcpy(target.pixels + 7 * image_set_dim(&target), moved.pixels + image_set_dim(&moved),
               (size_t)image_set_dim(&moved) * sizeof(float));
        if (grid_draw(&source, &moved, &target, 2, path, error) != 0) fail_msg("%s", error);
        assert_int_equal(image_read(path, &page, error), 0);
        assert_int_equal(page.width, 2 * LEFT + 3 * CELL + 2 * GAP);
        assert_int_equal(page.height, TOP + 2 * CELL + GAP + LEFT);
        assert_enlarged(&page, LEFT, TOP, FACTOR, &source, 0);
        assert_enlarged(&page, LEFT, TOP + CELL + GAP, FACTOR, &source, 1);
        assert_enlarged(&page, LEFT + CELL + GAP, TOP + CELL + GAP, FACTOR, &moved, 1);
        assert_enlarged(&page, LEFT + 2 * (CELL + GAP), TOP + CELL + GAP, FACTOR, &target, 7);
        image_free(&page);
        assert_int_equal(grid_draw(&source, NULL, NULL, 100, path, error), 0);
        assert_int_equal(image_read(path, &page, error), 0);
        assert_int_equal(page.width, 2 * LEFT + CELL);
        assert_int_equal(page.height, TOP + 4 * CELL + 3 * GAP + LEFT);
        image_free(&page);
        image_set_free(&source);
        image_set_free(&moved);
        image_set_free(&target);
    }
}

static void sets_that_do_not_go_together_are_refused(void **state) {
    fixture *at = *state;
    char path[PATH_CAPACITY], error[IMAGE_SET_ERROR_CAPACITY];
    image_set source = noise(200, 4, 1, 1), few = noise(3, 4, 1, 1), colors = noise(200, 4, 3, 1);
    path_in(at, "refused.png", path);
    assert_int_equal(grid_draw(&source, &few, NULL, 2, path, error), -1);
    assert_non_null(strstr(error, "not as many"));
    assert_int_equal(grid_draw(&source, NULL, &colors, 2, path, error), -1);
    assert_non_null(strstr(error, "1 channels, the target's of 4 x 4 and 3"));
    assert_int_equal(grid_draw(&source, NULL, NULL, 200, path, error), -1);
    assert_non_null(strstr(error, "draw fewer"));
    assert_int_equal(access(path, F_OK), -1);
    path_in(at, "absent/grid.png", path);
    assert_int_equal(grid_draw(&source, NULL, NULL, 2, path, error), -1);
    assert_non_null(strstr(error, "No such file"));
    image_set_free(&source);
    image_set_free(&few);
    image_set_free(&colors);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_nearest_image_is_found_across_tiles),
        cmocka_unit_test(a_grid_shows_each_pixel_enlarged_and_the_nearest_target_last),
        cmocka_unit_test(sets_that_do_not_go_together_are_refused),
    };
    return cmocka_run_group_tests(tests, fixture_create, pictures_destroy);
}
