/* Results of enot bench w2 --json, or in the same form, read from a file. */
#ifndef CLI_W2_RESULTS_H
#define CLI_W2_RESULTS_H

#include "session/session.h"

/* Appends the results in the file to the array, each with a key "from": a short name of the file. Returns the exit code. */
int w2_results_read(const session *session, const char *path, json_t *results);

#endif
