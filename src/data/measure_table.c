/* A built-in measure as a table that never ends. */
#include "core/memory.h"
#include "files/table.h"
#include "measures/measure.h"

typedef struct measure_reader {
    measure *measure;
    uint64_t seed;
    int64_t next; /* row */
} measure_reader;

static void measure_table_close(void *state) {
    measure_reader *reader = state;
    if (!reader) return;
    measure_close(reader->measure);
    memory_destroy(reader);
}

static enot_status measure_table_open(enot_context *context, const char *spec, const enot_read_options *options,
                                      void **state) {
    measure_reader *reader;
    if (options->columns)
        return context_fail(context, ENOT_ERR_ARGUMENT, "measure:%s: a built-in measure has no columns to choose from",
                            spec);
    TRY(MEMORY_NEW(context, 1, "a measure", &reader));
    reader->seed = options->seed;
    enot_status status = measure_open(context, spec, &reader->measure);
    if (status != ENOT_OK) {
        memory_destroy(reader);
        return status;
    }
    *state = reader;
    return ENOT_OK;
}

static int64_t measure_table_dim(const void *state) { return measure_dim(((const measure_reader *)state)->measure); }

static int64_t measure_table_rows(const void *state) {
    (void)state;
    return -1;
}

static const char *measure_table_column(const void *state, int64_t column) {
    (void)state, (void)column;
    return NULL;
}

static enot_status measure_table_next(enot_context *context, void *state, int64_t capacity, double *rows,
                                      int64_t *count) {
    (void)context;
    measure_reader *reader = state;
    measure_draw(reader->measure, reader->seed, reader->next, capacity, rows);
    reader->next += capacity;
    *count = capacity;
    return ENOT_OK;
}

const table_input table_input_measure = {measure_table_open,   measure_table_close, measure_table_dim, measure_table_rows,
                                         measure_table_column, measure_table_next,  NULL,              NULL};
