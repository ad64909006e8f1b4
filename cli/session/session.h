/* One run of a command: its common options, its library context, how it reports results and errors. */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include <jansson.h>

#include "arguments/options.h"
#include "enot.h"

#define SESSION_OPTION_COUNT 4

typedef struct session {
    const char *command;
    enot_context *context;
    int64_t threads; /* ENOT_AUTO: not given */
    uint64_t seed;
    int quiet, json;
} session;
#define SESSION_INIT(command) \
    { (command), NULL, ENOT_AUTO, 0, 0, 0 }

/* The group of common options, kept in specs. */
option_group session_options(session *session, option_spec specs[SESSION_OPTION_COUNT]);

/* Parses the command line and creates the context. Returns OPTIONS_RUN if the command is to run, else sets *exit_code.
 */
options_result session_begin(session *session, const command_syntax *syntax, int argc, char **argv,
                             const char **operands, int *exit_code);
void session_end(session *session);

/* Says the library's message on stderr; returns the exit code that belongs to the status. */
int session_fail(const session *session, enot_status status);

/* The same with a message of the command's own; returns 1. */
int session_error(const session *session, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A line that begins with "warning: ", unless the run is quiet. */
void session_warn(const session *session, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Prints object to standard output and destroys it. Returns the exit code. */
int session_print_json(const session *session, json_t *object);

/* The same into a file, which appears whole or not at all; object stays the caller's. */
int session_write_json(const session *session, const json_t *object, const char *path);

/* A number, or null if it is not finite. */
json_t *json_number(double value);

#endif
