/* What kind of CSV a text is. */
#ifndef ENOT_FILES_CSV_DIALECT_H
#define ENOT_FILES_CSV_DIALECT_H

#include <stdbool.h>
#include <stddef.h>

/* Blank lines and those that begin with # hold no row. */
bool csv_line_is_skipped(const char *line, size_t size);

/*
 * The delimiter of a table that begins with text: tab, ';', ',' or ' ' (any number of blanks). The one that cuts the
 * first lines into equal numbers of cells is taken; ',' for a table of one column.
 */
char csv_detect_delimiter(const char *text, size_t size);

#endif
