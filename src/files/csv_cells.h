/* The texts of one record. */
#ifndef ENOT_FILES_CSV_CELLS_H
#define ENOT_FILES_CSV_CELLS_H

#include "core/context.h"

typedef struct csv_cells {
    enot_context *context;
    enot_status status; /* of the first addition that failed */
    char **texts;       /* [count] zero-terminated */
    int64_t count, capacity;
} csv_cells;

/* A csv_cell_fn; user: csv_cells, zero but for the context. */
void csv_cells_add(void *user, const char *text, size_t size);

void csv_cells_clear(csv_cells *cells);

#endif
