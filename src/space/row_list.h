/* Rows of a table, some or all of them, in an order of their own: they need not be copied to be chosen. */
#ifndef ENOT_SPACE_ROW_LIST_H
#define ENOT_SPACE_ROW_LIST_H

#include <stdint.h>
#include <string.h>

typedef struct row_list {
    const double *table;  /* [.., dim] */
    const int64_t *order; /* [count], numbers of rows of the table; NULL: the first rows as they lie */
    int64_t count, dim;
} row_list;

/* rows [count, dim] as they lie */
static inline row_list row_list_of(const double *rows, int64_t count, int64_t dim) { return (row_list){rows, NULL, count, dim}; }

static inline const double *row_list_at(const row_list *list, int64_t i) {
    return list->table + (list->order ? list->order[i] : i) * list->dim;
}

/* How many rows ahead to ask for one. */
enum { ROW_LIST_AHEAD = 8 };

/* Asks for columns of the row ROW_LIST_AHEAD after i: rows in an order of their own lie apart, and the processor does not see them coming. */
static inline void row_list_ask(const row_list *list, int64_t i, int64_t first, int64_t columns) {
    if (!list->order || i + ROW_LIST_AHEAD >= list->count) return;
    const double *row = row_list_at(list, i + ROW_LIST_AHEAD) + first;
    for (int64_t j = 0; j < columns; j += 8) __builtin_prefetch(row + j);
}

/* rows[count, dim] = rows first .. first + count - 1 of the list */
static inline void row_list_copy(const row_list *list, int64_t first, int64_t count, double *rows) {
    for (int64_t i = 0; i < count; i++)
        memcpy(rows + i * list->dim, row_list_at(list, first + i), (size_t)list->dim * sizeof *rows);
}

#endif
