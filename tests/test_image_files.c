/* Sets of images: every source is read to the same matrix, what is broken is named and never followed, what is written reads back. */
#include "pictures.h"

#include <math.h>

#include <zlib.h>

#include "images/image.h"
#include "images/image_set.h"

static image_set read_set(const fixture *at, const char *path, int64_t size) {
    image_set set;
    char error[IMAGE_SET_ERROR_CAPACITY];
    if (image_set_read(at->context, path, size, NULL, &set, error) != 0) fail_msg("%s", error);
    return set;
}

static void assert_names(const char *line, const char *first, const char *second) {
    if (!strstr(line, first) || !strstr(line, second)) fail_msg("\"%s\" or \"%s\" is not in \"%s\"", first, second, line);
    assert_null(strchr(line, '\n'));
}

/* Refused with a line that holds both texts, and nothing of the set stays. */
static void assert_refused(const fixture *at, const char *path, const char *first, const char *second) {
    image_set set;
    char error[IMAGE_SET_ERROR_CAPACITY] = "";
    if (image_set_read(at->context, path, 0, NULL, &set, error) == 0) fail_msg("%s was accepted", path);
    assert_true(set.pixels == NULL && set.count == 0 && set.names.count == 0);
    assert_names(error, first, second);
}

static void assert_shape(const image_set *set, int64_t count, int64_t height, int64_t width, int64_t channels) {
    assert_int_equal(set->count, count);
    assert_int_equal(set->height, height);
    assert_int_equal(set->width, width);
    assert_int_equal(set->channels, channels);
}

/* As bytes, the images are these. */
static void assert_bytes(const image_set *set, const uint8_t *expected) {
    int64_t values = set->count * image_set_dim(set);
    uint8_t *bytes = malloc((size_t)values);
    image_set_bytes(set->pixels, values, bytes);
    for (int64_t i = 0; i < values; i++) assert_int_equal(bytes[i], expected[i]);
    free(bytes);
}

static void file_in(const char *folder, const char *name, const void *bytes, size_t size) {
    char path[2 * PATH_CAPACITY];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    write_bytes(path, bytes, size);
}

/* -------------------------------------------------------------------------------------------------------- folders */

static const uint8_t RED[] = {255, 0, 0}, GREY[] = {51};

static void a_folder_is_read_by_name_and_one_picture_with_colours_makes_all_rgb(void **state) {
    fixture *at = *state;
    char folder[PATH_CAPACITY];
    make_folder(at, "set", folder);
    write_plain_png(folder, "b.png", 2, 1, GREY, 1);
    write_plain_png(folder, "a.PNG", 2, 1, (const uint8_t *)"\1", 1);
    write_plain_png(folder, "c", 2, 1, RED, 3);
    write_plain_png(folder, "d.png", 2, 1, GREY, 1);
    file_in(folder, ".hidden", "x", 1);
    image_set set = read_set(at, folder, 0);
    assert_shape(&set, 4, 1, 2, 3);
    assert_bytes(&set, (const uint8_t *)"\1\1\1\1\1\1\x33\x33\x33\x33\x33\x33\xff\0\0\xff\0\0\x33\x33\x33\x33\x33\x33");
    assert_int_equal(set.names.count, 4);
    static const char *const names[] = {"a.PNG", "b.png", "c", "d.png"};
    for (int i = 0; i < 4; i++) assert_string_equal(set.names.texts[i], names[i]);
    image_set_free(&set);
}

static void a_folder_of_grey_pictures_has_one_channel(void **state) {
    fixture *at = *state;
    char folder[PATH_CAPACITY];
    make_folder(at, "set", folder);
    for (int i = 0; i < 40; i++) {
        char name[16];
        uint8_t value = (uint8_t)i;
        snprintf(name, sizeof name, "%02d.png", i);
        write_plain_png(folder, name, 3, 2, &value, 1);
    }
    image_set set = read_set(at, folder, 0);
    assert_shape(&set, 40, 2, 3, 1);
    for (int i = 0; i < 40 * 6; i++) assert_true(set.pixels[i] == (float)(i / 6 / 127.5 - 1));
    image_set_free(&set);
}

static void pictures_of_any_size_become_squares_of_the_one_asked_for(void **state) {
    fixture *at = *state;
    char folder[PATH_CAPACITY];
    make_folder(at, "set", folder);
    write_plain_png(folder, "a.png", 7, 3, RED, 3);
    write_plain_png(folder, "b.png", 2, 9, GREY, 1);
    image_set set = read_set(at, folder, 4);
    assert_shape(&set, 2, 4, 4, 3);
    assert_true(set.pixels[0] == 1 && set.pixels[1] == -1 && fabsf(set.pixels[48] + .6f) < 1e-6f);
    image_set_free(&set);
}

static void the_first_picture_of_another_size_is_named(void **state) {
    fixture *at = *state;
    char folder[PATH_CAPACITY], error[IMAGE_SET_ERROR_CAPACITY];
    text_list skipped = TEXT_LIST_INIT;
    image_set set;
    make_folder(at, "set", folder);
    write_plain_png(folder, "a.png", 4, 4, RED, 3);
    write_plain_png(folder, "b.png", 4, 5, RED, 3);
    write_plain_png(folder, "c.png", 4, 6, RED, 3);
    assert_refused(at, folder, "set/b.png has 4 x 5", "--image-size");
    assert_int_equal(image_set_read(at->context, folder, 0, &skipped, &set, error), -1);
    assert_int_equal(skipped.count, 0);
}

static void bad_files_end_the_reading_or_are_left_out_and_named(void **state) {
    fixture *at = *state;
    char folder[PATH_CAPACITY], error[IMAGE_SET_ERROR_CAPACITY];
    make_folder(at, "set", folder);
    write_plain_png(folder, "b.png", 2, 1, RED, 3);
    write_plain_png(folder, "e.png", 2, 1, GREY, 1);
    file_in(folder, "a.jpg", "", 0);
    file_in(folder, "c.jpg", "\xff\xd8\xff\xe0 nothing", 12);
    file_in(folder, "d.txt", "notes", 5);
    assert_refused(at, folder, "set/a.jpg", "empty");
    text_list skipped = TEXT_LIST_INIT;
    image_set set;
    assert_int_equal(image_set_read(at->context, folder, 0, &skipped, &set, error), 0);
    assert_shape(&set, 2, 1, 2, 3);
    assert_string_equal(set.names.texts[1], "e.png");
    assert_int_equal(skipped.count, 3);
    assert_names(skipped.texts[0], "set/a.jpg", "empty");
    assert_names(skipped.texts[1], "set/c.jpg", "damaged JPEG");
    assert_names(skipped.texts[2], "set/d.txt", "neither a JPEG nor a PNG");
    text_list_free(&skipped);
    image_set_free(&set);
}

/* --------------------------------------------------------------------------------------------------- hostile files */

/* The file alone in a folder. */
static void assert_refused_picture(const fixture *at, const void *bytes, size_t size, const char *reason) {
    char folder[PATH_CAPACITY];
    make_folder(at, "bad", folder);
    file_in(folder, "bad.file", bytes, size);
    assert_refused(at, folder, "bad/bad.file", reason);
}

/* A picture written by the command, as bytes to be freed. */
static char *encoded(const fixture *at, const char *name, uint32_t side, size_t *size) {
    char path[PATH_CAPACITY], error[IMAGE_ERROR_CAPACITY];
    uint8_t *pixels = malloc(3 * side * side);
    for (uint32_t i = 0; i < 3 * side * side; i++) pixels[i] = (uint8_t)(i * 2654435761u >> 24);
    image picture = {side, side, 3, pixels};
    path_in(at, name, path);
    assert_int_equal(image_write(path, &picture, error), 0);
    free(pixels);
    return read_bytes(path, size);
}

static void every_cut_picture_is_refused(void **state) {
    fixture *at = *state;
    static const char *const names[] = {"whole.jpg", "whole.png"};
    for (int k = 0; k < 2; k++) {
        size_t size;
        char *bytes = encoded(at, names[k], 16, &size);
        for (size_t kept = 0; kept + 1 < size; kept += kept < 700 ? 1 : 7) {
            size_t tail = k == 1 ? 12 : 0; /* the last chunk of a PNG holds nothing */
            if (kept + tail < size) assert_refused_picture(at, bytes, kept, "");
        }
        free(bytes);
    }
}

static void a_wrong_checksum_in_a_png_is_refused(void **state) {
    fixture *at = *state;
    size_t size;
    char *bytes = encoded(at, "whole.png", 16, &size);
    size_t data = (size_t)((char *)memmem(bytes, size, "IDAT", 4) - bytes) + 4;
    for (size_t i = data; i < size - 12; i += 3) {
        bytes[i] ^= 0x10;
        assert_refused_picture(at, bytes, size, "damaged PNG");
        bytes[i] ^= 0x10;
    }
    free(bytes);
}

/* Whatever a byte is changed to, the reading ends. */
static void no_changed_byte_of_a_picture_breaks_the_reader(void **state) {
    fixture *at = *state;
    static const char *const names[] = {"whole.jpg", "whole.png"};
    for (int k = 0; k < 2; k++) {
        size_t size;
        char path[PATH_CAPACITY], *bytes = encoded(at, names[k], 8, &size);
        path_in(at, "changed", path);
        for (size_t i = 0; i < size; i++)
            for (int change = 1; change < 256; change *= 4) {
                char error[IMAGE_ERROR_CAPACITY];
                image found;
                bytes[i] ^= (char)change;
                write_bytes(path, bytes, size);
                if (image_read(path, &found, error) == 0) image_free(&found);
                bytes[i] ^= (char)change;
            }
        free(bytes);
    }
}

static void put_big_endian(uint8_t *bytes, uint32_t value) {
    for (int i = 0; i < 4; i++) bytes[i] = (uint8_t)(value >> (24 - 8 * i));
}

static void pictures_that_claim_to_be_huge_are_refused_before_memory_is_asked_for(void **state) {
    fixture *at = *state;
    size_t size;
    uint8_t *png = (uint8_t *)encoded(at, "whole.png", 8, &size);
    put_big_endian(png + 16, 20000);
    put_big_endian(png + 20, 10000);
    put_big_endian(png + 29, (uint32_t)crc32(0, png + 12, 17));
    assert_refused_picture(at, png, size, "20000 x 10000");
    free(png);
    uint8_t *jpeg = (uint8_t *)encoded(at, "whole.jpg", 8, &size);
    uint8_t *frame = memmem(jpeg, size, "\xff\xc0", 2);
    assert_non_null(frame);
    memcpy(frame + 5, "\xff\x00\xff\x00", 4); /* height, width */
    assert_refused_picture(at, jpeg, size, "65280 x 65280");
    free(jpeg);
}

static void what_is_no_picture_in_a_folder_is_refused(void **state) {
    fixture *at = *state;
    char folder[PATH_CAPACITY], inner[2 * PATH_CAPACITY];
    make_folder(at, "set", folder);
    assert_refused(at, folder, "set", "no images");
    snprintf(inner, sizeof inner, "%s/x", folder);
    assert_int_equal(mkdir(inner, 0700), 0);
    assert_refused(at, folder, "set/x", "folder");
    remove(inner);
    assert_int_equal(mkfifo(inner, 0600), 0);
    assert_refused(at, folder, "set/x", "pipe");
    remove(inner);
    assert_int_equal(symlink("nowhere", inner), 0);
    assert_refused(at, folder, "set/x", "No such file");
    remove(inner);
    assert_int_equal(mkfifo(inner, 0600), 0);
    assert_refused(at, inner, "set/x", "neither a folder");
    path_in(at, "missing", inner);
    assert_refused(at, inner, "missing", "No such file");
}

/* -------------------------------------------------------------------------------------------------------- idx files */

static size_t build_idx(int type, int axes, const uint32_t *extents, const void *data, size_t data_size, uint8_t *file) {
    memcpy(file, (uint8_t[]){0, 0, (uint8_t)type, (uint8_t)axes}, 4);
    for (int i = 0; i < axes; i++) put_big_endian(file + 4 + 4 * i, extents[i]);
    memcpy(file + 4 + 4 * axes, data, data_size);
    return 4 + 4 * (size_t)axes + data_size;
}

static const uint8_t COUNTING[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};

static void write_gzip(const char *path, const void *bytes, size_t size) {
    gzFile file = gzopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(gzwrite(file, bytes, (unsigned)size), size);
    assert_int_equal(gzclose(file), Z_OK);
}

static void idx_files_are_read_compressed_or_not(void **state) {
    fixture *at = *state;
    static const uint32_t grey[] = {2, 3, 2}, rgb[] = {2, 1, 2, 3};
    for (int kind = 0; kind < 4; kind++) {
        uint8_t file[64];
        char path[PATH_CAPACITY];
        int colors = kind & 1;
        size_t size = build_idx(8, colors ? 4 : 3, colors ? rgb : grey, COUNTING, sizeof COUNTING, file);
        path_in(at, kind < 2 ? "images-idx-ubyte" : "images-idx-ubyte.gz", path);
        kind < 2 ? write_bytes(path, file, size) : write_gzip(path, file, size);
        image_set set = read_set(at, path, 0);
        colors ? assert_shape(&set, 2, 1, 2, 3) : assert_shape(&set, 2, 3, 2, 1);
        assert_bytes(&set, COUNTING);
        assert_int_equal(set.names.count, 0);
        image_set_free(&set);
    }
}

static void idx_files_that_lie_are_refused(void **state) {
    fixture *at = *state;
    static const struct {
        int type, axes;
        uint32_t extents[5];
        const char *reason;
    } cases[] = {
        {8, 3, {3, 3, 2}, "ends before"},
        {8, 3, {4294967295u, 3, 2}, "ends before"},
        {8, 3, {1, 3, 2}, "goes on behind"},
        {8, 3, {1, 4294967295u, 4294967295u}, "at most 100 million"},
        {8, 4, {1, 65536, 65536, 3}, "at most 100 million"},
        {8, 3, {1, 0, 2}, "0 pixels"},
        {8, 3, {0, 3, 2}, "goes on behind"},
        {8, 4, {1, 2, 3, 2}, "2 channels"},
        {8, 1, {12}, "1 axes"},
        {8, 5, {1, 1, 1, 1, 12}, "5 axes"},
        {13, 3, {1, 1, 3}, "type 13"},
    };
    char path[PATH_CAPACITY];
    uint8_t file[64];
    path_in(at, "lies-ubyte", path);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        write_bytes(path, file, build_idx(cases[i].type, cases[i].axes, cases[i].extents, COUNTING, sizeof COUNTING, file));
        assert_refused(at, path, "lies-ubyte", cases[i].reason);
    }
    size_t size = build_idx(8, 3, (uint32_t[]){2, 3, 2}, COUNTING, sizeof COUNTING, file);
    for (size_t kept = 0; kept < size; kept++) {
        write_bytes(path, file, kept);
        assert_refused(at, path, "lies-ubyte", "");
    }
    write_text(path, "this is a text");
    assert_refused(at, path, "lies-ubyte", "neither");
}

static void damaged_gzip_files_are_refused(void **state) {
    fixture *at = *state;
    char path[PATH_CAPACITY];
    uint8_t file[64];
    size_t size = build_idx(8, 3, (uint32_t[]){2, 3, 2}, COUNTING, sizeof COUNTING, file);
    path_in(at, "a.gz", path);
    write_gzip(path, file, size);
    char *bytes = read_bytes(path, &size);
    for (size_t kept = 0; kept < size; kept++) {
        write_bytes(path, bytes, kept);
        assert_refused(at, path, "a.gz", "");
    }
    uint8_t damaged[128];
    assert_in_range(size, 18, sizeof damaged); /* a gzip file without data has 18 bytes at least */
    memcpy(damaged, bytes, size);
    memset(damaged + size - 8, 0, 4); /* the checksum */
    write_bytes(path, damaged, size);
    assert_refused(at, path, "a.gz", "damaged gzip");
    free(bytes);
    write_text(path, "\x1f\x8b\x08 garbage");
    assert_refused(at, path, "a.gz", "");
    write_text(path, "garbage");
    assert_refused(at, path, "a.gz", "neither");
}

/* -------------------------------------------------------------------------------------------------------- npy files */

static void write_npy(const char *path, const char *descr, const char *shape, const void *data, size_t size) {
    uint8_t file[512] = "\x93NUMPY\x01";
    int text = snprintf((char *)file + 10, 200, "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }\n", descr, shape);
    file[8] = (uint8_t)text;
    memcpy(file + 10 + text, data, size);
    write_bytes(path, file, 10 + (size_t)text + size);
}

static void npy_files_of_every_layout_are_read(void **state) {
    fixture *at = *state;
    char path[PATH_CAPACITY];
    image_set set;
    path_in(at, "a.npy", path);
    write_npy(path, "|u1", "2, 3, 2", COUNTING, 12);
    set = read_set(at, path, 0);
    assert_shape(&set, 2, 3, 2, 1);
    assert_bytes(&set, COUNTING);
    image_set_free(&set);
    write_npy(path, "|u1", "2, 1, 2, 3", COUNTING, 12);
    set = read_set(at, path, 0);
    assert_shape(&set, 2, 1, 2, 3);
    assert_bytes(&set, COUNTING);
    image_set_free(&set);
    write_npy(path, "|u1", "1, 3, 2, 2", COUNTING, 12);
    set = read_set(at, path, 0);
    assert_shape(&set, 1, 2, 2, 3);
    assert_bytes(&set, (const uint8_t[]){1, 5, 9, 2, 6, 10, 3, 7, 11, 4, 8, 12});
    image_set_free(&set);
    write_npy(path, "|u1", "1, 3, 4, 1", COUNTING, 12); /* both fit: channels last */
    set = read_set(at, path, 0);
    assert_shape(&set, 1, 3, 4, 1);
    assert_bytes(&set, COUNTING);
    image_set_free(&set);
    set = read_set(at, path, 2);
    assert_shape(&set, 1, 2, 2, 1);
    image_set_free(&set);
}

static void float_ranges_are_told_from_the_values(void **state) {
    fixture *at = *state;
    static const struct {
        float values[2], expected[2];
    } cases[] = {{{-.5f, 1}, {-.5f, 1}}, {{0, .75f}, {-1, .5f}}, {{0, 1}, {-1, 1}}, {{255, 51}, {1, -.6f}}, {{0, 0}, {-1, -1}}};
    char path[PATH_CAPACITY];
    path_in(at, "f.npy", path);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int wide = 0; wide < 2; wide++) {
            double values[] = {(double)cases[i].values[0], (double)cases[i].values[1]};
            wide ? write_npy(path, "<f8", "1, 1, 2", values, 16) : write_npy(path, "<f4", "1, 1, 2", cases[i].values, 8);
            image_set set = read_set(at, path, 0);
            for (int k = 0; k < 2; k++) assert_true(fabsf(set.pixels[k] - cases[i].expected[k]) < 1e-6f);
            image_set_free(&set);
        }
    static const float wrong[][2] = {{-2, 0}, {-.1f, 1.1f}, {0, 1.02f}, {0, 300}, {-1, 200}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        write_npy(path, "<f4", "1, 1, 2", wrong[i], 8);
        assert_refused(at, path, "f.npy", "clip them");
    }
}

static void npy_files_that_are_no_images_are_refused(void **state) {
    fixture *at = *state;
    char path[PATH_CAPACITY];
    path_in(at, "a.npy", path);
    write_npy(path, "|u1", "6, 2", COUNTING, 12);
    assert_refused(at, path, "a.npy", "[n, h, w]");
    write_npy(path, "|u1", "1, 2, 3, 2", COUNTING, 12);
    assert_refused(at, path, "a.npy", "c 1 or 3");
    write_npy(path, "<i2", "1, 3, 2", COUNTING, 12);
    assert_refused(at, path, "a.npy", "int16");
    write_npy(path, "|u1", "3, 3, 2", COUNTING, 12);
    assert_refused(at, path, "a.npy", "promises");
    write_npy(path, "<f4", "1, 1, 2", (const float[]){NAN, 1}, 8);
    assert_refused(at, path, "a.npy", "not a finite number");
    write_npy(path, "<f4", "2, 0, 2", "", 0);
    assert_refused(at, path, "a.npy", "needs numbers");
    write_text(path, "nothing of the kind");
    assert_refused(at, path, "a.npy", "not a .npy file");
}

/* ---------------------------------------------------------------------------------------------------------- writing */

/* Two images [2, 2, channels] with values beyond the range at both ends. */
static image_set make_set(int64_t channels, const char *first, const char *second) {
    image_set set = {2, 2, 2, channels, malloc(sizeof(float) * (size_t)(8 * channels)), TEXT_LIST_INIT};
    for (int64_t i = 0; i < 8 * channels; i++) set.pixels[i] = (float)i / (float)(4 * channels) - 1;
    set.pixels[0] = -7;
    set.pixels[1] = 7;
    if (first) assert_true(text_list_add(&set.names, first) == 0 && text_list_add(&set.names, second) == 0);
    return set;
}

static void assert_same_images(const image_set *set, const image_set *read) {
    assert_shape(read, set->count, set->height, set->width, set->channels);
    int64_t values = set->count * image_set_dim(set);
    uint8_t *bytes = malloc((size_t)values);
    image_set_bytes(set->pixels, values, bytes);
    assert_true(bytes[0] == 0 && bytes[1] == 255);
    assert_bytes(read, bytes);
    free(bytes);
}

static void what_is_written_reads_back(void **state) {
    fixture *at = *state;
    static const char *const places[] = {"out", "out/", "out.npy"};
    for (int64_t channels = 1; channels <= 3; channels += 2)
        for (int i = 0; i < 3; i++) {
            char path[PATH_CAPACITY], error[IMAGE_SET_ERROR_CAPACITY];
            image_set set = make_set(channels, "b.JPEG", "no ending");
            path_in(at, places[i], path);
            remove_tree(path);
            assert_int_equal(image_set_writable(at->context, path, error), 0);
            if (image_set_write(&set, path, error) != 0) fail_msg("%s", error);
            image_set read = read_set(at, path, 0);
            assert_same_images(&set, &read);
            if (i < 2) {
                assert_string_equal(read.names.texts[0], "b.png");
                assert_string_equal(read.names.texts[1], "no ending.png");
            }
            image_set_free(&read);
            image_set_free(&set);
        }
}

static void images_without_names_are_numbered(void **state) {
    fixture *at = *state;
    char path[PATH_CAPACITY], error[IMAGE_SET_ERROR_CAPACITY];
    make_folder(at, "numbered", path); /* an empty folder is taken */
    image_set set = make_set(3, NULL, NULL);
    assert_int_equal(image_set_write(&set, path, error), 0);
    image_set read = read_set(at, path, 0);
    assert_string_equal(read.names.texts[1], "00001.png");
    image_set_free(&read);
    image_set_free(&set);
}

static void writing_touches_nothing_that_is_there_and_leaves_nothing_half_done(void **state) {
    fixture *at = *state;
    char folder[PATH_CAPACITY], error[IMAGE_SET_ERROR_CAPACITY], file[2 * PATH_CAPACITY];
    image_set set = make_set(3, "a.jpg", "a.png");
    make_folder(at, "mine", folder);
    int files = count_files(at);
    assert_int_equal(image_set_write(&set, folder, error), -1);
    assert_names(error, "a.png", "two pictures");
    assert_int_equal(count_files(at), files);
    file_in(folder, "kept", "1", 1);
    text_list_free(&set.names);
    assert_int_equal(image_set_writable(at->context, folder, error), -1);
    assert_names(error, "mine", "not empty");
    assert_int_equal(image_set_write(&set, folder, error), -1);
    assert_names(error, "mine", "not empty");
    assert_int_equal(count_files(at), files);
    snprintf(file, sizeof file, "%s/kept", folder);
    assert_int_equal(access(file, F_OK), 0);
    assert_int_equal(image_set_writable(at->context, file, error), -1);
    assert_names(error, "kept", "not a folder");
    snprintf(file, sizeof file, "%s/absent/out", folder);
    assert_int_equal(image_set_writable(at->context, file, error), -1);
    assert_names(error, "absent", "");
    assert_int_equal(image_set_write(&set, file, error), -1);
    image_set_free(&set);
}

/* ------------------------------------------------------------------------------------------------------------ CIFAR */

static void the_folders_of_cifar_are_read_whole(void **state) {
    fixture *at = *state;
    char folder[2 * PATH_CAPACITY];
    const char *shared = getenv("ENOT_SHARED");
    snprintf(folder, sizeof folder, "%s/data/cifar10/train/deer", shared ? shared : ENOT_SOURCE_DIR "/../shared");
    if (access(folder, R_OK) != 0) {
        print_message("skipped: %s is absent\n", folder);
        skip();
    }
    image_set set = read_set(at, folder, 0);
    assert_shape(&set, 5000, 32, 32, 3);
    assert_string_equal(set.names.texts[4999], "4999.jpg");
    double sum = 0;
    for (int64_t i = 0; i < set.count * 3072; i++) sum += (double)set.pixels[i];
    assert_true(fabs(sum / (double)(set.count * 3072)) < .2);
    image_set_free(&set);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_folder_is_read_by_name_and_one_picture_with_colours_makes_all_rgb),
        cmocka_unit_test(a_folder_of_grey_pictures_has_one_channel),
        cmocka_unit_test(pictures_of_any_size_become_squares_of_the_one_asked_for),
        cmocka_unit_test(the_first_picture_of_another_size_is_named),
        cmocka_unit_test(bad_files_end_the_reading_or_are_left_out_and_named),
        cmocka_unit_test(every_cut_picture_is_refused),
        cmocka_unit_test(a_wrong_checksum_in_a_png_is_refused),
        cmocka_unit_test(no_changed_byte_of_a_picture_breaks_the_reader),
        cmocka_unit_test(pictures_that_claim_to_be_huge_are_refused_before_memory_is_asked_for),
        cmocka_unit_test(what_is_no_picture_in_a_folder_is_refused),
        cmocka_unit_test(idx_files_are_read_compressed_or_not),
        cmocka_unit_test(idx_files_that_lie_are_refused),
        cmocka_unit_test(damaged_gzip_files_are_refused),
        cmocka_unit_test(npy_files_of_every_layout_are_read),
        cmocka_unit_test(float_ranges_are_told_from_the_values),
        cmocka_unit_test(npy_files_that_are_no_images_are_refused),
        cmocka_unit_test(what_is_written_reads_back),
        cmocka_unit_test(images_without_names_are_numbered),
        cmocka_unit_test(writing_touches_nothing_that_is_there_and_leaves_nothing_half_done),
        cmocka_unit_test(the_folders_of_cifar_are_read_whole),
    };
    return cmocka_run_group_tests(tests, fixture_create, pictures_destroy);
}
