#include "data/reader.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/memory.h"
#include "data/read_options.h"
#include "files/file_name.h"
#include "files/table.h"

struct enot_reader {
    const table_input *format;
    void *state;
};

static const char MEASURE_PREFIX[] = "measure:";
enum { MEASURE_PREFIX_SIZE = sizeof MEASURE_PREFIX - 1 };

static const struct {
    const char *ending;
    const table_input *format;
} ENDINGS[] = {{".csv", &table_input_csv},
               {".tsv", &table_input_csv},
               {".txt", &table_input_csv},
               {".npy", &table_input_npy},
               {".safetensors", &table_input_safetensors}};

const char *reader_measure_spec(const char *spec) {
    return strncmp(spec, MEASURE_PREFIX, MEASURE_PREFIX_SIZE) == 0 ? spec + MEASURE_PREFIX_SIZE : NULL;
}

/* By the first bytes of a regular file: npy has a mark, safetensors a header length and an opening brace. */
static const table_input *format_of_content(const char *path) {
    enum { HEAD = 9 };
    unsigned char head[HEAD] = {0};
    struct stat found;
    if (stat(path, &found) != 0 || !S_ISREG(found.st_mode)) return &table_input_csv;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return &table_input_csv;
    ssize_t size = read(descriptor, head, HEAD);
    close(descriptor);
    if (size == HEAD && memcmp(head, "\x93NUMPY", 6) == 0) return &table_input_npy;
    if (size == HEAD && head[8] == '{' && memcmp(head + 5, "\0\0\0", 3) == 0) return &table_input_safetensors;
    return &table_input_csv;
}

static const table_input *choose_format(const char *spec) {
    if (reader_measure_spec(spec)) return &table_input_measure;
    for (size_t i = 0; i < sizeof ENDINGS / sizeof *ENDINGS; i++)
        if (file_name_ends(spec, ENDINGS[i].ending)) return ENDINGS[i].format;
    return format_of_content(spec);
}

enot_status enot_reader_open(enot_context *context, const char *spec, const enot_read_options *options,
                             enot_reader **reader) {
    if (!context) return ENOT_ERR_ARGUMENT;
    if (!spec || !reader)
        return context_fail(context, ENOT_ERR_ARGUMENT, "enot_reader_open: spec and reader must not be NULL");
    enot_read_options complete;
    enot_reader *created;
    TRY(read_options_complete(context, options, &complete));
    TRY(MEMORY_NEW(context, 1, "a table reader", &created));
    created->format = choose_format(spec);
    const char *measure = reader_measure_spec(spec);
    enot_status status = created->format->open(context, measure ? measure : spec, &complete, &created->state);
    if (status != ENOT_OK) {
        memory_destroy(created);
        return status;
    }
    *reader = created;
    return ENOT_OK;
}

void enot_reader_close(enot_reader *reader) {
    if (!reader) return;
    reader->format->close(reader->state);
    memory_destroy(reader);
}

int64_t enot_reader_dim(const enot_reader *reader) { return reader->format->dim(reader->state); }

int64_t reader_rows(const enot_reader *reader) { return reader->format->rows(reader->state); }

const char *enot_reader_column(const enot_reader *reader, int64_t column) {
    return column >= 0 && column < enot_reader_dim(reader) ? reader->format->column(reader->state, column) : NULL;
}

const char *enot_reader_type(const enot_reader *reader) {
    return reader->format->type ? reader->format->type(reader->state) : "";
}

int enot_reader_shape(const enot_reader *reader, int64_t extents[ENOT_AXES_MOST]) {
    if (reader->format->shape) return reader->format->shape(reader->state, extents);
    extents[0] = enot_reader_dim(reader);
    return 1;
}

enot_status enot_reader_next(enot_context *context, enot_reader *reader, int64_t capacity, double *rows,
                             int64_t *count) {
    if (!context) return ENOT_ERR_ARGUMENT;
    if (!reader || !rows || !count || capacity < 1)
        return context_fail(context, ENOT_ERR_ARGUMENT,
                            "enot_reader_next: needs a reader, and room for one row or more");
    return reader->format->next(context, reader->state, capacity, rows, count);
}
