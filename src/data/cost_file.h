/* The matrix that a cost is given by, read from a table. */
#ifndef ENOT_DATA_COST_FILE_H
#define ENOT_DATA_COST_FILE_H

#include "cost/cost.h"

/* The read of a cost_source: name is a file that enot_reader_open takes. Without user. */
enot_status cost_file_read(enot_context *context, void *user, const char *name, cost_array *out);

#endif
