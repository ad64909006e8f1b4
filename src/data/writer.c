#include "core/memory.h"
#include "files/file_name.h"
#include "files/table.h"

struct enot_writer {
    const table_output *format;
    void *state;
};

static const table_output *choose_format(const char *path) {
    if (file_name_ends(path, ".npy")) return &table_output_npy;
    if (file_name_ends(path, ".safetensors")) return &table_output_safetensors;
    return &table_output_csv;
}

enot_status enot_writer_open(enot_context *context, const char *path, int64_t dim, const char *const *columns,
                             enot_writer **writer) {
    if (!context) return ENOT_ERR_ARGUMENT;
    if (!path || !writer || dim < 1)
        return context_fail(context, ENOT_ERR_ARGUMENT, "enot_writer_open: needs a path and one column or more");
    enot_writer *created;
    TRY(MEMORY_NEW(context, 1, "a table writer", &created));
    created->format = choose_format(path);
    enot_status status = created->format->open(context, path, dim, columns, &created->state);
    if (status != ENOT_OK) {
        memory_destroy(created);
        return status;
    }
    *writer = created;
    return ENOT_OK;
}

enot_status enot_writer_append(enot_context *context, enot_writer *writer, const double *rows, int64_t count) {
    if (!context) return ENOT_ERR_ARGUMENT;
    if (!writer || count < 0 || (!rows && count > 0))
        return context_fail(context, ENOT_ERR_ARGUMENT, "enot_writer_append: needs a writer and rows");
    return writer->format->append(context, writer->state, rows, count);
}

enot_status enot_writer_finish(enot_context *context, enot_writer *writer) {
    if (!context || !writer) return ENOT_ERR_ARGUMENT;
    enot_status status = writer->format->finish(context, writer->state);
    memory_destroy(writer);
    return status;
}

void enot_writer_discard(enot_writer *writer) {
    if (!writer) return;
    writer->format->discard(writer->state);
    memory_destroy(writer);
}
