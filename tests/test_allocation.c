/*
 * What the library does when memory runs out: every call is repeated with its first, second, ... allocation refused, and must
 * say so by its status and message, hand out nothing, leave nothing half-written and nothing allocated (the sanitizers look).
 * The linker puts __wrap_calloc and __wrap_realloc in the place of calloc and realloc, through which all of the library's own
 * memory comes.
 */
#define _GNU_SOURCE
#include <stdatomic.h>

#include "fits.h"

enum { COUNT = 60, SIDE = 8, PIXELS = SIDE * SIDE };

static atomic_llong granted = -1; /* allocations before one is refused; -1: none is */
static atomic_int refused;

void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);

static int refuses(void) {
    if (atomic_load(&granted) < 0) return 0;
    if (atomic_fetch_sub(&granted, 1) > 0) return 0;
    atomic_store(&granted, -1);
    atomic_store(&refused, 1);
    return 1;
}

void *__wrap_calloc(size_t count, size_t size) { return refuses() ? NULL : __real_calloc(count, size); }
void *__wrap_realloc(void *memory, size_t size) { return refuses() ? NULL : __real_realloc(memory, size); }

/* Made beforehand, with memory enough. */
typedef struct subject {
    const fixture *at;
    enot_samples *source, *target;
    enot_map *map;
    const enot_fit_options *options;
} subject;

typedef enot_status attempt(const subject *s);

/* The attempt with each every-th of its allocations refused once, until none is left to refuse. Returns where that was. */
static int64_t refuse_every(const subject *s, int64_t every, attempt *try) {
    if (try(s) != ENOT_OK) fail_msg("with memory enough: %s", enot_context_message(s->at->context)); /* the threads are there then */
    for (int64_t n = 0;; n += every) {
        int files = count_files(s->at);
        atomic_store(&refused, 0);
        atomic_store(&granted, n);
        enot_status status = try(s);
        atomic_store(&granted, -1);
        if (!atomic_load(&refused)) return n;
        if (status != ENOT_ERR_MEMORY || !strstr(enot_context_message(s->at->context), "out of memory"))
            fail_msg("allocation %d refused: %s, \"%s\"", (int)n, enot_status_name(status), enot_context_message(s->at->context));
        if (count_files(s->at) != files) fail_msg("allocation %d refused: a file was left", (int)n);
    }
}

static int64_t refuse_each(const subject *s, attempt *try) { return refuse_every(s, 1, try); }

static enot_status fit(const subject *s) {
    enot_map *map = NULL;
    enot_report report = ENOT_REPORT_INIT;
    enot_status status = enot_fit(s->at->context, s->source, s->target, s->options, &map, &report);
    if (status != ENOT_OK) assert_null(map);
    enot_map_destroy(map);
    return status;
}

static enot_fit_options tiny_options(void) {
    static const int64_t hidden[] = {6, 5};
    enot_fit_options options = ENOT_FIT_OPTIONS_INIT;
    options.hidden = hidden;
    options.hidden_count = 2;
    options.batch = 8;
    options.steps = 2;
    return options;
}

static subject tables(const fixture *at, const enot_fit_options *options) {
    return (subject){at, gaussian_samples(at, 0, COUNT, 1, 0), gaussian_samples(at, 1, COUNT, 1, 0), NULL, options};
}

static void end(subject *s) {
    enot_samples_destroy(s->source);
    enot_samples_destroy(s->target);
    enot_map_destroy(s->map);
}

static void refuse_each_of_fit(const fixture *at, const enot_fit_options *options) {
    subject s = tables(at, options);
    assert_true(refuse_each(&s, fit) > 20);
    end(&s);
}

static void fits_by_each_optimizer(void **state) {
    for (int kind = ENOT_OPTIMIZER_ADAM; kind <= ENOT_OPTIMIZER_MUON; kind++) {
        enot_fit_options options = tiny_options();
        options.optimizer = (enot_optimizer)kind;
        refuse_each_of_fit(*state, &options);
    }
}

static void fits_by_each_method(void **state) {
    for (int kind = ENOT_METHOD_ENOT + 1; kind <= ENOT_METHOD_W2OT; kind++) {
        enot_fit_options options = tiny_options();
        options.method = (enot_method)kind;
        refuse_each_of_fit(*state, &options);
    }
}

static void fits_of_vector_fields_both_ways(void **state) {
    enot_fit_options options = tiny_options();
    options.cost = "euclidean";
    options.reverse = 1;
    options.candidates = 8;
    refuse_each_of_fit(*state, &options);
}

static void fits_in_bf16(void **state) {
    static const int64_t hidden[] = {32, 32};
    enot_fit_options options = tiny_options();
    options.hidden = hidden;
    options.precision = ENOT_PRECISION_BF16;
    refuse_each_of_fit(*state, &options);
}

static void fits_to_a_checkpoint(void **state) {
    const fixture *at = *state;
    char path[PATH_CAPACITY];
    enot_fit_options options = tiny_options();
    path_in(at, "fit.checkpoint", path);
    options.checkpoint = path;
    options.checkpoint_seconds = 1e-9;
    subject s = tables(at, &options);
    require(at, fit(&s)); /* so that the file is there from the beginning */
    refuse_each(&s, fit);
    remove(path);
    end(&s);
}

static void fits_of_measures(void **state) {
    const fixture *at = *state;
    enot_fit_options options = tiny_options();
    options.smoothing = 0;
    options.batch = ENOT_AUTO; /* batches that grow, calibrated ones then */
    options.steps = 7;
    subject s = {at, measure_samples(at, "measure:moons"), measure_samples(at, "measure:s_curve"), NULL, &options};
    refuse_every(&s, 37, fit); /* judging takes long between measures */
    end(&s);
}

static enot_samples *images(const fixture *at, uint64_t seed) {
    float pixels[COUNT * PIXELS];
    enot_samples *samples;
    random_row row = random_row_start(seed, RANDOM_STREAM_MEASURE, 0);
    for (int i = 0; i < COUNT * PIXELS; i++) pixels[i] = (float)(random_uniform(&row) * 2 - 1);
    require(at, enot_samples_from_images(at->context, pixels, COUNT, SIDE, SIDE, 1, &samples));
    return samples;
}

static void fits_of_images(void **state) {
    const fixture *at = *state;
    enot_fit_options options = ENOT_FIT_OPTIONS_INIT;
    options.unet_width = options.critic_filters = 4;
    options.unet_depth = options.critic_halvings = 1;
    options.batch = 4;
    options.steps = 1;
    subject s = {at, images(at, 1), images(at, 2), NULL, &options};
    refuse_every(&s, 23, fit); /* so does planning convolutions */
    end(&s);
}

/* ---- with a map ---- */

static enot_status apply(const subject *s) {
    double rows[4 * GAUSSIAN_DIM] = {0};
    enot_status status = enot_map_apply(s->at->context, s->map, ENOT_FORWARD, rows, 4, rows);
    return status != ENOT_OK ? status : enot_map_apply(s->at->context, s->map, ENOT_INVERSE, rows, 4, rows);
}

static enot_status read_potential(const subject *s) {
    double rows[4 * GAUSSIAN_DIM] = {0}, values[4];
    return enot_map_potential(s->at->context, s->map, ENOT_FORWARD, rows, 4, values);
}

static enot_status evaluate(const subject *s) {
    enot_report report = ENOT_REPORT_INIT;
    return enot_evaluate(s->at->context, s->map, s->source, s->target, NULL, &report);
}

static enot_status save_and_load(const subject *s) {
    char path[PATH_CAPACITY];
    enot_map *map = NULL;
    path_in(s->at, "map.safetensors", path);
    enot_status status = enot_map_save(s->at->context, s->map, path);
    if (status != ENOT_OK) return status;
    status = enot_map_load(s->at->context, path, &map);
    if (status != ENOT_OK) assert_null(map);
    enot_map_destroy(map);
    remove(path);
    return status;
}

static void uses_of_a_map(void **state) {
    static attempt *const attempts[] = {apply, read_potential, evaluate, save_and_load};
    const fixture *at = *state;
    enot_fit_options options = tiny_options();
    subject s = tables(at, &options);
    require(at, enot_fit(at->context, s.source, s.target, &options, &s.map, NULL));
    for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++) assert_true(refuse_each(&s, attempts[i]) > 0);
    end(&s);
}

/* ---- files ---- */

static const char *const FILES[] = {"rows.csv", "rows.npy", "rows.safetensors"};

static enot_status write_rows(const subject *s, const char *name) {
    double rows[3 * GAUSSIAN_DIM] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    char path[PATH_CAPACITY];
    enot_writer *writer = NULL;
    path_in(s->at, name, path);
    enot_status status = enot_writer_open(s->at->context, path, GAUSSIAN_DIM, NULL, &writer);
    if (status != ENOT_OK) return status;
    status = enot_writer_append(s->at->context, writer, rows, 3);
    if (status == ENOT_OK) return enot_writer_finish(s->at->context, writer);
    enot_writer_discard(writer);
    return status;
}

static enot_status write_files(const subject *s) {
    enot_status status = ENOT_OK;
    for (size_t i = 0; i < sizeof FILES / sizeof *FILES && status == ENOT_OK; i++) {
        char path[PATH_CAPACITY];
        status = write_rows(s, FILES[i]);
        path_in(s->at, FILES[i], path);
        if (status == ENOT_OK) remove(path);
    }
    return status;
}

static enot_status read_file(const subject *s, const char *name) {
    char path[PATH_CAPACITY];
    enot_samples *samples = NULL;
    path_in(s->at, name, path);
    enot_status status = enot_samples_open(s->at->context, path, NULL, &samples);
    if (status != ENOT_OK) assert_null(samples);
    enot_samples_destroy(samples);
    return status;
}

static enot_status read_files(const subject *s) {
    enot_status status = ENOT_OK;
    for (size_t i = 0; i < sizeof FILES / sizeof *FILES && status == ENOT_OK; i++) status = read_file(s, FILES[i]);
    return status;
}

static void files_of_every_format(void **state) {
    subject s = {.at = *state};
    assert_true(refuse_each(&s, write_files) > 0);
    for (size_t i = 0; i < sizeof FILES / sizeof *FILES; i++) require(s.at, write_rows(&s, FILES[i]));
    assert_true(refuse_each(&s, read_files) > 0);
}

/* One thread, whose pool is no allocation of a call and which does not wait for others. */
static int create(void **state) {
    fixture_create(state);
    return enot_context_set_threads(((fixture *)*state)->context, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fits_by_each_optimizer),
        cmocka_unit_test(fits_by_each_method),
        cmocka_unit_test(fits_of_vector_fields_both_ways),
        cmocka_unit_test(fits_in_bf16),
        cmocka_unit_test(fits_to_a_checkpoint),
        cmocka_unit_test(fits_of_measures),
        cmocka_unit_test(fits_of_images),
        cmocka_unit_test(uses_of_a_map),
        cmocka_unit_test(files_of_every_format),
    };
    return cmocka_run_group_tests(tests, create, fixture_destroy);
}
