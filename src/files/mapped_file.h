/* The bytes of a file, mapped into memory for reading. */
#ifndef ENOT_FILES_MAPPED_FILE_H
#define ENOT_FILES_MAPPED_FILE_H

#include "core/context.h"

typedef struct mapped_file {
    const uint8_t *bytes; /* NULL: nothing is mapped */
    size_t size;
} mapped_file;

/* Fails for anything but a regular file with at least one byte. */
enot_status mapped_file_open(enot_context *context, const char *path, mapped_file *file);

/* Accepts a file that is not mapped. */
void mapped_file_close(mapped_file *file);

#endif
