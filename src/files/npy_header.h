/* The header of a .npy file (numpy.lib.format, versions 1 to 3). */
#ifndef ENOT_FILES_NPY_HEADER_H
#define ENOT_FILES_NPY_HEADER_H

#include "core/context.h"
#include "files/matrix.h"

/* The axes of an array behind its first. */
typedef struct npy_axes {
    int count;
    int64_t extents[ENOT_AXES_MOST];
} npy_axes;

/*
 * Reads the header at the start of bytes, a whole file, and checks it against size. A shape (n,) is a matrix of one
 * column, a shape (n, a, b) in C order one of a * b columns; axes: what a row consists of. path: for messages.
 */
enot_status npy_header_parse(enot_context *context, const char *path, const uint8_t *bytes, size_t size, matrix *found,
                             npy_axes *axes);

#define NPY_HEADER_SIZE 128

/* The header of a row-major float64 matrix; its size does not depend on the numbers. */
void npy_header_write(int64_t rows, int64_t columns, char header[NPY_HEADER_SIZE]);

#endif
