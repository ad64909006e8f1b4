#include "data/cost_file.h"

#include "core/memory.h"

/* A cost's matrix has at most as many rows as the data have columns. */
#define MOST_ROWS 65536

/* One row more than there is room for tells that there are too many. */
static enot_status read_rows(enot_context *context, enot_reader *reader, const char *name, int64_t capacity, cost_array *out) {
    int64_t count = 1;
    while (count > 0 && out->rows < capacity) {
        TRY(enot_reader_next(context, reader, capacity - out->rows, out->values + out->rows * out->columns, &count));
        out->rows += count;
    }
    if (out->rows == capacity)
        return context_fail(context, ENOT_ERR_DATA, "%s: more than %lld rows: a cost has no use for so many", name, (long long)capacity - 1);
    return ENOT_OK;
}

enot_status cost_file_read(enot_context *context, void *user, const char *name, cost_array *out) {
    enot_reader *reader;
    TRY(enot_reader_open(context, name, NULL, &reader));
    int64_t columns = enot_reader_dim(reader);
    /* a single column has a number for each column of the data */
    int64_t capacity = columns > 1 && columns < MOST_ROWS ? columns + 1 : MOST_ROWS;
    *out = (cost_array){.columns = columns};
    enot_status status = MEMORY_NEW(context, capacity * columns, "the matrix of a cost", &out->values);
    if (!status) status = read_rows(context, reader, name, capacity, out);
    enot_reader_close(reader);
    return status;
}
