#include <csv.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "core/memory.h"
#include "core/number.h"
#include "files/atomic_file.h"
#include "files/file_name.h"
#include "files/table.h"

typedef struct csv_writer {
    atomic_file *file;
    int64_t dim;
    char delimiter;
} csv_writer;

static bool needs_quotes(const char *name, char delimiter) {
    size_t size = strlen(name);
    return size == 0 || *name == '#' || *name == ' ' || name[size - 1] == ' ' || strpbrk(name, "\"\t\r\n") ||
           strchr(name, delimiter);
}

static enot_status write_quoted(enot_context *context, csv_writer *writer, const char *name) {
    size_t size = strlen(name), capacity = 2 * size + 2;
    char *quoted;
    TRY(MEMORY_NEW(context, (int64_t)capacity, "a column name", &quoted));
    enot_status status = atomic_file_write(context, writer->file, quoted, csv_write(quoted, capacity, name, size));
    memory_destroy(quoted);
    return status;
}

static enot_status write_header(enot_context *context, csv_writer *writer, const char *const *columns) {
    for (int64_t i = 0; i < writer->dim; i++) {
        if (i > 0) TRY(atomic_file_write(context, writer->file, &writer->delimiter, 1));
        if (needs_quotes(columns[i], writer->delimiter)) TRY(write_quoted(context, writer, columns[i]));
        else TRY(atomic_file_write(context, writer->file, columns[i], strlen(columns[i])));
    }
    return atomic_file_write(context, writer->file, "\n", 1);
}

static void csv_discard(void *state) {
    csv_writer *writer = state;
    if (!writer) return;
    atomic_file_discard(writer->file);
    memory_destroy(writer);
}

static enot_status csv_open(enot_context *context, const char *path, int64_t dim, const char *const *columns,
                            void **state) {
    csv_writer *writer;
    TRY(MEMORY_NEW(context, 1, "a CSV writer", &writer));
    writer->dim = dim;
    writer->delimiter = file_name_ends(path, ".tsv") ? '\t' : ',';
    enot_status status = strcmp(path, "-") == 0
                             ? atomic_file_wrap(context, STDOUT_FILENO, "standard output", &writer->file)
                             : atomic_file_open(context, path, &writer->file);
    if (status == ENOT_OK && columns) status = write_header(context, writer, columns);
    if (status != ENOT_OK) {
        csv_discard(writer);
        return status;
    }
    *state = writer;
    return ENOT_OK;
}

static enot_status csv_append(enot_context *context, void *state, const double *rows, int64_t count) {
    csv_writer *writer = state;
    for (int64_t i = 0; i < count; i++)
        for (int64_t column = 0; column < writer->dim; column++) {
            char text[NUMBER_TEXT_CAPACITY + 1];
            size_t size = number_format(rows[i * writer->dim + column], text);
            text[size] = column + 1 < writer->dim ? writer->delimiter : '\n';
            TRY(atomic_file_write(context, writer->file, text, size + 1));
        }
    return ENOT_OK;
}

static enot_status csv_finish(enot_context *context, void *state) {
    csv_writer *writer = state;
    enot_status status = atomic_file_commit(context, writer->file);
    memory_destroy(writer);
    return status;
}

const table_output table_output_csv = {csv_open, csv_append, csv_finish, csv_discard};
