/* Tables in .safetensors files: a tensor of shape [rows, columns]. */
#include <string.h>

#include "core/memory.h"
#include "core/suggest.h"
#include "files/atomic_file.h"
#include "files/matrix.h"
#include "files/safetensors.h"
#include "files/table.h"

static const char TENSOR_NAME[] = "samples";

/* --------------------------------------------------------------------------------------------------------- reading */

typedef struct tensor_reader {
    safetensors_file *file;
    matrix_cursor cursor;
} tensor_reader;

static enot_status fail_unknown_key(enot_context *context, const char *path, const safetensors_file *file,
                                    const char *key) {
    const char **names, *nearest = NULL;
    size_t count = safetensors_count(file);
    TRY(MEMORY_NEW(context, (int64_t)count, "the names of tensors", &names));
    for (size_t i = 0; i < count; i++) names[i] = safetensors_at(file, i)->name;
    nearest = suggest_nearest(key, names, count);
    memory_destroy(names);
    if (nearest)
        return context_fail(context, ENOT_ERR_ARGUMENT, "%s: there is no tensor \"%.60s\": did you mean \"%.60s\"?",
                            path, key, nearest);
    return context_fail(context, ENOT_ERR_ARGUMENT, "%s: there is no tensor \"%.60s\": its first is \"%.60s\"", path,
                        key, count ? safetensors_at(file, 0)->name : "");
}

/* The only tensor of that rank; *count says how many there are. */
static const safetensor *find_only(const safetensors_file *file, int rank, size_t *count) {
    const safetensor *found = NULL;
    *count = 0;
    for (size_t i = 0; i < safetensors_count(file); i++) {
        if (safetensors_at(file, i)->rank != rank) continue;
        if ((*count)++ == 0) found = safetensors_at(file, i);
    }
    return found;
}

/* Without a key: the only matrix, or else the only vector. */
static enot_status find_tensor(enot_context *context, const char *path, const safetensors_file *file, const char *key,
                               const safetensor **tensor) {
    if (key) {
        *tensor = safetensors_find(file, key);
        if (!*tensor) return fail_unknown_key(context, path, file, key);
        if ((*tensor)->rank == 1 || (*tensor)->rank == 2) return ENOT_OK;
        return context_fail(context, ENOT_ERR_DATA,
                            "%s: tensor \"%.60s\" has %d dimensions: a table has rows and columns", path, key,
                            (*tensor)->rank);
    }
    size_t count;
    *tensor = find_only(file, 2, &count);
    if (count == 0) *tensor = find_only(file, 1, &count);
    if (count == 1) return ENOT_OK;
    if (count == 0) return context_fail(context, ENOT_ERR_DATA, "%s: there is no tensor with rows and columns", path);
    return context_fail(context, ENOT_ERR_ARGUMENT,
                        "%s: there are %zu tensors, \"%.60s\" among them: choose one by its key", path, count,
                        (*tensor)->name);
}

static matrix as_matrix(const safetensor *tensor) {
    size_t width = element_size(tensor->dtype);
    int64_t columns = tensor->rank == 2 ? tensor->shape[1] : 1;
    return (matrix){.bytes = tensor->bytes,
                    .type = tensor->dtype,
                    .rows = tensor->shape[0],
                    .columns = columns,
                    .row_stride = width * (size_t)columns,
                    .column_stride = width};
}

static void tensor_close(void *state) {
    tensor_reader *reader = state;
    if (!reader) return;
    matrix_cursor_close(&reader->cursor);
    safetensors_close(reader->file);
    memory_destroy(reader);
}

static enot_status tensor_open(enot_context *context, const char *path, const enot_read_options *options,
                               void **state) {
    tensor_reader *reader;
    const safetensor *tensor;
    TRY(MEMORY_NEW(context, 1, "a safetensors reader", &reader));
    enot_status status = safetensors_open(context, path, &reader->file);
    if (status == ENOT_OK) status = find_tensor(context, path, reader->file, options->key, &tensor);
    if (status == ENOT_OK) {
        matrix found = as_matrix(tensor);
        status = matrix_cursor_open(context, path, &found, options->columns, &reader->cursor);
    }
    if (status != ENOT_OK) {
        tensor_close(reader);
        return status;
    }
    *state = reader;
    return ENOT_OK;
}

static int64_t tensor_dim(const void *state) { return ((const tensor_reader *)state)->cursor.dim; }

static int64_t tensor_rows(const void *state) { return ((const tensor_reader *)state)->cursor.matrix.rows; }

static const char *tensor_column(const void *state, int64_t column) {
    (void)state, (void)column;
    return NULL;
}

static enot_status tensor_next(enot_context *context, void *state, int64_t capacity, double *rows, int64_t *count) {
    return matrix_cursor_next(context, &((tensor_reader *)state)->cursor, capacity, rows, count);
}

const table_input table_input_safetensors = {tensor_open,   tensor_close, tensor_dim, tensor_rows,
                                             tensor_column, tensor_next,  NULL,       NULL};

/* --------------------------------------------------------------------------------------------------------- writing */

typedef struct tensor_writer {
    atomic_file *file;
    int64_t dim, rows;
} tensor_writer;

enum { HEADER_SIZE = 256 }; /* room for any number of rows */

/* Puts the header at the start of the file, in front of what follows. */
static enot_status write_header(enot_context *context, tensor_writer *writer) {
    safetensor table = {.name = TENSOR_NAME, .dtype = ELEMENT_F64, .rank = 2, .shape = {writer->rows, writer->dim}};
    uint8_t *header;
    size_t size;
    TRY(safetensors_header(context, &table, 1, NULL, 0, HEADER_SIZE, &header, &size));
    enot_status status = writer->rows == 0 ? atomic_file_write(context, writer->file, header, size)
                                           : atomic_file_rewrite_at(context, writer->file, 0, header, size);
    memory_destroy(header);
    return status;
}

static void tensor_discard(void *state) {
    tensor_writer *writer = state;
    if (!writer) return;
    atomic_file_discard(writer->file);
    memory_destroy(writer);
}

static enot_status tensor_create(enot_context *context, const char *path, int64_t dim, const char *const *columns,
                                 void **state) {
    (void)columns;
    tensor_writer *writer;
    TRY(MEMORY_NEW(context, 1, "a safetensors writer", &writer));
    writer->dim = dim;
    enot_status status = atomic_file_open(context, path, &writer->file);
    if (status == ENOT_OK) status = write_header(context, writer);
    if (status != ENOT_OK) {
        tensor_discard(writer);
        return status;
    }
    *state = writer;
    return ENOT_OK;
}

static enot_status tensor_append(enot_context *context, void *state, const double *rows, int64_t count) {
    tensor_writer *writer = state;
    TRY(atomic_file_write(context, writer->file, rows, (size_t)count * (size_t)writer->dim * sizeof *rows));
    writer->rows += count;
    return ENOT_OK;
}

static enot_status tensor_finish(enot_context *context, void *state) {
    tensor_writer *writer = state;
    enot_status status = writer->rows > 0 ? write_header(context, writer) : ENOT_OK;
    if (status == ENOT_OK) status = atomic_file_commit(context, writer->file);
    else atomic_file_discard(writer->file);
    memory_destroy(writer);
    return status;
}

const table_output table_output_safetensors = {tensor_create, tensor_append, tensor_finish, tensor_discard};
