#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arguments/text.h"
#include "images/set_builder.h"
#include "images/set_folder_write.h"
#include "session/outfile.h"

#define NPY_PREFIX 10
#define NPY_HEADER 128

static int is_npy(const char *path) {
    return text_ends_with(path, ".npy");
}

int image_set_writable(enot_context *context, const char *path, char error[IMAGE_SET_ERROR_CAPACITY]) {
    if (!is_npy(path)) return set_folder_writable(context, path, error);
    return enot_path_writable(context, path) == ENOT_OK ? 0 : set_error(error, "%s", enot_context_message(context));
}

/* Version 1: a mark, the length of the text in two bytes, a Python dictionary filled up with blanks. */
static int write_header(const image_set *set, FILE *stream) {
    char header[NPY_HEADER] = "\x93NUMPY\x01\0\x76\0"; /* 0x76 = NPY_HEADER - NPY_PREFIX */
    char text[NPY_HEADER - NPY_PREFIX + 1];
    int size = snprintf(text, sizeof text, "{'descr': '|u1', 'fortran_order': False, 'shape': (%lld, %lld, %lld, %lld), }",
                        (long long)set->count, (long long)set->height, (long long)set->width, (long long)set->channels);
    memset(header + NPY_PREFIX, ' ', NPY_HEADER - NPY_PREFIX);
    memcpy(header + NPY_PREFIX, text, (size_t)size);
    header[NPY_HEADER - 1] = '\n';
    return fwrite(header, 1, sizeof header, stream) == sizeof header ? 0 : -1;
}

/* 0, or -1 with errno. */
static int write_array(const image_set *set, FILE *stream) {
    int64_t dim = image_set_dim(set);
    uint8_t *bytes = malloc((size_t)dim);
    int result = bytes != NULL ? write_header(set, stream) : -1;
    for (int64_t i = 0; result == 0 && i < set->count; i++) {
        image_set_bytes(set->pixels + i * dim, dim, bytes);
        if (fwrite(bytes, 1, (size_t)dim, stream) != (size_t)dim) result = -1;
    }
    int saved = errno;
    free(bytes);
    errno = saved;
    return result;
}

static int write_npy(const image_set *set, const char *path, char error[IMAGE_SET_ERROR_CAPACITY]) {
    outfile file;
    if (outfile_open(&file, path) != 0) return set_error(error, "%s: cannot write it: %s", path, strerror(errno));
    if (write_array(set, file.stream) != 0) {
        set_error(error, "%s: cannot write it: %s", path, strerror(errno));
        outfile_discard(&file);
        return -1;
    }
    return outfile_commit(&file) == 0 ? 0 : set_error(error, "%s: cannot write it: %s", path, strerror(errno));
}

int image_set_write(const image_set *set, const char *path, char error[IMAGE_SET_ERROR_CAPACITY]) {
    return is_npy(path) ? write_npy(set, path, error) : set_folder_write(set, path, error);
}
