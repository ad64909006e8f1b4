/* Fits of images through the public interface: where the answer is known, and that they repeat, resume and are saved as those of tables. */
#define _GNU_SOURCE
#include "fits.h"
#include "train/batches/feed.h"
#include "map/map.h"

enum { SIDE = 8, CHANNELS = 3, DIM = SIDE * SIDE * CHANNELS, COUNT = 400 };
static const double BRIGHTER = .6; /* pixels without it are at most .3 */

/*
 * Images of a square of random colour, place and size on a dark ground with grain; as a target brighter by BRIGHTER everywhere, so that under
 * mean_squared T(x) = x + BRIGHTER, the gradient of a convex function.
 */
static float *squares(int target, uint64_t seed, int64_t count) {
    float *pixels = malloc((size_t)(count * DIM) * sizeof *pixels);
    assert_non_null(pixels);
    for (int64_t i = 0; i < count; i++) {
        random_row row = random_row_start(seed, RANDOM_STREAM_MEASURE, (uint64_t)i);
        int64_t size = 2 + random_below(&row, 4), top = random_below(&row, SIDE - size), left = random_below(&row, SIDE - size);
        double colour[CHANNELS];
        for (int c = 0; c < CHANNELS; c++) colour[c] = (double)random_below(&row, 256) / 255 - .9;
        for (int64_t k = 0; k < DIM; k++) {
            int64_t y = k / CHANNELS / SIDE, x = k / CHANNELS % SIDE;
            int inside = y >= top && y < top + size && x >= left && x < left + size;
            double grain = (double)random_below(&row, 256) / 1280;
            pixels[i * DIM + k] = (float)((inside ? colour[k % CHANNELS] : -.9) + grain + (target ? BRIGHTER : 0));
        }
    }
    return pixels;
}

static enot_samples *images_of(const fixture *at, int target) {
    float *pixels = squares(target, target ? 2 : 1, COUNT);
    enot_samples *samples;
    require(at, enot_samples_from_images(at->context, pixels, COUNT, SIDE, SIDE, CHANNELS, &samples));
    free(pixels);
    return samples;
}

static enot_fit_options image_options(int64_t steps) {
    enot_fit_options options = ENOT_FIT_OPTIONS_INIT;
    options.unet_width = options.critic_filters = 8;
    options.unet_depth = options.critic_halvings = 1;
    options.batch = 16;
    options.learning_rate = 5e-3;
    options.averaging = .9;
    options.validation = .2;
    options.steps = steps;
    options.seed = 3;
    return options;
}

static enot_map *fit(const fixture *at, const enot_fit_options *options, enot_report *report) {
    enot_samples *source = images_of(at, 0), *target = images_of(at, 1);
    enot_map *map;
    require(at, enot_fit(at->context, source, target, options, &map, report));
    enot_samples_destroy(source);
    enot_samples_destroy(target);
    return map;
}

static void learns_to_brighten(void **state) {
    const fixture *at = *state;
    enum { POINTS = 20 };
    enot_fit_options options = image_options(250);
    enot_report report = ENOT_REPORT_INIT;
    enot_map *map = fit(at, &options, &report);
    assert_true(report.frechet_after < report.frechet_before / 2);
    assert_true(report.mismatch_after < report.mismatch_before / 4);
    assert_true(report.frechet_floor > 0 && report.frechet_floor < report.frechet_before);
    assert_true(fabs(report.squared_change - BRIGHTER * BRIGHTER) < .25 * BRIGHTER * BRIGHTER);
    assert_true(fabs(report.cost_map - report.squared_change) < 1e-4);
    assert_true(fabs(report.cost_dual - report.cost_map) < .3 * report.cost_map);

    float *pixels = squares(0, 9, POINTS);
    double points[POINTS * DIM], moved[POINTS * DIM], error = 0;
    for (int i = 0; i < POINTS * DIM; i++) points[i] = pixels[i];
    require(at, enot_map_apply(at->context, map, ENOT_FORWARD, points, POINTS, moved));
    for (int i = 0; i < POINTS * DIM; i++) {
        assert_true(moved[i] >= -1 && moved[i] <= 1);
        error += pow(moved[i] - points[i] - BRIGHTER, 2) / (POINTS * DIM);
    }
    assert_true(error < .15 * BRIGHTER * BRIGHTER);
    free(pixels);
    enot_map_destroy(map);
}

static void no_steps_leave_images_as_they_are(void **state) {
    const fixture *at = *state;
    enot_fit_options options = image_options(0);
    enot_report report = ENOT_REPORT_INIT;
    enot_map *map = fit(at, &options, &report);
    assert_true(report.squared_change == 0 && report.steps == 0);
    assert_true(report.frechet_after == report.frechet_before);
    enot_map_destroy(map);
}

static void any_number_of_threads_gives_the_same_file(void **state) {
    const fixture *at = *state;
    enot_fit_options options = image_options(6);
    options.batch = 20; /* several parts of a batch */
    options.flip = options.reverse = 1;
    enot_map *first = NULL;
    for (int threads = 1; threads <= 3; threads++) {
        require(at, enot_context_set_threads(at->context, threads));
        enot_map *map = fit(at, &options, NULL);
        if (first) assert_same_map(at, first, map);
        if (first) enot_map_destroy(map);
        if (!first) first = map;
    }
    enot_map_destroy(first);
}

static int stop_at_four(void *user, const enot_progress *progress) {
    double *bytes = user;
    *bytes = progress->bytes;
    return progress->step == 4;
}

static void an_interrupted_fit_goes_on_to_the_same_file(void **state) {
    const fixture *at = *state;
    char checkpoint[PATH_CAPACITY];
    path_in(at, "checkpoint", checkpoint);
    enot_fit_options options = image_options(9);
    enot_map *whole = fit(at, &options, NULL), *map;
    enot_samples *source = images_of(at, 0), *target = images_of(at, 1);
    double bytes = 0;
    options.checkpoint = checkpoint;
    options.progress = stop_at_four;
    options.progress_user = &bytes;
    assert_int_equal(enot_fit(at->context, source, target, &options, &map, NULL), ENOT_ERR_CANCELLED);
    assert_true(bytes > 2. * COUNT * DIM * sizeof(float));
    options.progress = NULL;
    options.resume = 1;
    require(at, enot_fit(at->context, source, target, &options, &map, NULL));
    assert_same_map(at, whole, map);
    options.critic_filters = 4;
    enot_map *other;
    assert_int_equal(enot_fit(at->context, source, target, &options, &other, NULL), ENOT_ERR_DATA);
    assert_message(at, "critic_filters", NULL);
    enot_map_destroy(whole);
    enot_map_destroy(map);
    enot_samples_destroy(source);
    enot_samples_destroy(target);
}

static void a_loaded_map_is_the_saved_one(void **state) {
    const fixture *at = *state;
    char path[PATH_CAPACITY];
    path_in(at, "map", path);
    enot_fit_options options = image_options(5);
    options.reverse = 1;
    enot_map *map = fit(at, &options, NULL), *loaded;
    require(at, enot_map_save(at->context, map, path));
    require(at, enot_map_load(at->context, path, &loaded));
    assert_same_map(at, map, loaded);
    int64_t shape[3] = {0};
    assert_true(enot_map_image(loaded, shape));
    assert_true(shape[0] == SIDE && shape[1] == SIDE && shape[2] == CHANNELS);
    double points[2 * DIM] = {0}, moved[2][2 * DIM], values[2][2];
    for (int direction = ENOT_FORWARD; direction <= ENOT_INVERSE; direction++) {
        for (int i = 0; i < 2; i++) {
            require(at, enot_map_apply(at->context, i ? loaded : map, (enot_direction)direction, points, 2, moved[i]));
            require(at, enot_map_potential(at->context, i ? loaded : map, (enot_direction)direction, points, 2, values[i]));
        }
        assert_memory_equal(moved[0], moved[1], sizeof moved[0]);
        assert_memory_equal(values[0], values[1], sizeof values[0]);
    }
    enot_map_destroy(map);
    enot_map_destroy(loaded);
}

/* Loads the bytes as a map file, and uses what comes of it: it may be refused, but never harm. */
static enot_status load_bytes(const fixture *at, const char *bytes, size_t size) {
    char path[PATH_CAPACITY], *json;
    path_in(at, "changed", path);
    write_bytes(path, bytes, size);
    enot_map *map = NULL;
    enot_status status = enot_map_load(at->context, path, &map);
    if (status) {
        assert_null(map);
        return status;
    }
    double point[DIM] = {0}, moved[DIM], value;
    if (enot_map_dim(map) == DIM) {
        enot_map_apply(at->context, map, ENOT_FORWARD, point, 1, moved);
        enot_map_potential(at->context, map, ENOT_INVERSE, point, 1, &value);
    }
    if (enot_map_describe(at->context, map, &json) == ENOT_OK) enot_text_free(json);
    enot_map_destroy(map);
    return ENOT_OK;
}

static void sizes_that_contradict_the_tensors_are_refused(void **state) {
    const fixture *at = *state;
    enot_fit_options options = image_options(1);
    enot_map *map = fit(at, &options, NULL);
    size_t size;
    char *bytes = map_bytes(at, map, &size), *sizes = memmem(bytes, size, "8,8,3,8,1,8,1", 13);
    assert_non_null(sizes);
    assert_int_equal(load_bytes(at, bytes, size), ENOT_OK);
    static const char *const wrong[] = {"8,8,3,9,1,8,1", "8,8,3,8,2,8,1", "8,8,3,8,1,8,2", "8,8,1,8,1,8,1", "0,8,3,8,1,8,1",
                                        "8,8,3,8,1,8, ", "8,8,3,8,9,8,1", "8,8,3,8,1,8,\"", "8,8,3,8,11,81", "4,16,3,8,1,8,"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        memcpy(sizes, wrong[i], 13);
        assert_int_equal(load_bytes(at, bytes, size), ENOT_ERR_FORMAT);
    }
    enot_map_destroy(map);
    free(bytes);
}

static void damaged_files_never_harm(void **state) {
    const fixture *at = *state;
    enot_fit_options options = image_options(1);
    enot_map *map = fit(at, &options, NULL);
    size_t size;
    char *bytes = map_bytes(at, map, &size);
    for (int i = 0; i < 120; i++) {
        random_row row = random_row_start(11, RANDOM_STREAM_MEASURE, (uint64_t)i);
        size_t place = (size_t)random_below(&row, i % 2 ? (int64_t)size : 6000);
        char before = bytes[place];
        bytes[place] = (char)random_below(&row, 256);
        load_bytes(at, bytes, size);
        bytes[place] = before;
        assert_int_not_equal(load_bytes(at, bytes, place), ENOT_OK);
    }
    enot_map_destroy(map);
    free(bytes);
}

/* 0: row is no image of the samples; 1: as it is; 2: mirrored left to right. Grain makes every image its own. */
static int kind_of(const float *pixels, const real *row) {
    for (int64_t i = 0; i < COUNT; i++) {
        int same = 1, mirrored = 1;
        for (int64_t k = 0; k < DIM; k++) {
            int64_t x = k / CHANNELS % SIDE, turned = k + (SIDE - 1 - 2 * x) * CHANNELS;
            same &= fabs(row[k] - pixels[i * DIM + k]) < 1e-4;
            mirrored &= fabs(row[k] - pixels[i * DIM + turned]) < 1e-4;
        }
        if (same || mirrored) return same ? 1 : 2;
    }
    return 0;
}

static void flip_mirrors_half_of_the_images(void **state) {
    const fixture *at = *state;
    enum { BATCH = 100 };
    float *pixels = squares(0, 1, COUNT);
    enot_samples *samples = images_of(at, 0);
    coordinates *c;
    split s;
    feed f;
    require(at, coordinates_images(at->context, (image_shape){SIDE, SIDE, CHANNELS}, &c));
    require(at, split_create(at->context, samples, COORDINATES_SOURCE, 0, 1, &s));
    require(at, feed_create(at->context, &s, c, 1, &f));
    real *rows = malloc((size_t)(BATCH * DIM) * sizeof *rows);
    for (f.flip = 0; f.flip < 2; f.flip++) {
        int count[3] = {0};
        feed_draw(&f, 0, 0, BATCH, rows);
        for (int i = 0; i < BATCH; i++) count[kind_of(pixels, rows + i * DIM)]++;
        assert_int_equal(count[0], 0);
        if (f.flip)
            assert_true(count[2] > 30 && count[2] < 70);
        else
            assert_int_equal(count[2], 0);
    }
    feed_destroy(&f);
    split_destroy(&s);
    coordinates_destroy(c);
    enot_samples_destroy(samples);
    free(rows);
    free(pixels);
}

typedef struct shown {
    const fixture *at;
    int64_t count;
    double change; /* of the last map */
} shown;

static void show(void *user, const enot_map *map) {
    shown *s = user;
    double points[DIM] = {0}, moved[DIM];
    s->count++;
    require(s->at, enot_map_apply(s->at->context, map, ENOT_FORWARD, points, 1, moved));
    s->change = 0;
    for (int i = 0; i < DIM; i++) s->change += moved[i] * moved[i];
}

static void snapshots_show_the_map_while_it_learns(void **state) {
    const fixture *at = *state;
    enot_fit_options options = image_options(7);
    shown s = {at, 0, 0};
    options.snapshot = show;
    options.snapshot_user = &s;
    enot_map_destroy(fit(at, &options, NULL));
    assert_int_equal(s.count, 7);
    assert_true(s.change > 0);
}

static void assert_fit_refused(const fixture *at, enot_samples *target, const enot_fit_options *options, enot_status status,
                               const char *message) {
    enot_samples *source = images_of(at, 0);
    enot_map *map;
    assert_int_equal(enot_fit(at->context, source, target, options, &map, NULL), status);
    assert_message(at, message, NULL);
    enot_samples_destroy(source);
}

static void what_images_have_no_use_for_is_refused(void **state) {
    const fixture *at = *state;
    static const int64_t hidden[] = {8};
    enot_fit_options each[8];
    static const char *const messages[8] = {"hidden", "activation", "form", "method", "optimizer", "bf16", "halved", "UNet's width"};
    for (int i = 0; i < 8; i++) each[i] = image_options(1);
    each[0].hidden = hidden;
    each[0].hidden_count = 1;
    each[1].activation = "elu";
    each[2].form = ENOT_FORM_POTENTIAL;
    each[3].method = ENOT_METHOD_MAXMIN;
    each[4].optimizer = ENOT_OPTIMIZER_SOAP;
    each[5].precision = ENOT_PRECISION_BF16;
    each[6].unet_depth = 4;
    each[7].unet_width = 0;
    enot_samples *target = images_of(at, 1);
    for (int i = 0; i < 8; i++) assert_fit_refused(at, target, &each[i], ENOT_ERR_ARGUMENT, messages[i]);
    enot_samples_destroy(target);
}

static void sides_that_do_not_fit_together_are_refused(void **state) {
    const fixture *at = *state;
    enot_fit_options options = image_options(1);
    double *rows = calloc(COUNT * DIM, sizeof *rows);
    for (int i = 0; i < COUNT; i++) rows[i * DIM] = i;
    enot_samples *table = samples_of(at, rows, COUNT, DIM), *grey;
    float *pixels = squares(0, 4, COUNT);
    require(at, enot_samples_from_images(at->context, pixels, COUNT, SIDE, SIDE * CHANNELS, 1, &grey));
    assert_fit_refused(at, table, &options, ENOT_ERR_DATA, "table");
    assert_fit_refused(at, grey, &options, ENOT_ERR_DATA, "8 x 24");

    enot_map *map = fit(at, &options, NULL);
    enot_samples *source = images_of(at, 0);
    enot_report report;
    assert_int_equal(enot_evaluate(at->context, map, source, table, NULL, &report), ENOT_ERR_DATA);
    assert_int_equal(enot_evaluate(at->context, map, grey, source, NULL, &report), ENOT_ERR_DATA);
    enot_map_destroy(map);
    enot_samples_destroy(source);
    enot_samples_destroy(table);
    enot_samples_destroy(grey);
    free(pixels);
    free(rows);
}

static void pixels_out_of_range_are_refused(void **state) {
    const fixture *at = *state;
    float *pixels = squares(0, 4, 2);
    enot_samples *samples;
    pixels[DIM + 5] = 1.5f;
    assert_int_equal(enot_samples_from_images(at->context, pixels, 2, SIDE, SIDE, CHANNELS, &samples), ENOT_ERR_DATA);
    assert_message(at, "image 2", NULL);
    assert_int_equal(enot_samples_from_images(at->context, pixels, 2, SIDE, SIDE / 2, 6, &samples), ENOT_ERR_ARGUMENT);
    free(pixels);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(learns_to_brighten),
        cmocka_unit_test(no_steps_leave_images_as_they_are),
        cmocka_unit_test(any_number_of_threads_gives_the_same_file),
        cmocka_unit_test(an_interrupted_fit_goes_on_to_the_same_file),
        cmocka_unit_test(a_loaded_map_is_the_saved_one),
        cmocka_unit_test(sizes_that_contradict_the_tensors_are_refused),
        cmocka_unit_test(damaged_files_never_harm),
        cmocka_unit_test(flip_mirrors_half_of_the_images),
        cmocka_unit_test(snapshots_show_the_map_while_it_learns),
        cmocka_unit_test(what_images_have_no_use_for_is_refused),
        cmocka_unit_test(sides_that_do_not_fit_together_are_refused),
        cmocka_unit_test(pixels_out_of_range_are_refused),
    };
    return cmocka_run_group_tests(tests, fixture_create, fixture_destroy);
}
