#include "files/matrix.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "core/least.h"
#include "core/memory.h"
#include "core/parallel.h"
#include "files/columns.h"

#define BLOCK_ROWS 256

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

/* Rows first .. first + count - 1 are converted; a task takes BLOCK_ROWS of them. */
typedef struct reading {
    const matrix_cursor *cursor;
    int64_t first, count;
    double *rows;
    atomic_int odd; /* whether some value is not finite */
} reading;

static void read_block(void *user, int64_t index, int worker) {
    reading *r = user;
    const matrix *source = &r->cursor->matrix;
    int64_t dim = r->cursor->dim, begin = index * BLOCK_ROWS, end = least(begin + BLOCK_ROWS, r->count);
    for (int64_t i = begin; i < end; i++)
        read_row(r->cursor, source->bytes + (size_t)(r->first + i) * source->row_stride, r->rows + i * dim);
    int odd = 0;
    for (int64_t i = begin * dim; i < end * dim; i++) odd |= !isfinite(r->rows[i]);
    if (odd) atomic_store(&r->odd, 1);
}

/* Names the first value that is not finite. */
static enot_status refuse(enot_context *context, const reading *r) {
    const matrix_cursor *cursor = r->cursor;
    int64_t i = 0;
    while (isfinite(r->rows[i])) i++;
    return context_fail(context, ENOT_ERR_DATA,
                        "%s, row %lld, column %lld: %s is not a finite number: "
                        "correct it, or leave out the row or the column",
                        cursor->name, (long long)(r->first + i / cursor->dim) + 1, (long long)cursor->chosen[i % cursor->dim] + 1,
                        isnan(r->rows[i]) ? "NaN" : "infinity");
}

enot_status matrix_cursor_next(enot_context *context, matrix_cursor *cursor, int64_t capacity, double *rows,
                               int64_t *count) {
    reading r = {cursor, cursor->row, least(cursor->matrix.rows - cursor->row, capacity), rows, 0};
    parallel_for(context, (r.count + BLOCK_ROWS - 1) / BLOCK_ROWS, read_block, &r);
    if (r.odd) return refuse(context, &r);
    cursor->row += r.count;
    *count = r.count;
    return ENOT_OK;
}
