/* Damaged and lying npy and safetensors files: refused with a message, never followed. */
#include "files.h"

#include "files/safetensors.h"

static void assert_refused_bytes(fixture *at, const char *name, const void *bytes, size_t size) {
    char path[PATH_CAPACITY];
    enot_samples *samples = NULL;
    path_in(at, name, path);
    write_bytes(path, bytes, size);
    enot_status status = enot_samples_open(at->context, path, NULL, &samples);
    if (status == ENOT_OK) fail_msg("%s of %zu bytes was accepted", name, size);
    assert_null(samples);
    assert_message(at, name, NULL);
}

/* ------------------------------------------------------------------------------------------------------------- npy */

/* Rows that differ: equal ones would be refused for that alone. Returns the file's size. */
static size_t frame_npy(const char *header, size_t claimed, size_t data_size, uint8_t file[512]) {
    static const double data[] = {1, 2, 3, 4, 5, 6};
    size_t text = strlen(header);
    memset(file, 0, 512);
    memcpy(file, "\x93NUMPY\x01", 7);
    file[8] = (uint8_t)claimed;
    file[9] = (uint8_t)(claimed >> 8);
    memcpy(file + 10, header, text);
    memcpy(file + 10 + text, data, sizeof data);
    return 10 + text + data_size;
}

static void refuse_npy(fixture *at, const char *header, size_t claimed, size_t data_size) {
    uint8_t file[512];
    assert_refused_bytes(at, "hostile.npy", file, frame_npy(header, claimed, data_size, file));
}

static void the_frame_of_the_hostile_npy_cases_is_itself_accepted(void **state) {
    fixture *at = *state;
    static const char *const headers[] = {"{'descr': '<f8', 'fortran_order': False, 'shape': (3, 2)}",
                                          "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 1, 1, 1, 2)}"};
    for (size_t i = 0; i < 2; i++) {
        uint8_t file[512];
        char path[PATH_CAPACITY];
        enot_samples *samples;
        path_in(at, "frame.npy", path);
        write_bytes(path, file, frame_npy(headers[i], strlen(headers[i]), 48, file));
        assert_int_equal(enot_samples_open(at->context, path, NULL, &samples), ENOT_OK);
        enot_samples_destroy(samples);
    }
}

static void npy_headers_that_lie_are_refused(void **state) {
    static const char *const headers[] = {"{'descr': '<f8', 'fortran_order': False, 'shape': (3, 2), ",
                                          "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 2}",
                                          "{'descr': '<f8', 'fortran_order': False, 'shape': (3 2)}",
                                          "{'descr': '<f8', 'fortran_order': False, 'shape': (-3, 2)}",
                                          "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 2)} x",
                                          "{'descr': '<f8', 'fortran_order': False, 'shape': (3,,2)}",
                                          "{'descr': '<f8', 'fortran_order': False, 'shape': (3)}",
                                          "{'descr': '<f8', 'fortran_order': False, 'shape': ()}",
                                          "{'descr': '<f8', 'fortran_order': True, 'shape': (3, 1, 2)}",
                                          "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 1, 1, 1, 1, 2)}",
                                          "{'descr': '<f8', 'fortran_order': False, 'shape': (0, 1, 2)}",
                                          "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 0, 2)}",
                                          "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4294967296, 4294967296)}",
                                          "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4, 2)}",
                                          "{'descr': '<f8', 'fortran_order': False, 'shape': (0, 2)}",
                                          "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 0)}",
                                          "{'descr': '<f8', 'fortran_order': False, 'shape': (9223372036854775807, 2)}",
                                          "{'descr': '<f8', 'fortran_order': False, 'shape': (9223372036854775808, 1)}",
                                          "{'descr': '<f8', 'fortran_order': False, 'shape': (2305843009213693952, 8)}",
                                          "{'descr': '<f8', 'fortran_order': False, 'shape': (4294967296, 4294967296)}",
                                          "{'descr': '<f8', 'fortran_order': False, 'shape': (9223372036854775807, 0)}",
                                          "{'descr': '<f8', 'fortran_order': False, 'shape': (4, 2)}",
                                          "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 2)}",
                                          "{'descr': '<f8', 'fortran_order': Maybe, 'shape': (3, 2)}",
                                          "{'descr': '<f8', 'fortran_order': False}",
                                          "{'descr': '<f8', 'descr': '<f8', 'fortran_order': False, 'shape': (3, 2)}",
                                          "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 2), 'other': 1}",
                                          "{'descr': '<c16', 'fortran_order': False, 'shape': (3, 2)}",
                                          "{'descr': '<f16', 'fortran_order': False, 'shape': (3, 2)}",
                                          "{'descr': '|f8', 'fortran_order': False, 'shape': (3, 2)}",
                                          "{'descr': '', 'fortran_order': False, 'shape': (3, 2)}",
                                          "{'descr': '|O', 'fortran_order': False, 'shape': (3, 2)}",
                                          "{'descr': [('x', '<f8')], 'fortran_order': False, 'shape': (6,)}",
                                          "{'descr': '<f8, 'fortran_order': False, 'shape': (3, 2)}",
                                          "",
                                          "{",
                                          "{'",
                                          "{}",
                                          "[]"};
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        refuse_npy(*state, headers[i], strlen(headers[i]), 48);
}

static void npy_lengths_beyond_the_file_are_refused(void **state) {
    const char *header = "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 2)}";
    refuse_npy(*state, header, 65535, 48);
    assert_message(*state, "longer than the file", NULL);
    refuse_npy(*state, header, strlen(header) + 49, 48);
    refuse_npy(*state, header, strlen(header) - 1, 48);
    refuse_npy(*state, header, strlen(header), 47);
    assert_refused_bytes(*state, "hostile.npy", "\x93NUMPY\x02\0\xff\xff\xff\xff{}", 14);
    assert_message(*state, "longer than the file", NULL);
    assert_refused_bytes(*state, "hostile.npy", "\x93NUMPY\x04\0\x02\0\0\0{}", 14);
    assert_refused_bytes(*state, "hostile.npy", "\x93NUMPX\x01\0\x02\0{}", 12);
}

/* A valid file; every shorter one must be refused. */
static void refuse_every_truncation(fixture *at, const char *name) {
    char path[PATH_CAPACITY];
    enot_writer *writer;
    enot_samples *samples;
    path_in(at, name, path);
    assert_int_equal(enot_writer_open(at->context, path, 2, NULL, &writer), ENOT_OK);
    assert_int_equal(enot_writer_append(at->context, writer, (double[]){1, 2, 3, 4}, 2), ENOT_OK);
    assert_int_equal(enot_writer_finish(at->context, writer), ENOT_OK);
    assert_int_equal(enot_samples_open(at->context, path, NULL, &samples), ENOT_OK);
    enot_samples_destroy(samples);
    size_t size;
    char *bytes = read_bytes(path, &size);
    for (size_t kept = 0; kept < size; kept++) assert_refused_bytes(at, name, bytes, kept);
    free(bytes);
}

static void every_truncation_is_refused(void **state) {
    refuse_every_truncation(*state, "cut.npy");
    refuse_every_truncation(*state, "cut.safetensors");
}

/* Whatever a byte is changed to, opening ends with a status. */
static void survive_every_changed_byte(fixture *at, const char *name) {
    char path[PATH_CAPACITY];
    enot_writer *writer;
    path_in(at, name, path);
    assert_int_equal(enot_writer_open(at->context, path, 2, NULL, &writer), ENOT_OK);
    assert_int_equal(enot_writer_append(at->context, writer, (double[]){1, 2, 3, 4}, 2), ENOT_OK);
    assert_int_equal(enot_writer_finish(at->context, writer), ENOT_OK);
    size_t size;
    char *bytes = read_bytes(path, &size);
    static const char changes[] = {'\0', '\xff', '9', '-', '"', '{', '}', '(', ' ', '\x80'};
    for (size_t place = 0; place < size; place++)
        for (size_t i = 0; i < sizeof changes; i++) {
            char kept = bytes[place];
            enot_samples *samples = NULL;
            bytes[place] = changes[i];
            write_bytes(path, bytes, size);
            bytes[place] = kept;
            if (enot_samples_open(at->context, path, NULL, &samples) == ENOT_OK) enot_samples_destroy(samples);
        }
    free(bytes);
}

static void no_changed_byte_is_followed_out_of_the_file(void **state) {
    survive_every_changed_byte(*state, "changed.npy");
    survive_every_changed_byte(*state, "changed.safetensors");
}

/* ----------------------------------------------------------------------------------------------------- safetensors */

static size_t build_safetensors(const char *header, size_t claimed, size_t data_size, uint8_t *file) {
    size_t text = strlen(header);
    for (int i = 0; i < 8; i++) file[i] = (uint8_t)((uint64_t)claimed >> (8 * i));
    memcpy(file + 8, header, text);
    for (size_t i = 0; i < data_size; i++) file[8 + text + i] = (uint8_t)i;
    return 8 + text + data_size;
}

static void refuse_safetensors(fixture *at, const char *header, size_t claimed) {
    uint8_t file[1024];
    assert_refused_bytes(at, "hostile.safetensors", file, build_safetensors(header, claimed, 16, file));
    safetensors_file *opened = NULL;
    char path[PATH_CAPACITY];
    path_in(at, "hostile.safetensors", path);
    if (safetensors_open(at->context, path, &opened) == ENOT_OK) fail_msg("accepted: %s", header);
    assert_null(opened);
}

static void the_frame_of_the_hostile_cases_is_itself_accepted(void **state) {
    fixture *at = *state;
    uint8_t file[1024];
    char path[PATH_CAPACITY];
    safetensors_file *opened;
    const char *header = "{\"a\":{\"dtype\":\"F32\",\"shape\":[2,2],\"data_offsets\":[0,16]}}";
    path_in(at, "frame.safetensors", path);
    write_bytes(path, file, build_safetensors(header, strlen(header), 16, file));
    assert_int_equal(safetensors_open(at->context, path, &opened), ENOT_OK);
    safetensors_close(opened);
}

static void safetensors_headers_that_lie_are_refused(void **state) {
#define ENTRY(dtype, shape, offsets) \
    "{\"a\":{\"dtype\":\"" dtype "\",\"shape\":" shape ",\"data_offsets\":" offsets "}}"
#define TENSOR(name, begin, end) "\"" name "\":{\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[" begin "," end "]}"
    static const char *const headers[] = {
        "",
        "{",
        "[]",
        "null",
        "{} {}",
        "{}",
        ENTRY("F99", "[2,2]", "[0,16]"),
        ENTRY("F32", "[2,2]", "[0,17]"),
        ENTRY("F32", "[2,3]", "[0,16]"),
        ENTRY("F32", "[2,2]", "[16,0]"),
        ENTRY("F32", "[2,2]", "[-16,0]"),
        ENTRY("F32", "[2,2]", "[0]"),
        ENTRY("F32", "[2,2]", "[0,16,32]"),
        ENTRY("F32", "[2,2]", "[0.0,16.0]"),
        ENTRY("F32", "[2,2]", "{\"0\":0,\"1\":16}"),
        ENTRY("F32", "[2,2]", "[4,20]"),
        ENTRY("F32", "[1,2]", "[8,16]"),
        ENTRY("F32", "[1,2]", "[0,8]"),
        ENTRY("F32", "[2,2]", "[0,9223372036854775807]"),
        ENTRY("F32", "[2,2]", "[0,9223372036854775808]"),
        ENTRY("F32", "[2,2]", "[9223372036854775807,9223372036854775807]"),
        ENTRY("F32", "[-2,-2]", "[0,16]"),
        ENTRY("F32", "[2.0,2]", "[0,16]"),
        ENTRY("F32", "[\"2\",2]", "[0,16]"),
        ENTRY("F32", "4", "[0,16]"),
        ENTRY("F32", "[4294967296,4294967296]", "[0,16]"),
        ENTRY("F32", "[9223372036854775807,4]", "[0,16]"),
        ENTRY("F32", "[4611686018427387904,4,4]", "[0,0]"),
        ENTRY("F32", "[2305843009213693956,2]", "[0,16]"),
        ENTRY("F32", "[4611686018427387908]", "[0,16]"),
        ENTRY("F32", "[18446744073709551616]", "[0,16]"),
        ENTRY("F32", "[1,1,1,1,1,1,1,2,2]", "[0,16]"),
        "{\"a\":{\"shape\":[2,2],\"data_offsets\":[0,16]}}",
        "{\"a\":{\"dtype\":4,\"shape\":[2,2],\"data_offsets\":[0,16]}}",
        "{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,16]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2,2]}}",
        "{\"a\":[]}",
        "{" TENSOR("a", "0", "8") "," TENSOR("b", "0", "8") "}",
        "{" TENSOR("a", "0", "8") "," TENSOR("b", "4", "12") "}",
        "{" TENSOR("a", "0", "8") "," TENSOR("b", "4", "12") "," TENSOR("c", "8", "16") "}",
        "{" TENSOR("a", "0", "8") "," TENSOR("a", "8", "16") "," TENSOR("b", "0", "8") "}",
        "{" TENSOR("a", "0", "8") "," TENSOR("b", "9", "17") "}",
        "{" TENSOR("a", "0", "8") "," TENSOR("b\\u0000", "8", "16") "}",
        "{\"__metadata__\":1," TENSOR("a", "0", "8") "," TENSOR("b", "8", "16") "}",
        "{\"__metadata__\":{\"k\":1}," TENSOR("a", "0", "8") "," TENSOR("b", "8", "16") "}",
        "{\"\xff\":1}"};
#undef ENTRY
#undef TENSOR
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        refuse_safetensors(*state, headers[i], strlen(headers[i]));
}

static void safetensors_lengths_beyond_the_file_are_refused(void **state) {
    const char *header = "{\"a\":{\"dtype\":\"F32\",\"shape\":[2,2],\"data_offsets\":[0,16]}}";
    refuse_safetensors(*state, header, strlen(header) + 17);
    refuse_safetensors(*state, header, 0);
    refuse_safetensors(*state, header, SIZE_MAX);
    refuse_safetensors(*state, header, SIZE_MAX - 7);
    refuse_safetensors(*state, header, (size_t)1 << 63);
    refuse_safetensors(*state, header, 100000001);
}

static void deep_nesting_is_refused(void **state) {
    enum { DEPTH = 100000 };
    uint8_t *file = malloc(8 + DEPTH);
    for (int i = 0; i < 8; i++) file[i] = (uint8_t)((uint64_t)DEPTH >> (8 * i));
    memset(file + 8, '[', DEPTH);
    assert_refused_bytes(*state, "deep.safetensors", file, 8 + DEPTH);
    free(file);
}

static void what_is_no_file_is_refused(void **state) {
    fixture *at = *state;
    static const char *const names[] = {"missing.npy", "missing.safetensors"};
    for (size_t i = 0; i < 2; i++) {
        char path[PATH_CAPACITY];
        enot_samples *samples;
        path_in(at, names[i], path);
        assert_int_equal(enot_samples_open(at->context, path, NULL, &samples), ENOT_ERR_IO);
        assert_message(at, names[i], "No such file", NULL);
        assert_int_equal(mkdir(path, 0700), 0);
        assert_int_equal(enot_samples_open(at->context, path, NULL, &samples), ENOT_ERR_IO);
        assert_int_equal(rmdir(path), 0);
        assert_int_equal(mkfifo(path, 0600), 0);
        assert_int_equal(enot_samples_open(at->context, path, NULL, &samples), ENOT_ERR_IO);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_frame_of_the_hostile_npy_cases_is_itself_accepted),
        cmocka_unit_test(npy_headers_that_lie_are_refused),
        cmocka_unit_test(npy_lengths_beyond_the_file_are_refused),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(no_changed_byte_is_followed_out_of_the_file),
        cmocka_unit_test(the_frame_of_the_hostile_cases_is_itself_accepted),
        cmocka_unit_test(safetensors_headers_that_lie_are_refused),
        cmocka_unit_test(safetensors_lengths_beyond_the_file_are_refused),
        cmocka_unit_test(deep_nesting_is_refused),
        cmocka_unit_test(what_is_no_file_is_refused),
    };
    return cmocka_run_group_tests(tests, fixture_create, fixture_destroy);
}
