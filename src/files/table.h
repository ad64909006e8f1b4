/* What a table format must provide. reader.c and writer.c choose a format by the name of the file. */
#ifndef ENOT_FILES_TABLE_H
#define ENOT_FILES_TABLE_H

#include "core/context.h"

typedef struct table_input {
    /* options is never NULL. On success *state is the format's own, until close. */
    enot_status (*open)(enot_context *context, const char *path, const enot_read_options *options, void **state);
    void (*close)(void *state);
    int64_t (*dim)(const void *state);
    /* Rows of the whole table, -1 if not known before its end. */
    int64_t (*rows)(const void *state);
    /* Name of a column or NULL. */
    const char *(*column)(const void *state, int64_t column);
    /* Up to capacity rows of finite numbers to rows [capacity, dim]; *count = 0 at the end. */
    enot_status (*next)(enot_context *context, void *state, int64_t capacity, double *rows, int64_t *count);
    /* See enot_reader_type and enot_reader_shape. NULL: the format knows of neither. */
    const char *(*type)(const void *state);
    int (*shape)(const void *state, int64_t extents[ENOT_AXES_MOST]);
} table_input;

extern const table_input table_input_csv, table_input_npy, table_input_safetensors, table_input_measure;

typedef struct table_output {
    /* columns: [dim] names or NULL. */
    enot_status (*open)(enot_context *context, const char *path, int64_t dim, const char *const *columns, void **state);
    enot_status (*append)(enot_context *context, void *state, const double *rows, int64_t count);
    /* Puts the file in its place and destroys the state, also on failure. */
    enot_status (*finish)(enot_context *context, void *state);
    void (*discard)(void *state);
} table_output;

extern const table_output table_output_csv, table_output_npy, table_output_safetensors;

#endif
