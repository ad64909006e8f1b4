#include "files/matrix.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "files/columns.h"

enot_status matrix_cursor_open(enot_context *context, const char *name, const matrix *source, const char *choice,
                               matrix_cursor *cursor) {
    if (source->rows == 0 || source->columns == 0)
        return context_fail(context, ENOT_ERR_DATA, "%s: the table has %lld rows and %lld columns: it needs numbers",
                            name, (long long)source->rows, (long long)source->columns);
    *cursor = (matrix_cursor){.matrix = *source};
    TRY(columns_parse(context, name, choice, source->columns, NULL, &cursor->chosen, &cursor->dim));
    TRY(MEMORY_NEW(context, (int64_t)strlen(name) + 1, "a file name", &cursor->name));
    strcpy(cursor->name, name);
    return ENOT_OK;
}

void matrix_cursor_close(matrix_cursor *cursor) {
    memory_destroy(cursor->name);
    memory_destroy(cursor->chosen);
}

/* One row of the chosen columns; all columns of a row-major matrix at once. */
static void read_row(const matrix_cursor *cursor, const uint8_t *bytes, double *row) {
    const matrix *source = &cursor->matrix;
    if (cursor->dim == source->columns && cursor->chosen[0] == 0 &&
        cursor->chosen[cursor->dim - 1] == cursor->dim - 1) {
        element_to_double(source->type, source->big_endian, bytes, source->column_stride, cursor->dim, row);
        return;
    }
    for (int64_t j = 0; j < cursor->dim; j++)
        element_to_double(source->type, source->big_endian, bytes + (size_t)cursor->chosen[j] * source->column_stride,
                          0, 1, &row[j]);
}

enot_status matrix_cursor_next(enot_context *context, matrix_cursor *cursor, int64_t capacity, double *rows,
                               int64_t *count) {
    int64_t left = cursor->matrix.rows - cursor->row, taken = left < capacity ? left : capacity;
    for (int64_t i = 0; i < taken; i++) {
        double *row = rows + i * cursor->dim;
        read_row(cursor, cursor->matrix.bytes + (size_t)(cursor->row + i) * cursor->matrix.row_stride, row);
        for (int64_t j = 0; j < cursor->dim; j++)
            if (!isfinite(row[j]))
                return context_fail(context, ENOT_ERR_DATA,
                                    "%s, row %lld, column %lld: %s is not a finite number: "
                                    "correct it, or leave out the row or the column",
                                    cursor->name, (long long)(cursor->row + i) + 1, (long long)cursor->chosen[j] + 1,
                                    isnan(row[j]) ? "NaN" : "infinity");
    }
    cursor->row += taken;
    *count = taken;
    return ENOT_OK;
}
