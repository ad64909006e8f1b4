/* npy, safetensors and samples: what is written reads back, in every layout that the formats allow. */
#include "files.h"

#include <math.h>

#include "data/samples.h"
#include "files/element.h"
#include "files/safetensors.h"

/* An npy file of the given version with a header text and data. */
static size_t build_npy(int version, const char *header, const void *data, size_t data_size, uint8_t *file) {
    size_t text = strlen(header), width = version == 1 ? 2 : 4;
    memcpy(file, "\x93NUMPY", 6);
    file[6] = (uint8_t)version;
    file[7] = 0;
    for (size_t i = 0; i < width; i++) file[8 + i] = (uint8_t)(text >> (8 * i));
    memcpy(file + 8 + width, header, text);
    memcpy(file + 8 + width + text, data, data_size);
    return 8 + width + text + data_size;
}

static enot_samples *open_npy(fixture *at, int version, const char *header, const void *data, size_t data_size) {
    uint8_t file[1024];
    char path[PATH_CAPACITY];
    enot_samples *samples = NULL;
    path_in(at, "a.npy", path);
    write_bytes(path, file, build_npy(version, header, data, data_size, file));
    if (enot_samples_open(at->context, path, NULL, &samples) != ENOT_OK)
        fail_msg("%s: %s", header, enot_context_message(at->context));
    return samples;
}

static void assert_rows(const enot_samples *samples, int64_t count, int64_t dim, const double *rows) {
    assert_int_equal(samples->count, count);
    assert_int_equal(samples->dim, dim);
    for (int64_t i = 0; i < count * dim; i++) assert_true(samples->rows[i] == rows[i]);
}

static void npy_of_every_type_and_byte_order_is_read(void **state) {
    fixture *at = *state;
    static const struct {
        const char *descr;
        const char *data;
        size_t size;
    } cases[] = {
        {"<f8", "\0\0\0\0\0\0\xf0\x3f\0\0\0\0\0\0\0\x40", 16},
        {">f8", "\x3f\xf0\0\0\0\0\0\0\x40\0\0\0\0\0\0\0", 16},
        {"<f4", "\0\0\x80\x3f\0\0\0\x40", 8},
        {">f4", "\x3f\x80\0\0\x40\0\0\0", 8},
        {"<f2", "\0\x3c\0\x40", 4},
        {"|i1", "\1\2", 2},
        {"|u1", "\1\2", 2},
        {"<i2", "\1\0\2\0", 4},
        {">i2", "\0\1\0\2", 4},
        {"<u2", "\1\0\2\0", 4},
        {"<i4", "\1\0\0\0\2\0\0\0", 8},
        {">u4", "\0\0\0\1\0\0\0\2", 8},
        {"<i8", "\1\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0", 16},
        {">u8", "\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\2", 16},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char header[128];
        snprintf(header, sizeof header, "{'descr': '%s', 'fortran_order': False, 'shape': (2, 1), }\n", cases[i].descr);
        enot_samples *samples = open_npy(at, 1 + (int)(i % 3), header, cases[i].data, cases[i].size);
        assert_rows(samples, 2, 1, (double[]){1, 2});
        enot_samples_destroy(samples);
    }
}

static void npy_layouts_and_header_spellings_are_read(void **state) {
    fixture *at = *state;
    static const int16_t data[] = {1, 2, 3, 4, 5, 6};
    static const char *const row_major[] = {"{'descr': '<i2', 'fortran_order': False, 'shape': (3, 2), }   \n",
                                            "{'shape':(3,2),'fortran_order':False,'descr':'<i2'}",
                                            "{\"descr\": \"<i2\", \"fortran_order\": False, \"shape\": (3L, 2L,)}\n"};
    for (size_t i = 0; i < sizeof row_major / sizeof *row_major; i++) {
        enot_samples *samples = open_npy(at, 1, row_major[i], data, sizeof data);
        assert_rows(samples, 3, 2, (double[]){1, 2, 3, 4, 5, 6});
        enot_samples_destroy(samples);
    }
    enot_samples *samples =
        open_npy(at, 2, "{'descr': '<i2', 'fortran_order': True, 'shape': (3, 2), }", data, sizeof data);
    assert_rows(samples, 3, 2, (double[]){1, 4, 2, 5, 3, 6});
    enot_samples_destroy(samples);
    samples = open_npy(at, 3, "{'descr': '<i2', 'fortran_order': False, 'shape': (6,), }", data, sizeof data);
    assert_rows(samples, 6, 1, (double[]){1, 2, 3, 4, 5, 6});
    enot_samples_destroy(samples);
}

static void npy_arrays_of_more_axes_are_rows_that_know_their_shape(void **state) {
    fixture *at = *state;
    static const uint8_t data[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    char path[PATH_CAPACITY];
    enot_reader *reader;
    int64_t extents[ENOT_AXES_MOST], count;
    double rows[12];
    enot_samples_destroy(
        open_npy(at, 1, "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3, 1, 2), }", data, sizeof data));
    path_in(at, "a.npy", path);
    assert_int_equal(enot_reader_open(at->context, path, NULL, &reader), ENOT_OK);
    assert_string_equal(enot_reader_type(reader), "uint8");
    assert_int_equal(enot_reader_dim(reader), 6);
    assert_int_equal(enot_reader_shape(reader, extents), 3);
    assert_true(extents[0] == 3 && extents[1] == 1 && extents[2] == 2);
    assert_int_equal(enot_reader_next(at->context, reader, 2, rows, &count), ENOT_OK);
    assert_int_equal(count, 2);
    for (int i = 0; i < 12; i++) assert_true(rows[i] == data[i]);
    enot_reader_close(reader);
    assert_int_equal(enot_reader_open(at->context, "measure:moons", NULL, &reader), ENOT_OK);
    assert_string_equal(enot_reader_type(reader), "");
    assert_int_equal(enot_reader_shape(reader, extents), 1);
    assert_int_equal(extents[0], 2);
    enot_reader_close(reader);
}

static void chosen_columns_of_an_array_are_read_in_the_order_of_the_choice(void **state) {
    fixture *at = *state;
    static const double data[] = {1, 2, 3, 4, 5, 6};
    char path[PATH_CAPACITY];
    enot_samples *samples =
        open_npy(at, 1, "{'descr': '<f8', 'fortran_order': True, 'shape': (2, 3), }", data, sizeof data);
    enot_samples_destroy(samples);
    path_in(at, "a.npy", path);
    enot_read_options options = ENOT_READ_OPTIONS_INIT;
    options.columns = "3,1";
    assert_int_equal(enot_samples_open(at->context, path, &options, &samples), ENOT_OK);
    assert_rows(samples, 2, 2, (double[]){5, 1, 6, 2});
    enot_samples_destroy(samples);
    options.columns = "4";
    assert_int_equal(enot_samples_open(at->context, path, &options, &samples), ENOT_ERR_ARGUMENT);
    assert_message(at, "no column 4", "1 to 3", NULL);
}

/* Of a table that several threads read, the first such value. */
static void a_value_that_is_not_finite_is_named(void **state) {
    fixture *at = *state;
    static const char *const names[] = {"bad.npy", "bad.safetensors"};
    double rows[2000][2] = {{0}};
    rows[1][0] = 1;
    rows[776][1] = NAN;
    rows[1999][0] = INFINITY;
    assert_int_equal(enot_context_set_threads(at->context, 3), ENOT_OK);
    for (size_t i = 0; i < 2; i++) {
        char path[PATH_CAPACITY];
        enot_writer *writer;
        enot_samples *samples;
        path_in(at, names[i], path);
        assert_int_equal(enot_writer_open(at->context, path, 2, NULL, &writer), ENOT_OK);
        assert_int_equal(enot_writer_append(at->context, writer, rows[0], 2000), ENOT_OK);
        assert_int_equal(enot_writer_finish(at->context, writer), ENOT_OK);
        assert_int_equal(enot_samples_open(at->context, path, NULL, &samples), ENOT_ERR_DATA);
        assert_message(at, names[i], "row 777, column 2", "NaN", NULL);
    }
    enot_samples *samples;
    assert_int_equal(enot_samples_from_rows(at->context, rows[0], 2000, 2, &samples), ENOT_ERR_DATA);
    assert_message(at, "row 777, column 2", NULL);
}

static void written_tables_of_every_format_hold_the_same_rows(void **state) {
    fixture *at = *state;
    static const char *const names[] = {"t.npy", "t.safetensors", "t.csv", "t.NPY"};
    enum { ROWS = 5000, DIM = 3 };
    double *rows = malloc(sizeof *rows * ROWS * DIM);
    for (int i = 0; i < ROWS * DIM; i++) rows[i] = sin(i) * exp(i % 40 - 20);
    uint64_t mark = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[PATH_CAPACITY];
        enot_writer *writer;
        enot_samples *samples;
        path_in(at, names[i], path);
        assert_int_equal(enot_writer_open(at->context, path, DIM, NULL, &writer), ENOT_OK);
        assert_int_equal(enot_writer_append(at->context, writer, rows, 1), ENOT_OK);
        assert_int_equal(enot_writer_append(at->context, writer, NULL, 0), ENOT_OK);
        assert_int_equal(enot_writer_append(at->context, writer, rows + DIM, ROWS - 1), ENOT_OK);
        assert_int_equal(enot_writer_finish(at->context, writer), ENOT_OK);
        assert_int_equal(enot_samples_open(at->context, path, NULL, &samples), ENOT_OK);
        assert_rows(samples, ROWS, DIM, rows);
        if (i > 0) assert_true(samples->fingerprint == mark);
        mark = samples->fingerprint;
        enot_samples_destroy(samples);
    }
    enot_samples *changed;
    rows[ROWS * DIM - 1] = nextafter(rows[ROWS * DIM - 1], 1);
    assert_int_equal(enot_samples_from_rows(at->context, rows, ROWS, DIM, &changed), ENOT_OK);
    assert_true(changed->fingerprint != mark);
    enot_samples_destroy(changed);
    free(rows);
}

static void a_format_is_recognised_without_the_ending(void **state) {
    fixture *at = *state;
    static const char *const names[] = {"u.npy", "u.safetensors", "u.csv"};
    double rows[] = {1, 2, 3, 4};
    for (size_t i = 0; i < 3; i++) {
        char path[PATH_CAPACITY], bare[PATH_CAPACITY];
        enot_writer *writer;
        enot_samples *samples;
        path_in(at, names[i], path);
        path_in(at, "bare.dat", bare);
        assert_int_equal(enot_writer_open(at->context, path, 2, NULL, &writer), ENOT_OK);
        assert_int_equal(enot_writer_append(at->context, writer, rows, 2), ENOT_OK);
        assert_int_equal(enot_writer_finish(at->context, writer), ENOT_OK);
        assert_int_equal(rename(path, bare), 0);
        assert_int_equal(enot_samples_open(at->context, bare, NULL, &samples), ENOT_OK);
        assert_rows(samples, 2, 2, rows);
        enot_samples_destroy(samples);
    }
}

static void safetensors_come_back_as_they_were_written(void **state) {
    fixture *at = *state;
    char path[PATH_CAPACITY], again[PATH_CAPACITY];
    path_in(at, "w.safetensors", path);
    path_in(at, "w2.safetensors", again);
    uint8_t flags[] = {1, 0, 1};
    float weights[] = {1, -2.5f, 3, 4, 5, 6};
    double scale = .1;
    safetensor tensors[] = {
        {.name = "flags", .dtype = ELEMENT_BOOL, .rank = 1, .shape = {3}, .bytes = flags},
        {.name = "net.0.weight", .dtype = ELEMENT_F32, .rank = 2, .shape = {2, 3}, .bytes = weights},
        {.name = "scale", .dtype = ELEMENT_F64, .rank = 0, .bytes = &scale},
        {.name = "none", .dtype = ELEMENT_I64, .rank = 2, .shape = {0, 4}, .bytes = ""}};
    safetensors_pair pairs[] = {{"zeta", "1"}, {"alpha", "caf\xc3\xa9 \"quoted\""}};
    assert_int_equal(safetensors_write(at->context, path, tensors, 4, pairs, 2), ENOT_OK);
    assert_int_equal(safetensors_write(at->context, again, tensors, 4, pairs, 2), ENOT_OK);
    size_t size, again_size;
    char *bytes = read_bytes(path, &size), *again_bytes = read_bytes(again, &again_size);
    assert_int_equal(size, again_size);
    assert_memory_equal(bytes, again_bytes, size);
    assert_int_equal((unsigned char)bytes[0] % 8, 0);
    assert_true(strstr(bytes + 8, "zeta") < strstr(bytes + 8, "alpha"));
    free(bytes);
    free(again_bytes);
    safetensors_file *file;
    assert_int_equal(safetensors_open(at->context, path, &file), ENOT_OK);
    assert_int_equal(safetensors_count(file), 4);
    assert_string_equal(safetensors_at(file, 1)->name, "net.0.weight");
    assert_string_equal(safetensors_metadata(file, "alpha"), "caf\xc3\xa9 \"quoted\"");
    assert_null(safetensors_metadata(file, "beta"));
    assert_null(safetensors_find(file, "beta"));
    for (size_t i = 0; i < 4; i++) {
        const safetensor *tensor = safetensors_find(file, tensors[i].name);
        assert_int_equal(tensor->dtype, tensors[i].dtype);
        assert_int_equal(tensor->rank, tensors[i].rank);
        assert_int_equal((uintptr_t)tensor->bytes % element_size(tensor->dtype), 0);
        assert_memory_equal(tensor->bytes, tensors[i].bytes, tensor->size);
    }
    double values[2];
    safetensor_to_double(safetensors_find(file, "net.0.weight"), 1, 2, values);
    assert_true(values[0] == -2.5 && values[1] == 3);
    safetensors_close(file);
    safetensors_close(NULL);
    safetensor bad = {.name = "bad \xff name", .dtype = ELEMENT_F64, .rank = 0, .bytes = &scale};
    assert_int_equal(safetensors_write(at->context, again, &bad, 1, NULL, 0), ENOT_ERR_ARGUMENT);
}

static void the_tensor_of_a_table_is_chosen_by_its_key(void **state) {
    fixture *at = *state;
    char path[PATH_CAPACITY];
    path_in(at, "k.safetensors", path);
    float a[] = {1, 2, 3, 4}, b[] = {5, 6, 7, 8};
    safetensor tensors[] = {{.name = "source", .dtype = ELEMENT_F32, .rank = 2, .shape = {2, 2}, .bytes = a},
                            {.name = "target", .dtype = ELEMENT_F32, .rank = 1, .shape = {4}, .bytes = b},
                            {.name = "cube", .dtype = ELEMENT_F32, .rank = 3, .shape = {2, 2, 1}, .bytes = b}};
    assert_int_equal(safetensors_write(at->context, path, tensors, 3, NULL, 0), ENOT_OK);
    enot_samples *samples;
    enot_read_options options = ENOT_READ_OPTIONS_INIT;
    assert_int_equal(enot_samples_open(at->context, path, &options, &samples), ENOT_OK);
    assert_rows(samples, 2, 2, (double[]){1, 2, 3, 4});
    enot_samples_destroy(samples);
    options.key = "target";
    assert_int_equal(enot_samples_open(at->context, path, &options, &samples), ENOT_OK);
    assert_rows(samples, 4, 1, (double[]){5, 6, 7, 8});
    enot_samples_destroy(samples);
    options.key = "tagret";
    assert_int_equal(enot_samples_open(at->context, path, &options, &samples), ENOT_ERR_ARGUMENT);
    assert_message(at, "tagret", "did you mean \"target\"?", NULL);
    options.key = "cube";
    assert_int_equal(enot_samples_open(at->context, path, &options, &samples), ENOT_ERR_DATA);
    tensors[2].rank = 2;
    assert_int_equal(safetensors_write(at->context, path, tensors, 3, NULL, 0), ENOT_OK);
    assert_int_equal(enot_samples_open(at->context, path, NULL, &samples), ENOT_ERR_ARGUMENT);
    assert_message(at, "2 tensors", "key", NULL);
}

static void narrow_floats_convert_exactly(void **state) {
    (void)state;
    static const struct {
        element_type type;
        uint16_t bits;
        double value;
    } cases[] = {{ELEMENT_F16, 0x3555, 0x1.554p-2}, {ELEMENT_F16, 0x0001, 0x1p-24},   {ELEMENT_F16, 0x8400, -0x1p-14},
                 {ELEMENT_F16, 0x7bff, 65504},      {ELEMENT_F16, 0xfc00, -INFINITY}, {ELEMENT_BF16, 0x3fc0, 1.5},
                 {ELEMENT_BF16, 0xc2f7, -123.5}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double value;
        uint8_t bytes[] = {(uint8_t)cases[i].bits, (uint8_t)(cases[i].bits >> 8)};
        element_to_double(cases[i].type, false, bytes, 2, 1, &value);
        assert_true(value == cases[i].value);
    }
}

static void samples_from_memory_are_copied_and_checked(void **state) {
    fixture *at = *state;
    double rows[] = {1, 2, 3, 4}, read[2];
    enot_samples *samples;
    assert_int_equal(enot_samples_from_rows(at->context, rows, 2, 2, &samples), ENOT_OK);
    rows[0] = 9;
    assert_string_equal(enot_samples_name(samples), "");
    assert_int_equal(enot_samples_rows(at->context, samples, 0, 1, read), ENOT_OK);
    assert_true(read[0] == 1 && read[1] == 2);
    assert_int_equal(enot_samples_rows(at->context, samples, 2, 1, read), ENOT_ERR_ARGUMENT);
    assert_int_equal(enot_samples_rows(at->context, samples, -1, 1, read), ENOT_ERR_ARGUMENT);
    assert_int_equal(enot_samples_rows(at->context, samples, 1, INT64_MAX, read), ENOT_ERR_ARGUMENT);
    enot_samples_destroy(samples);
    enot_samples_destroy(NULL);
    assert_int_equal(enot_samples_from_rows(at->context, rows, 1, 2, &samples), ENOT_ERR_DATA);
    assert_int_equal(enot_samples_from_rows(at->context, rows, 0, 2, &samples), ENOT_ERR_ARGUMENT);
    assert_int_equal(enot_samples_from_rows(at->context, rows, INT64_MAX / 2, 8, &samples), ENOT_ERR_MEMORY);
}

static void the_shared_tensor_files_open(void **state) {
    fixture *at = *state;
    static const char *const folders[] = {"golden", "w2bench"};
    const char *shared = getenv("ENOT_SHARED");
    for (size_t i = 0; i < 2; i++) {
        char folder[512];
        if (shared) snprintf(folder, sizeof folder, "%s/%s", shared, folders[i]);
        else snprintf(folder, sizeof folder, "%s/../shared/%s", ENOT_SOURCE_DIR, folders[i]);
        DIR *directory = opendir(folder);
        if (!directory) {
            printf("skipped: shared data absent\n");
            skip();
        }
        for (struct dirent *entry; (entry = readdir(directory));) {
            char path[1024];
            safetensors_file *file;
            if (!strstr(entry->d_name, ".safetensors")) continue;
            snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
            if (safetensors_open(at->context, path, &file) != ENOT_OK)
                fail_msg("%s", enot_context_message(at->context));
            assert_true(safetensors_count(file) > 0);
            safetensors_close(file);
        }
        closedir(directory);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(npy_of_every_type_and_byte_order_is_read),
        cmocka_unit_test(npy_layouts_and_header_spellings_are_read),
        cmocka_unit_test(npy_arrays_of_more_axes_are_rows_that_know_their_shape),
        cmocka_unit_test(chosen_columns_of_an_array_are_read_in_the_order_of_the_choice),
        cmocka_unit_test(a_value_that_is_not_finite_is_named),
        cmocka_unit_test(written_tables_of_every_format_hold_the_same_rows),
        cmocka_unit_test(a_format_is_recognised_without_the_ending),
        cmocka_unit_test(safetensors_come_back_as_they_were_written),
        cmocka_unit_test(the_tensor_of_a_table_is_chosen_by_its_key),
        cmocka_unit_test(narrow_floats_convert_exactly),
        cmocka_unit_test(samples_from_memory_are_copied_and_checked),
        cmocka_unit_test(the_shared_tensor_files_open),
    };
    return cmocka_run_group_tests(tests, fixture_create, fixture_destroy);
}
