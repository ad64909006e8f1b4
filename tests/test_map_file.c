/* Map files: what is saved is what is loaded, and no damaged or hostile file is taken for a map. */
#include "files/safetensors.h"
#include "fits.h"

enum { MOST = 64 };

/* A small map's file, taken apart; its texts and tensors may be replaced before it is put together again. */
typedef struct parts {
    safetensors_file *file;
    safetensor tensors[MOST];
    size_t tensor_count;
    safetensors_pair pairs[MOST];
    size_t pair_count;
} parts;

static const char *const REQUIRED[] = {"format", "format_version", "form", "cost", "scale", "dim", "activation", "hidden", "unit",
                                       "gaussian", "seed", "validation", "steps", "smoothing", "source_fingerprint",
                                       "target_fingerprint"};
static const char *const OPTIONAL[] = {"enot_version", "options", "report"};
static const char *const LATER[] = {"reverse", "ridge"}; /* files of older versions lack them */
enum { REQUIRED_COUNT = sizeof REQUIRED / sizeof *REQUIRED, OPTIONAL_COUNT = sizeof OPTIONAL / sizeof *OPTIONAL,
       LATER_COUNT = sizeof LATER / sizeof *LATER, INFORMING_END = REQUIRED_COUNT + OPTIONAL_COUNT };

static enot_map *fit_both(const fixture *at, enot_form form, const char *cost, int reverse) {
    enot_samples *source = gaussian_samples(at, 0, 200, 1, 0), *target = gaussian_samples(at, 1, 200, 1, 0);
    static const int64_t hidden[] = {6, 4};
    enot_fit_options options = quick_options(60);
    options.hidden = hidden;
    options.form = form;
    options.cost = cost;
    options.smoothing = .05;
    options.reverse = reverse;
    enot_map *map;
    require(at, enot_fit(at->context, source, target, &options, &map, NULL));
    enot_samples_destroy(source);
    enot_samples_destroy(target);
    return map;
}

static enot_map *fit(const fixture *at, enot_form form, const char *cost) { return fit_both(at, form, cost, 0); }

/* With everything that a map can have: a cost by a matrix, a pair of networks for the way back. */
static enot_map *fit_whole(const fixture *at) {
    char matrix[PATH_CAPACITY], cost[PATH_CAPACITY + 40];
    path_in(at, "matrix.csv", matrix);
    snprintf(cost, sizeof cost, "mahalanobis:matrix=%s", matrix);
    write_bytes(matrix, "1,0,0\n0,2,0\n0,0,3\n", 18);
    return fit_both(at, ENOT_FORM_VECTOR_FIELD, cost, 1);
}

static void save_map(const fixture *at, int whole, char path[PATH_CAPACITY]) {
    path_in(at, "good", path);
    enot_map *map = whole ? fit_whole(at) : fit(at, ENOT_FORM_DOT_PRODUCT, NULL);
    require(at, enot_map_save(at->context, map, path));
    enot_map_destroy(map);
}

static void open_parts_of(const fixture *at, int whole, parts *p) {
    char path[PATH_CAPACITY];
    save_map(at, whole, path);
    *p = (parts){0};
    require(at, safetensors_open(at->context, path, &p->file));
    p->tensor_count = safetensors_count(p->file);
    assert_true(p->tensor_count <= MOST);
    for (size_t i = 0; i < p->tensor_count; i++) p->tensors[i] = *safetensors_at(p->file, i);
    for (int i = 0; i < INFORMING_END + LATER_COUNT; i++) {
        const char *key = i < REQUIRED_COUNT ? REQUIRED[i] : i < INFORMING_END ? OPTIONAL[i - REQUIRED_COUNT] : LATER[i - INFORMING_END];
        const char *value = safetensors_metadata(p->file, key);
        assert_non_null(value);
        p->pairs[p->pair_count++] = (safetensors_pair){key, value};
    }
}

static void open_parts(const fixture *at, parts *p) { open_parts_of(at, 0, p); }

/* Puts the parts together and loads them. */
static enot_status load_parts(const fixture *at, const parts *p, enot_map **map) {
    char path[PATH_CAPACITY];
    path_in(at, "changed", path);
    require(at, safetensors_write(at->context, path, p->tensors, p->tensor_count, p->pairs, p->pair_count));
    *map = NULL;
    return enot_map_load(at->context, path, map);
}

static void assert_refused(const fixture *at, const parts *p, enot_status status, const char *name) {
    enot_map *map;
    assert_int_equal(load_parts(at, p, &map), status);
    assert_null(map);
    assert_message(at, "changed", name, NULL);
}

/* A map from a file nobody vouches for must at least be safe to use. */
static void use(const fixture *at, enot_map *map) {
    double points[4 * GAUSSIAN_DIM] = {1, 2, 3, -1e6, 0, 1e6}, moved[4 * GAUSSIAN_DIM], values[4];
    char *json;
    if (enot_map_dim(map) == GAUSSIAN_DIM) {
        enot_map_apply(at->context, map, ENOT_FORWARD, points, 4, moved);
        enot_map_apply(at->context, map, ENOT_INVERSE, points, 4, moved);
        enot_map_potential(at->context, map, ENOT_FORWARD, points, 4, values);
        enot_map_potential(at->context, map, ENOT_INVERSE, points, 4, values);
    }
    if (enot_map_describe(at->context, map, &json) == ENOT_OK) enot_text_free(json);
    enot_map_destroy(map);
}

static void a_loaded_map_moves_points_to_the_same_bits(void **state) {
    const fixture *at = *state;
    static const struct {
        enot_form form;
        const char *cost;
    } cases[] = {{ENOT_FORM_DOT_PRODUCT, NULL}, {ENOT_FORM_POTENTIAL, "elastic_l1:rho=2,lam=.3"},
                 {ENOT_FORM_POTENTIAL, "pnorm:p=1.7"}, {ENOT_FORM_VECTOR_FIELD, "cosine"},
                 {ENOT_FORM_POTENTIAL, "mean_squared:absolute=.3"}, {ENOT_FORM_VECTOR_FIELD, "projected:rank=2,seed=9007199254740991"}};
    enum { COUNT = 50, NUMBERS = COUNT * GAUSSIAN_DIM };
    double *x = gaussian_rows(0, 8, COUNT, 1, 0), moved[2][NUMBERS], values[2][COUNT];
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        char path[PATH_CAPACITY];
        path_in(at, "map", path);
        enot_map *maps[2] = {fit(at, cases[k].form, cases[k].cost), NULL};
        require(at, enot_map_save(at->context, maps[0], path));
        require(at, enot_map_load(at->context, path, &maps[1]));
        for (int direction = ENOT_FORWARD; direction <= ENOT_INVERSE; direction++) {
            for (int i = 0; i < 2; i++) {
                memset(moved[i], 0, sizeof moved[i]);
                enot_status status = enot_map_apply(at->context, maps[i], (enot_direction)direction, x, COUNT, moved[i]);
                int possible = direction == ENOT_FORWARD || cases[k].form != ENOT_FORM_VECTOR_FIELD;
                assert_int_equal(status, possible ? ENOT_OK : ENOT_ERR_ARGUMENT);
                require(at, enot_map_potential(at->context, maps[i], (enot_direction)direction, x, COUNT, values[i]));
            }
            assert_memory_equal(moved[0], moved[1], sizeof moved[0]);
            assert_memory_equal(values[0], values[1], sizeof values[0]);
        }
        assert_same_map(at, maps[0], maps[1]);
        enot_map_destroy(maps[0]);
        enot_map_destroy(maps[1]);
    }
    free(x);
}

static void an_untouched_map_loads(void **state) {
    const fixture *at = *state;
    enot_map *map;
    parts p;
    open_parts(at, &p);
    require(at, load_parts(at, &p, &map));
    use(at, map);
    safetensors_close(p.file);
}

static void metadata_that_is_missing_or_garbled_is_named(void **state) {
    const fixture *at = *state;
    static const char *const garbage[] = {"", "garbage", "-1", "1.5e999", "nan", "\xc3\xa9", "{}", "0x", "1 2"};
    parts p;
    open_parts(at, &p);
    for (size_t i = 0; i < REQUIRED_COUNT; i++) {
        safetensors_pair kept = p.pairs[i];
        const char *name = strcmp(kept.key, "format") == 0 ? "not a map" : kept.key;
        for (size_t g = 0; g < sizeof garbage / sizeof *garbage; g++) {
            p.pairs[i].value = garbage[g];
            assert_refused(at, &p, ENOT_ERR_FORMAT, name);
        }
        p.pairs[i] = p.pairs[p.pair_count - 1];
        p.pair_count--;
        assert_refused(at, &p, ENOT_ERR_FORMAT, name);
        p.pair_count++;
        p.pairs[i] = kept;
    }
    safetensors_close(p.file);
}

static void records_that_only_inform_may_be_anything(void **state) {
    const fixture *at = *state;
    static const char *const garbage[] = {"", "{", "[1,2]", "null", "{\"a\":\"\\u0000\"}"};
    parts p;
    open_parts(at, &p);
    for (size_t i = REQUIRED_COUNT; i < INFORMING_END; i++) {
        const char *kept = p.pairs[i].value;
        for (size_t g = 0; g < sizeof garbage / sizeof *garbage; g++) {
            enot_map *map;
            p.pairs[i].value = garbage[g];
            require(at, load_parts(at, &p, &map));
            use(at, map);
        }
        p.pairs[i].value = kept;
    }
    safetensors_close(p.file);
}

static void metadata_that_contradicts_the_rest_is_refused(void **state) {
    const fixture *at = *state;
    static const struct {
        const char *key, *value;
    } wrong[] = {{"dim", "2"},          {"dim", "4"},           {"dim", "3.5"},          {"dim", "65536"},
                 {"dim", "1e18"},       {"hidden", "6"},        {"hidden", "6,4,4"},     {"hidden", "4,6"},
                 {"hidden", "6,4,"},    {"hidden", "6,,4"},     {"hidden", "0,4"},       {"hidden", "65536,65536"},
                 {"form", "potential2"}, {"form", "vector_field"}, {"cost", "pnorm:p=1"}, {"cost", "pnorm:p=3"},
                 {"cost", "euclidean"}, {"unit", "0"},          {"gaussian", "2"},       {"validation", ".6"},
                 {"activation", "ELU"}, {"scale", "Global"},    {"steps", "18446744073709551615"},
                 {"seed", "18446744073709551616"}, {"source_fingerprint", "10000000000000000"}};
    parts p;
    open_parts(at, &p);
    for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++)
        for (size_t i = 0; i < REQUIRED_COUNT; i++) {
            if (strcmp(p.pairs[i].key, wrong[k].key) != 0) continue;
            const char *kept = p.pairs[i].value;
            enot_map *map;
            p.pairs[i].value = wrong[k].value;
            enot_status status = load_parts(at, &p, &map);
            if (status != ENOT_ERR_FORMAT) fail_msg("%s = %s: %s", wrong[k].key, wrong[k].value, enot_status_name(status));
            p.pairs[i].value = kept;
        }
    safetensors_close(p.file);
}

static void a_newer_version_is_told_apart(void **state) {
    const fixture *at = *state;
    parts p;
    open_parts(at, &p);
    for (size_t i = 0; i < p.pair_count; i++) {
        if (strcmp(p.pairs[i].key, "format_version") == 0) p.pairs[i].value = "3";
        if (strcmp(p.pairs[i].key, "enot_version") == 0) p.pairs[i].value = "9.8.7";
    }
    assert_refused(at, &p, ENOT_ERR_VERSION, "9.8.7");
    safetensors_close(p.file);
}

static void assert_tensors_are_checked(const fixture *at, int whole) {
    parts p;
    open_parts_of(at, whole, &p);
    for (size_t i = 0; i < p.tensor_count; i++) {
        safetensor kept = p.tensors[i], *t = &p.tensors[i];
        t->name = "elsewhere";
        assert_refused(at, &p, ENOT_ERR_FORMAT, kept.name);
        *t = kept;
        t->shape[0]--; /* one row less */
        assert_refused(at, &p, ENOT_ERR_FORMAT, kept.name);
        *t = kept;
        if (t->rank == 2) {
            t->shape[1]--; /* one column less */
            assert_refused(at, &p, ENOT_ERR_FORMAT, kept.name);
            *t = kept;
        }
        t->shape[t->rank++] = 1; /* one axis more */
        assert_refused(at, &p, ENOT_ERR_FORMAT, kept.name);
        *t = kept;
        if (t->rank == 2 && t->shape[0] != t->shape[1]) {
            t->shape[0] = kept.shape[1]; /* transposed */
            t->shape[1] = kept.shape[0];
            assert_refused(at, &p, ENOT_ERR_FORMAT, kept.name);
            *t = kept;
        }
    }
    safetensors_close(p.file);
}

static void tensors_that_are_missing_or_of_another_shape_are_named(void **state) {
    for (int whole = 0; whole < 2; whole++) assert_tensors_are_checked(*state, whole);
}

static void values_that_are_not_finite_are_refused(void **state) {
    const fixture *at = *state;
    parts p;
    open_parts(at, &p);
    for (size_t i = 0; i < p.tensor_count; i++) {
        safetensor kept = p.tensors[i];
        int64_t count = safetensor_elements(&kept);
        double *values = malloc((size_t)count * sizeof *values);
        p.tensors[i].dtype = ELEMENT_F64;
        p.tensors[i].bytes = values;
        const double wrong[] = {NAN, INFINITY, -INFINITY, 1e200};
        for (int k = 0; k < (kept.dtype == ELEMENT_F32 ? 4 : 3); k++) { /* 1e200 is no float */
            safetensor_to_double(&kept, 0, count, values);
            values[count - 1] = wrong[k];
            assert_refused(at, &p, ENOT_ERR_FORMAT, kept.name);
        }
        p.tensors[i] = kept;
        free(values);
    }
    safetensors_close(p.file);
}

static void a_truncated_file_is_refused_at_every_length(void **state) {
    const fixture *at = *state;
    char path[PATH_CAPACITY];
    size_t size;
    save_map(at, 1, path);
    char *bytes = read_bytes(path, &size);
    for (size_t length = 0; length < size; length += length < 3000 ? 7 : 101) {
        enot_map *map = NULL;
        write_bytes(path, bytes, length);
        assert_int_not_equal(enot_map_load(at->context, path, &map), ENOT_OK);
        assert_null(map);
        assert_message(at, path, NULL);
    }
    free(bytes);
}

static void a_file_with_changed_bytes_never_harms(void **state) {
    const fixture *at = *state;
    char path[PATH_CAPACITY];
    size_t size;
    save_map(at, 1, path);
    char *bytes = read_bytes(path, &size);
    for (int i = 0; i < 2000; i++) {
        random_row row = random_row_start(1, RANDOM_STREAM_EVALUATE, (uint64_t)i);
        size_t place = (size_t)random_below(&row, i % 4 ? 3000 : (int64_t)size); /* mostly in the header */
        char kept = bytes[place];
        enot_map *map;
        bytes[place] = (char)random_bits(&row);
        write_bytes(path, bytes, size);
        if (enot_map_load(at->context, path, &map) == ENOT_OK) use(at, map);
        bytes[place] = kept;
    }
    free(bytes);
}

static void a_save_that_fails_leaves_nothing(void **state) {
    const fixture *at = *state;
    char path[PATH_CAPACITY];
    path_in(at, "no/such/directory", path);
    enot_map *map = fit(at, ENOT_FORM_DOT_PRODUCT, NULL);
    assert_int_equal(enot_map_save(at->context, map, path), ENOT_ERR_IO);
    assert_message(at, path, NULL);
    assert_int_equal(count_files(at), 0);
    enot_map_destroy(map);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, fixture_create, fixture_destroy)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_loaded_map_moves_points_to_the_same_bits),
        TEST(an_untouched_map_loads),
        TEST(metadata_that_is_missing_or_garbled_is_named),
        TEST(records_that_only_inform_may_be_anything),
        TEST(metadata_that_contradicts_the_rest_is_refused),
        TEST(a_newer_version_is_told_apart),
        TEST(tensors_that_are_missing_or_of_another_shape_are_named),
        TEST(values_that_are_not_finite_are_refused),
        TEST(a_truncated_file_is_refused_at_every_length),
        TEST(a_file_with_changed_bytes_never_harms),
        TEST(a_save_that_fails_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
