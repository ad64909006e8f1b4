#include "bench/w2_results.h"

#include <stdlib.h>
#include <string.h>

#include "arguments/text.h"

#define NAME_SHOWN 16 /* bytes of a file's name */

static int is_result(const json_t *result) {
    return json_integer_value(json_object_get(result, "dim")) > 0 && json_is_array(json_object_get(result, "history"));
}

/* The file's name without directories and ending, cut between two characters if it is long. */
static json_t *short_name(const char *path) {
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    size_t length = strlen(name);
    if (text_ends_with(name, ".json")) length -= strlen(".json");
    if (length > NAME_SHOWN)
        for (length = NAME_SHOWN; length > 0 && (name[length] & 0xC0) == 0x80;) length--;
    return json_stringn(name, length);
}

static int refuse_results(const session *session, const char *path, const char *reason) {
    return session_error(session, "%s: %s: give what enot bench w2 --json printed", path, reason);
}

int w2_results_read(const session *session, const char *path, json_t *earlier) {
    json_error_t error;
    json_t *results = json_load_file(path, 0, &error), *result;
    size_t i;
    int exit_code = results ? EXIT_SUCCESS : refuse_results(session, path, error.text);
    if (results && json_array_size(results) == 0) exit_code = refuse_results(session, path, "no array of results");
    json_array_foreach(results, i, result) {
        if (exit_code == EXIT_SUCCESS && !is_result(result))
            exit_code = refuse_results(session, path, "a result without dim and history");
        if (exit_code == EXIT_SUCCESS) json_object_set_new(result, "from", short_name(path));
    }
    if (exit_code == EXIT_SUCCESS) json_array_extend(earlier, results);
    json_decref(results);
    return exit_code;
}
