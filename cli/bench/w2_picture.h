/* The picture of enot bench w2: error against training time, of this run and of earlier ones, beside what was published. */
#ifndef CLI_W2_PICTURE_H
#define CLI_W2_PICTURE_H

#include "session/session.h"

typedef struct w2_picture {
    const char *path;    /* NULL: no picture */
    option_texts compared; /* files with earlier results */
    json_t *earlier;     /* what they hold, an array */
} w2_picture;

/* Before anything slow: can the picture be written and the earlier results be read? Returns the exit code. */
int w2_picture_begin(const session *session, w2_picture *picture);

/* results: an array as --json prints it. Returns the exit code. */
int w2_picture_draw(const session *session, const w2_picture *picture, const json_t *results);

void w2_picture_end(w2_picture *picture);

#endif
