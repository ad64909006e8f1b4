#include "core/context.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/parallel.h"

#define STRINGIFY_VALUE(x) #x
#define STRINGIFY(x) STRINGIFY_VALUE(x)

const char *enot_version(void) {
    return STRINGIFY(ENOT_VERSION_MAJOR) "." STRINGIFY(ENOT_VERSION_MINOR) "." STRINGIFY(ENOT_VERSION_PATCH);
}

const char *enot_status_name(enot_status status) {
    switch (status) {
    case ENOT_OK: return "ok";
    case ENOT_ERR_ARGUMENT: return "invalid argument";
    case ENOT_ERR_IO: return "input or output error";
    case ENOT_ERR_FORMAT: return "malformed file";
    case ENOT_ERR_DATA: return "unusable data";
    case ENOT_ERR_VERSION: return "newer version";
    case ENOT_ERR_MEMORY: return "out of memory";
    case ENOT_ERR_NONFINITE: return "value not finite";
    case ENOT_ERR_CANCELLED: return "cancelled";
    }
    return "unknown status";
}

void enot_text_free(char *text) { free(text); }

enot_status enot_context_create(enot_context **context) {
    if (!context) return ENOT_ERR_ARGUMENT;
    enot_context *created = calloc(1, sizeof *created);
    if (!created) return ENOT_ERR_MEMORY;
    created->threads = parallel_processors();
    *context = created;
    return ENOT_OK;
}

void enot_context_destroy(enot_context *context) {
    if (!context) return;
    parallel_stop(context);
    free(context);
}

enot_status enot_context_set_threads(enot_context *context, int threads) {
    if (threads < 0 || threads > 4096)
        return context_fail(context, ENOT_ERR_ARGUMENT, "threads is %d: give 1 to 4096, or 0 for every processor", threads);
    parallel_stop(context);
    context->threads = threads ? threads : parallel_processors();
    return ENOT_OK;
}

const char *enot_context_message(const enot_context *context) { return context->message; }

void enot_context_set_warning(enot_context *context, enot_warning_fn warning, void *user) {
    context->warning = warning;
    context->warning_user = user;
}

enot_status context_fail(enot_context *context, enot_status status, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(context->message, sizeof context->message, format, arguments);
    va_end(arguments);
    return status;
}

enot_status context_fail_memory(enot_context *context, size_t bytes, const char *purpose) {
    return context_fail(context, ENOT_ERR_MEMORY, "out of memory: %zu bytes for %s", bytes, purpose);
}

void context_warn(enot_context *context, const char *format, ...) {
    if (!context->warning) return;
    char line[CONTEXT_MESSAGE_CAPACITY];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    context->warning(context->warning_user, line);
}
