/* An output file that appears whole or not at all: written beside its place, then moved there. */
#ifndef CLI_OUTFILE_H
#define CLI_OUTFILE_H

#include <stdio.h>

typedef struct outfile {
    FILE *stream;
    const char *path; /* the caller's */
    char *temporary;
} outfile;

/* 0, or -1 with errno. */
int outfile_open(outfile *file, const char *path);
/* Syncs, closes and moves the file into place; 0, or -1 with errno and no file. */
int outfile_commit(outfile *file);
/* Leaves no file. */
void outfile_discard(outfile *file);

#endif
