/* The lines of a text file, read in blocks. */
#ifndef ENOT_FILES_LINES_H
#define ENOT_FILES_LINES_H

#include "core/context.h"

typedef struct lines lines;

/* path: a file, or "-" for standard input. A byte order mark at the start is skipped; binary data are refused. */
enot_status lines_open(enot_context *context, const char *path, lines **reader);
void lines_close(lines *reader);

/* "standard input" or the path, for messages. */
const char *lines_name(const lines *reader);
/* Number of the line that lines_next gave last, from 1. */
int64_t lines_number(const lines *reader);

/* What is in memory of the lines to come, to look ahead: at least the next line. */
enot_status lines_peek(enot_context *context, lines *reader, const char **text, size_t *size);

/* The next line with its line end, valid until the next call; NULL after the last. */
enot_status lines_next(enot_context *context, lines *reader, const char **text, size_t *size);

#endif
