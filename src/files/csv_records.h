/* The records of a CSV file, cell by cell, with the lines they stand on. */
#ifndef ENOT_FILES_CSV_RECORDS_H
#define ENOT_FILES_CSV_RECORDS_H

#include <stdbool.h>

#include "core/context.h"

typedef struct csv_records csv_records;

/* Receives the cells of a record from left to right; text is not zero-terminated and valid during the call only. */
typedef void (*csv_cell_fn)(void *user, const char *text, size_t size);

/* path: a file, or "-" for standard input. */
enot_status csv_records_open(enot_context *context, const char *path, csv_records **records);
void csv_records_close(csv_records *records);

/* For messages. */
const char *csv_records_name(const csv_records *records);
/* Line on which the latest record began, from 1. */
int64_t csv_records_line(const csv_records *records);

/* Gives the cells of the next record to cell; *found: false after the last. */
enot_status csv_records_next(enot_context *context, csv_records *records, csv_cell_fn cell, void *user, bool *found);

#endif
