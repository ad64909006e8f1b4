/* enot info: what a map file holds. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/command.h"
#include "session/session.h"

#define LABEL_WIDTH 24
#define INDENT 2
#define ELEMENTS_SHOWN 8

static const char *const operand_names[] = {"MAP"};
static const char about[] =
    "Shows what a map file holds: form, cost, scaling, networks, training options, report of the fit.\n";
static const char example[] = "  enot info wine.safetensors\n";

static void print_scalar(const json_t *value) {
    switch (json_typeof(value)) {
    case JSON_STRING: fputs(json_string_value(value), stdout); break;
    case JSON_INTEGER: printf("%lld", (long long)json_integer_value(value)); break;
    case JSON_REAL: printf("%.6g", json_real_value(value)); break;
    case JSON_TRUE: fputs("yes", stdout); break;
    case JSON_FALSE: fputs("no", stdout); break;
    default: fputs("-", stdout);
    }
}

static void print_elements(const json_t *array) {
    size_t count = json_array_size(array);
    for (size_t i = 0; i < count && i < ELEMENTS_SHOWN; i++) {
        if (i > 0) fputs(", ", stdout);
        print_scalar(json_array_get(array, i));
    }
    if (count > ELEMENTS_SHOWN) printf(", ... (%zu values)", count);
}

static void print_label(const char *key, int depth) {
    char label[256];
    snprintf(label, sizeof label, "%s", key);
    for (char *c = label; *c != '\0'; c++)
        if (*c == '_') *c = ' ';
    printf("%*s%-*s ", depth * INDENT, "", LABEL_WIDTH - depth * INDENT, label);
}

static void print_tree(const json_t *object, int depth) {
    const char *key;
    const json_t *value;
    json_object_foreach((json_t *)object, key, value) {
        print_label(key, depth);
        if (json_is_array(value))
            print_elements(value);
        else if (!json_is_object(value))
            print_scalar(value);
        putchar('\n');
        if (json_is_object(value)) print_tree(value, depth + 1);
    }
}

static int show(const session *session, const char *text) {
    json_error_t error;
    json_t *tree = json_loads(text, 0, &error);
    if (tree == NULL) return session_error(session, "the map's description is not JSON: %s", error.text);
    if (session->json) {
        puts(text);
    } else {
        print_tree(tree, 0);
    }
    json_decref(tree);
    return EXIT_SUCCESS;
}

int cmd_info(int argc, char **argv) {
    session session = SESSION_INIT("info");
    option_spec common[SESSION_OPTION_COUNT];
    const option_group groups[] = {session_options(&session, common)};
    const command_syntax syntax = {"info", "MAP",           about, example, operand_names, COUNT_OF(operand_names), 0,
                                   groups, COUNT_OF(groups)};
    const char *path;
    int exit_code;
    if (session_begin(&session, &syntax, argc, argv, &path, &exit_code) != OPTIONS_RUN) return exit_code;
    enot_map *map = NULL;
    char *text = NULL;
    enot_status status = enot_map_load(session.context, path, &map);
    if (status == ENOT_OK) status = enot_map_describe(session.context, map, &text);
    exit_code = status == ENOT_OK ? show(&session, text) : session_fail(&session, status);
    enot_text_free(text);
    enot_map_destroy(map);
    session_end(&session);
    return exit_code;
}
