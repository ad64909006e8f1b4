/* How far a fit has come, on stderr: a bar on a terminal, else a line now and then, and when a stage begins. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include "enot.h"

typedef struct progress {
    int silent;
    int terminal;
    double shown_at; /* seconds of the fit when something was last shown, negative: nothing yet */
    char stage[16];  /* that was shown then */
} progress;

void progress_begin(progress *progress, int silent);
/* An enot_progress_fn whose user is a progress; asks to stop once a signal came. */
int progress_show(void *user, const enot_progress *state);
void progress_end(progress *progress);

#endif
