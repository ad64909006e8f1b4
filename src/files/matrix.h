/* A matrix of numbers inside a mapped file, and reading it a block of rows at a time. */
#ifndef ENOT_FILES_MATRIX_H
#define ENOT_FILES_MATRIX_H

#include "core/context.h"
#include "files/element.h"

/* Element (i, j) stands at bytes + i row_stride + j column_stride. */
typedef struct matrix {
    const uint8_t *bytes;
    element_type type;
    bool big_endian;
    int64_t rows, columns;
    size_t row_stride, column_stride;
} matrix;

/* The rows of a matrix, in order, with some of its columns. */
typedef struct matrix_cursor {
    char *name; /* of the file, for messages */
    matrix matrix;
    int64_t *chosen; /* [dim] */
    int64_t dim;
    int64_t row; /* the next to read */
} matrix_cursor;

/* choice: see columns_parse. The bytes must stay mapped. Fails for a matrix without rows or columns. */
enot_status matrix_cursor_open(enot_context *context, const char *name, const matrix *source, const char *choice,
                               matrix_cursor *cursor);
void matrix_cursor_close(matrix_cursor *cursor);

/* Like table_input.next. */
enot_status matrix_cursor_next(enot_context *context, matrix_cursor *cursor, int64_t capacity, double *rows,
                               int64_t *count);

#endif
