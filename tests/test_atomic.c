/* Atomic files: whole or absent, nothing left behind, and what cannot be written is said before. */
#include "files.h"

#include <fcntl.h>
#include <pthread.h>

#include "files/atomic_file.h"

static atomic_file *open_file(fixture *at, const char *path) {
    atomic_file *file = NULL;
    if (atomic_file_open(at->context, path, &file) != ENOT_OK) fail_msg("%s", enot_context_message(at->context));
    return file;
}

static void assert_content(const char *path, const char *text) {
    size_t size;
    char *bytes = read_bytes(path, &size);
    assert_int_equal(size, strlen(text));
    assert_memory_equal(bytes, text, size);
    free(bytes);
}

static void the_old_file_stays_until_the_new_one_is_whole(void **state) {
    fixture *at = *state;
    char path[PATH_CAPACITY];
    path_in(at, "kept", path);
    write_text(path, "old");
    atomic_file *file = open_file(at, path);
    assert_int_equal(atomic_file_write(at->context, file, "new text", 8), ENOT_OK);
    assert_content(path, "old");
    assert_int_equal(atomic_file_rewrite_at(at->context, file, 0, "NEW", 3), ENOT_OK);
    assert_int_equal(atomic_file_write(at->context, file, "!", 1), ENOT_OK);
    assert_content(path, "old");
    assert_int_equal(atomic_file_commit(at->context, file), ENOT_OK);
    assert_content(path, "NEW text!");
    assert_int_equal(count_files(at), 1);
    remove_files(at);
}

static void a_discarded_file_leaves_nothing(void **state) {
    fixture *at = *state;
    char path[PATH_CAPACITY];
    path_in(at, "gone", path);
    atomic_file *file = open_file(at, path);
    assert_int_equal(atomic_file_write(at->context, file, "text", 4), ENOT_OK);
    assert_int_equal(count_files(at), 1);
    atomic_file_discard(file);
    assert_int_equal(count_files(at), 0);
    atomic_file_discard(NULL);
}

static void more_than_a_buffer_is_written_in_order(void **state) {
    fixture *at = *state;
    enum { SIZE = 1 << 20 };
    char path[PATH_CAPACITY], *expected = malloc(SIZE);
    path_in(at, "large", path);
    for (int i = 0; i < SIZE; i++) expected[i] = (char)(i * 7 + i / 251);
    atomic_file *file = open_file(at, path);
    for (size_t begin = 0, size = 1; begin < SIZE; begin += size, size = size * 3 + 1) {
        if (size > SIZE - begin) size = SIZE - begin;
        assert_int_equal(atomic_file_write(at->context, file, expected + begin, size), ENOT_OK);
    }
    assert_int_equal(atomic_file_commit(at->context, file), ENOT_OK);
    size_t size;
    char *bytes = read_bytes(path, &size);
    assert_int_equal(size, SIZE);
    assert_memory_equal(bytes, expected, SIZE);
    free(bytes);
    free(expected);
    remove_files(at);
}

static void permissions_are_those_of_any_new_file_or_of_the_old_one(void **state) {
    fixture *at = *state;
    char path[PATH_CAPACITY];
    struct stat found;
    path_in(at, "mode", path);
    mode_t mask = umask(027);
    assert_int_equal(atomic_file_commit(at->context, open_file(at, path)), ENOT_OK);
    umask(mask);
    assert_int_equal(stat(path, &found), 0);
    assert_int_equal(found.st_mode & 0777, 0640);
    assert_int_equal(chmod(path, 0604), 0);
    assert_int_equal(atomic_file_commit(at->context, open_file(at, path)), ENOT_OK);
    assert_int_equal(stat(path, &found), 0);
    assert_int_equal(found.st_mode & 0777, 0604);
    remove_files(at);
}

static void a_link_stays_a_link_to_the_new_file(void **state) {
    fixture *at = *state;
    char path[PATH_CAPACITY], link[PATH_CAPACITY];
    struct stat found;
    path_in(at, "real", path);
    path_in(at, "link", link);
    write_text(path, "old");
    assert_int_equal(symlink("real", link), 0);
    atomic_file *file = open_file(at, link);
    assert_int_equal(atomic_file_write(at->context, file, "new", 3), ENOT_OK);
    assert_int_equal(atomic_file_commit(at->context, file), ENOT_OK);
    assert_content(path, "new");
    assert_int_equal(lstat(link, &found), 0);
    assert_true(S_ISLNK(found.st_mode));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(enot_path_writable(at->context, link), ENOT_ERR_IO);
    assert_message(at, "link", NULL);
    remove_files(at);
}

static void *read_pipe(void *path) {
    static char text[16];
    int descriptor = open(path, O_RDONLY);
    ssize_t size = read(descriptor, text, sizeof text - 1);
    text[size > 0 ? size : 0] = '\0';
    close(descriptor);
    return text;
}

static void devices_and_pipes_are_written_directly(void **state) {
    fixture *at = *state;
    char path[PATH_CAPACITY];
    atomic_file *file = open_file(at, "/dev/null");
    assert_int_equal(atomic_file_write(at->context, file, "text", 4), ENOT_OK);
    assert_int_equal(atomic_file_commit(at->context, file), ENOT_OK);
    struct stat found;
    assert_int_equal(stat("/dev/null", &found), 0);
    assert_true(S_ISCHR(found.st_mode));
    path_in(at, "pipe", path);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(enot_path_writable(at->context, path), ENOT_OK);
    pthread_t reader;
    void *text;
    assert_int_equal(pthread_create(&reader, NULL, read_pipe, path), 0);
    file = open_file(at, path);
    assert_int_equal(atomic_file_write(at->context, file, "text", 4), ENOT_OK);
    assert_int_equal(atomic_file_commit(at->context, file), ENOT_OK);
    pthread_join(reader, &text);
    assert_string_equal(text, "text");
    remove_files(at);
}

static void a_full_disk_is_reported(void **state) {
    fixture *at = *state;
    atomic_file *file = open_file(at, "/dev/full");
    assert_int_equal(atomic_file_write(at->context, file, "text", 4), ENOT_OK);
    assert_int_equal(atomic_file_commit(at->context, file), ENOT_ERR_IO);
    assert_message(at, "/dev/full", "No space left", NULL);
}

static void what_can_be_written_is_told_without_a_trace(void **state) {
    fixture *at = *state;
    char path[PATH_CAPACITY];
    path_in(at, "new", path);
    assert_int_equal(enot_path_writable(at->context, path), ENOT_OK);
    assert_int_equal(count_files(at), 0);
    write_text(path, "old");
    assert_int_equal(enot_path_writable(at->context, path), ENOT_OK);
    assert_content(path, "old");
    assert_int_equal(count_files(at), 1);
    assert_int_equal(enot_path_writable(at->context, "/dev/null"), ENOT_OK);
    remove_files(at);
}

static void what_cannot_be_written_is_told_with_the_reason(void **state) {
    fixture *at = *state;
    char path[PATH_CAPACITY];
    assert_int_equal(enot_path_writable(at->context, ""), ENOT_ERR_ARGUMENT);
    assert_int_equal(enot_path_writable(at->context, at->directory), ENOT_ERR_IO);
    assert_message(at, at->directory, "is a directory", NULL);
    path_in(at, "missing/map.safetensors", path);
    assert_int_equal(enot_path_writable(at->context, path), ENOT_ERR_IO);
    assert_message(at, path, "there is no directory", "create it", NULL);
    path_in(at, "missing/", path);
    assert_int_equal(enot_path_writable(at->context, path), ENOT_ERR_IO);
    path_in(at, "file", path);
    write_text(path, "");
    path_in(at, "file/map.safetensors", path);
    assert_int_equal(enot_path_writable(at->context, path), ENOT_ERR_IO);
    assert_int_equal(enot_path_writable(at->context, "/proc/map.safetensors"), ENOT_ERR_IO);
    assert_message(at, "/proc/map.safetensors", NULL);
    enot_writer *writer;
    path_in(at, "missing/map.csv", path);
    assert_int_equal(enot_writer_open(at->context, path, 2, NULL, &writer), ENOT_ERR_IO);
    remove_files(at);
}

static void a_discarded_table_leaves_nothing(void **state) {
    fixture *at = *state;
    static const char *const names[] = {"t.csv", "t.npy", "t.safetensors"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[PATH_CAPACITY];
        enot_writer *writer;
        path_in(at, names[i], path);
        assert_int_equal(enot_writer_open(at->context, path, 1, NULL, &writer), ENOT_OK);
        assert_int_equal(enot_writer_append(at->context, writer, (double[]){1, 2}, 2), ENOT_OK);
        enot_writer_discard(writer);
        assert_int_equal(count_files(at), 0);
    }
    enot_writer_discard(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_old_file_stays_until_the_new_one_is_whole),
        cmocka_unit_test(a_discarded_file_leaves_nothing),
        cmocka_unit_test(more_than_a_buffer_is_written_in_order),
        cmocka_unit_test(permissions_are_those_of_any_new_file_or_of_the_old_one),
        cmocka_unit_test(a_link_stays_a_link_to_the_new_file),
        cmocka_unit_test(devices_and_pipes_are_written_directly),
        cmocka_unit_test(a_full_disk_is_reported),
        cmocka_unit_test(what_can_be_written_is_told_without_a_trace),
        cmocka_unit_test(what_cannot_be_written_is_told_with_the_reason),
        cmocka_unit_test(a_discarded_table_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, fixture_create, fixture_destroy);
}
