/* Reading a table of any format, beyond what the public header says. */
#ifndef ENOT_DATA_READER_H
#define ENOT_DATA_READER_H

#include "core/context.h"

/* What follows "measure:" if spec names a built-in measure, else NULL. */
const char *reader_measure_spec(const char *spec);

/* Rows of the whole table, -1 if not known before its end. */
int64_t reader_rows(const enot_reader *reader);

#endif
