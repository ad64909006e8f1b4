/* Small files for tests of formats: a directory of their own, written and read whole. */
#ifndef ENOT_TESTS_FILES_H
#define ENOT_TESTS_FILES_H

#include <dirent.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "enot.h"

enum { PATH_CAPACITY = 256 };

typedef struct fixture {
    enot_context *context;
    char directory[64];
} fixture;

static inline int fixture_create(void **state) {
    fixture *made = calloc(1, sizeof *made);
    assert_non_null(made);
    assert_int_equal(enot_context_create(&made->context), ENOT_OK);
    strcpy(made->directory, "/tmp/enot_test_XXXXXX");
    assert_non_null(mkdtemp(made->directory));
    *state = made;
    return 0;
}

static inline void path_in(const fixture *at, const char *name, char path[PATH_CAPACITY]) {
    snprintf(path, PATH_CAPACITY, "%s/%s", at->directory, name);
}

static inline int count_files(const fixture *at) {
    DIR *directory = opendir(at->directory);
    assert_non_null(directory);
    int count = 0;
    for (struct dirent *entry; (entry = readdir(directory));)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(directory);
    return count;
}

static inline void remove_files(const fixture *at) {
    DIR *directory = opendir(at->directory);
    assert_non_null(directory);
    for (struct dirent *entry; (entry = readdir(directory));) {
        char path[PATH_CAPACITY + 64];
        snprintf(path, sizeof path, "%s/%s", at->directory, entry->d_name);
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) remove(path);
    }
    closedir(directory);
}

static inline int fixture_destroy(void **state) {
    fixture *made = *state;
    remove_files(made);
    rmdir(made->directory);
    enot_context_destroy(made->context);
    free(made);
    return 0;
}

static inline void write_bytes(const char *path, const void *bytes, size_t size) {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static inline void write_text(const char *path, const char *text) { write_bytes(path, text, strlen(text)); }

/* The whole file, zero-terminated; free it. */
static inline char *read_bytes(const char *path, size_t *size) {
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    *size = (size_t)ftell(file);
    rewind(file);
    char *bytes = calloc(1, *size + 1);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, *size, file), *size);
    fclose(file);
    return bytes;
}

/* The message of the context names each of the texts, the last of which is NULL. */
static inline void assert_message(const fixture *at, const char *first, ...) {
    const char *message = enot_context_message(at->context);
    va_list texts;
    va_start(texts, first);
    for (const char *text = first; text; text = va_arg(texts, const char *))
        if (!strstr(message, text)) fail_msg("\"%s\" is not in \"%s\"", text, message);
    va_end(texts);
    assert_null(strchr(message, '\n'));
}

#endif
