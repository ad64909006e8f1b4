/* The choice of columns of a table: "1-11", "alcohol,pH,3". */
#ifndef ENOT_FILES_COLUMNS_H
#define ENOT_FILES_COLUMNS_H

#include "core/context.h"

/*
 * choice: numbers from 1, ranges of numbers and names, separated by commas; NULL for every column.
 * names: of all total columns, or NULL. file: for messages.
 * *chosen: [*count] column indices from 0 in the order of the choice, to be freed with memory_destroy.
 */
enot_status columns_parse(enot_context *context, const char *file, const char *choice, int64_t total,
                          const char *const *names, int64_t **chosen, int64_t *count);

#endif
