/* Tables in .npy files. */
#include <string.h>

#include "core/memory.h"
#include "files/atomic_file.h"
#include "files/mapped_file.h"
#include "files/matrix.h"
#include "files/npy_header.h"
#include "files/table.h"

/* --------------------------------------------------------------------------------------------------------- reading */

typedef struct npy_reader {
    mapped_file mapped;
    matrix_cursor cursor;
    npy_axes axes;
} npy_reader;

static void npy_close(void *state) {
    npy_reader *reader = state;
    if (!reader) return;
    matrix_cursor_close(&reader->cursor);
    mapped_file_close(&reader->mapped);
    memory_destroy(reader);
}

static enot_status npy_open(enot_context *context, const char *path, const enot_read_options *options, void **state) {
    npy_reader *reader;
    matrix found;
    TRY(MEMORY_NEW(context, 1, "an npy reader", &reader));
    enot_status status = mapped_file_open(context, path, &reader->mapped);
    if (status == ENOT_OK)
        status = npy_header_parse(context, path, reader->mapped.bytes, reader->mapped.size, &found, &reader->axes);
    if (status == ENOT_OK) status = matrix_cursor_open(context, path, &found, options->columns, &reader->cursor);
    if (status != ENOT_OK) {
        npy_close(reader);
        return status;
    }
    *state = reader;
    return ENOT_OK;
}

static int64_t npy_dim(const void *state) { return ((const npy_reader *)state)->cursor.dim; }

static int64_t npy_rows(const void *state) { return ((const npy_reader *)state)->cursor.matrix.rows; }

static const char *npy_column(const void *state, int64_t column) {
    (void)state, (void)column;
    return NULL;
}

static enot_status npy_next(enot_context *context, void *state, int64_t capacity, double *rows, int64_t *count) {
    return matrix_cursor_next(context, &((npy_reader *)state)->cursor, capacity, rows, count);
}

static const char *npy_type(const void *state) { return element_name(((const npy_reader *)state)->cursor.matrix.type); }

static int npy_shape(const void *state, int64_t extents[ENOT_AXES_MOST]) {
    const npy_reader *reader = state;
    memcpy(extents, reader->axes.extents, sizeof reader->axes.extents);
    return reader->axes.count;
}

const table_input table_input_npy = {npy_open,   npy_close, npy_dim,  npy_rows,
                                     npy_column, npy_next,  npy_type, npy_shape};

/* --------------------------------------------------------------------------------------------------------- writing */

typedef struct npy_writer {
    atomic_file *file;
    int64_t dim, rows;
} npy_writer;

static void npy_discard(void *state) {
    npy_writer *writer = state;
    if (!writer) return;
    atomic_file_discard(writer->file);
    memory_destroy(writer);
}

static enot_status npy_create(enot_context *context, const char *path, int64_t dim, const char *const *columns,
                              void **state) {
    (void)columns;
    npy_writer *writer;
    char header[NPY_HEADER_SIZE];
    TRY(MEMORY_NEW(context, 1, "an npy writer", &writer));
    writer->dim = dim;
    npy_header_write(0, dim, header);
    enot_status status = atomic_file_open(context, path, &writer->file);
    if (status == ENOT_OK) status = atomic_file_write(context, writer->file, header, sizeof header);
    if (status != ENOT_OK) {
        npy_discard(writer);
        return status;
    }
    *state = writer;
    return ENOT_OK;
}

static enot_status npy_append(enot_context *context, void *state, const double *rows, int64_t count) {
    npy_writer *writer = state;
    TRY(atomic_file_write(context, writer->file, rows, (size_t)count * (size_t)writer->dim * sizeof *rows));
    writer->rows += count;
    return ENOT_OK;
}

static enot_status npy_finish(enot_context *context, void *state) {
    npy_writer *writer = state;
    char header[NPY_HEADER_SIZE];
    npy_header_write(writer->rows, writer->dim, header);
    enot_status status = atomic_file_rewrite_at(context, writer->file, 0, header, sizeof header);
    if (status == ENOT_OK) status = atomic_file_commit(context, writer->file);
    else atomic_file_discard(writer->file);
    memory_destroy(writer);
    return status;
}

const table_output table_output_npy = {npy_create, npy_append, npy_finish, npy_discard};
