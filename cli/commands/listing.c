#include "commands/listing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "session/session.h"

static json_t *lines_json(const char *name, const char *text) {
    json_t *lines = json_array();
    while (lines != NULL && *text != '\0') {
        size_t length = strcspn(text, "\n");
        json_array_append_new(lines, json_stringn(text, length));
        text += length + (text[length] == '\n');
    }
    return json_pack("{so}", name, lines);
}

int listing_run(const char *name, const char *about, const char *example, listing_describe describe, int argc,
                char **argv) {
    session session = SESSION_INIT(name);
    option_spec common[SESSION_OPTION_COUNT];
    const option_group groups[] = {session_options(&session, common)};
    const command_syntax syntax = {name, "", about, example, NULL, 0, 0, groups, COUNT_OF(groups)};
    char *text = NULL;
    int exit_code;
    if (session_begin(&session, &syntax, argc, argv, NULL, &exit_code) != OPTIONS_RUN) return exit_code;
    enot_status status = describe(session.context, &text);
    if (status != ENOT_OK)
        exit_code = session_fail(&session, status);
    else if (session.json)
        exit_code = session_print_json(&session, lines_json(name, text));
    else
        fputs(text, stdout);
    enot_text_free(text);
    session_end(&session);
    return exit_code;
}
