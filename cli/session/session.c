#include "session/session.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "session/outfile.h"

#define JSON_DIGITS 10
#define JSON_LAYOUT (JSON_INDENT(2) | JSON_REAL_PRECISION(JSON_DIGITS))

option_group session_options(session *session, option_spec specs[SESSION_OPTION_COUNT]) {
    const option_spec common[SESSION_OPTION_COUNT] = {
        {"threads", OPTION_COUNT, &session->threads, "N", "threads to use; never changes a result", "every processor",
         0, NULL, NULL},
        {"seed", OPTION_SEED, &session->seed, "N", "seed of everything random", "0", 0, NULL, NULL},
        {"json", OPTION_FLAG, &session->json, NULL, "print one JSON object to standard output", NULL, 0, NULL, NULL},
        {"quiet", OPTION_FLAG, &session->quiet, NULL, "no progress, warnings or report; errors only", NULL, 'q', NULL,
         NULL},
    };
    memcpy(specs, common, sizeof common);
    return (option_group){"Common options", specs, SESSION_OPTION_COUNT};
}

static void clear_progress_line(void) {
    if (isatty(STDERR_FILENO)) fputs("\r\033[K", stderr);
}

void session_warn(const session *session, const char *format, ...) {
    va_list arguments;
    if (session->quiet) return;
    clear_progress_line();
    fprintf(stderr, "enot %s: warning: ", session->command);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

static void show_warning(void *user, const char *line) { session_warn(user, "%s", line); }

static int create_context(session *session) {
    enot_status status = enot_context_create(&session->context);
    if (status != ENOT_OK) {
        fprintf(stderr, "enot %s: %s\n", session->command, enot_status_name(status));
        return EXIT_FAILURE;
    }
    enot_context_set_warning(session->context, show_warning, session);
    if (session->threads == ENOT_AUTO) return EXIT_SUCCESS;
    int threads = session->threads < INT_MAX ? (int)session->threads : INT_MAX;
    status = enot_context_set_threads(session->context, threads);
    return status == ENOT_OK ? EXIT_SUCCESS : session_fail(session, status);
}

options_result session_begin(session *session, const command_syntax *syntax, int argc, char **argv,
                             const char **operands, int *exit_code) {
    options_result result = options_parse(syntax, argc, argv, operands);
    *exit_code = result == OPTIONS_WRONG ? EXIT_USAGE : EXIT_SUCCESS;
    if (result != OPTIONS_RUN) return result;
    *exit_code = create_context(session);
    if (*exit_code == EXIT_SUCCESS) return OPTIONS_RUN;
    session_end(session);
    return OPTIONS_WRONG;
}

void session_end(session *session) {
    enot_context_destroy(session->context);
    session->context = NULL;
}

int session_fail(const session *session, enot_status status) {
    const char *message = enot_context_message(session->context);
    clear_progress_line();
    fprintf(stderr, "enot %s: %s\n", session->command, *message != '\0' ? message : enot_status_name(status));
    return status == ENOT_ERR_ARGUMENT ? EXIT_USAGE : EXIT_FAILURE;
}

int session_error(const session *session, const char *format, ...) {
    va_list arguments;
    clear_progress_line();
    fprintf(stderr, "enot %s: ", session->command);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    return EXIT_FAILURE;
}

int session_print_json(const session *session, json_t *object) {
    if (object == NULL) return session_error(session, "out of memory");
    int failed = json_dumpf(object, stdout, JSON_LAYOUT);
    json_decref(object);
    if (failed) return session_error(session, "cannot write to standard output");
    putchar('\n');
    return EXIT_SUCCESS;
}

static int write_line(const json_t *object, const char *path) {
    outfile file;
    if (outfile_open(&file, path) != 0) return -1;
    if (json_dumpf(object, file.stream, JSON_LAYOUT) == 0 && fputc('\n', file.stream) != EOF) return outfile_commit(&file);
    int saved = errno;
    outfile_discard(&file);
    errno = saved;
    return -1;
}

int session_write_json(const session *session, const json_t *object, const char *path) {
    if (object == NULL) return session_error(session, "out of memory");
    if (write_line(object, path) == 0) return EXIT_SUCCESS;
    return session_error(session, "%s: cannot write it: %s", path, strerror(errno));
}

json_t *json_number(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}
