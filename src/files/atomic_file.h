/*
 * A file that appears whole or not at all: it is written under a temporary name in the same directory and takes its own
 * name when everything has reached the disk. Devices and pipes are written directly.
 */
#ifndef ENOT_FILES_ATOMIC_FILE_H
#define ENOT_FILES_ATOMIC_FILE_H

#include "core/context.h"

typedef struct atomic_file atomic_file;

enot_status atomic_file_open(enot_context *context, const char *path, atomic_file **file);

/* The same interface for a descriptor that is already open, standard output say; it stays open. name: for messages. */
enot_status atomic_file_wrap(enot_context *context, int descriptor, const char *name, atomic_file **file);

enot_status atomic_file_write(enot_context *context, atomic_file *file, const void *bytes, size_t size);

/* Replaces bytes that were written before, a header that is only known at the end say. */
enot_status atomic_file_rewrite_at(enot_context *context, atomic_file *file, uint64_t offset, const void *bytes,
                                   size_t size);

/* Puts the file in its place. Destroys file, also on failure: then the old file is still there. */
enot_status atomic_file_commit(enot_context *context, atomic_file *file);

/* Destroys file and leaves nothing behind. Accepts NULL. */
void atomic_file_discard(atomic_file *file);

#endif
