/* The two sets of samples that fit, eval and plot work on. */
#ifndef CLI_INPUTS_H
#define CLI_INPUTS_H

#include "session/image_inputs.h"

#define INPUT_OPTION_COUNT 2

typedef struct inputs {
    const char *columns, *key;
    enot_samples *source, *target;
    image_inputs images; /* where the command offers them */
} inputs;
#define INPUTS_INIT \
    { NULL, NULL, NULL, NULL, IMAGE_INPUTS_INIT }

/* The group --columns, --key, kept in specs. */
option_group inputs_options(const char **columns, const char **key, option_spec specs[INPUT_OPTION_COUNT]);

/* Opens both; returns the exit code, having said what is wrong. Close in every case. */
int inputs_open(session *session, inputs *inputs, const char *source, const char *target);
void inputs_close(inputs *inputs);

/* Whether spec is "measure:...". */
int inputs_is_measure(const char *spec);

/* Room for count rows of dim doubles, NULL if there is none. */
double *rows_alloc(int64_t count, int64_t dim);

#endif
