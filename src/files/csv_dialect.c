#include "files/csv_dialect.h"

#include <string.h>

enum { LINES_MAX = 50 };

/* Most particular first: a comma may be part of text, a blank may follow a comma. */
static const char DELIMITERS[] = {'\t', ';', ',', ' '};

bool csv_line_is_skipped(const char *line, size_t size) {
    for (size_t i = 0; i < size; i++)
        if (!memchr(" \t\r\n", line[i], 4)) return line[i] == '#';
    return true;
}

static bool is_line_end(char letter) { return letter == '\n' || letter == '\r'; }

/* Delimiters outside quotes; a run of blanks between two cells is one. */
static size_t count_delimiters(const char *line, size_t size, char delimiter) {
    size_t count = 0;
    bool quoted = false;
    while (size > 0 && (is_line_end(line[size - 1]) || line[size - 1] == ' ')) size--;
    while (size > 0 && *line == ' ') line++, size--;
    for (size_t i = 0; i < size; i++) {
        if (line[i] == '"') quoted = !quoted;
        bool repeated = delimiter == ' ' && i > 0 && line[i - 1] == ' ';
        if (!quoted && line[i] == delimiter && !repeated) count++;
    }
    return count;
}

/* How well a delimiter fits the first lines. */
typedef struct fit {
    size_t lines, with, first;
    bool even; /* every line has as many as the first */
} fit;

static fit fit_delimiter(const char *text, size_t size, char delimiter) {
    fit result = {.even = true};
    while (size > 0 && result.lines < LINES_MAX) {
        const char *line_end = memchr(text, '\n', size);
        size_t line = line_end ? (size_t)(line_end - text) + 1 : size;
        bool cut = !line_end && result.lines > 0; /* the block may end within a line */
        if (!cut && !csv_line_is_skipped(text, line)) {
            size_t count = count_delimiters(text, line, delimiter);
            if (result.lines == 0) result.first = count;
            result.lines++;
            result.with += count > 0;
            result.even &= count == result.first;
        }
        text += line;
        size -= line;
    }
    return result;
}

char csv_detect_delimiter(const char *text, size_t size) {
    char frequent = ',';
    size_t most = 0;
    for (size_t i = 0; i < sizeof DELIMITERS; i++) {
        fit found = fit_delimiter(text, size, DELIMITERS[i]);
        if (found.even && found.first > 0) return DELIMITERS[i];
        if (found.with > most && 2 * found.with > found.lines) {
            most = found.with;
            frequent = DELIMITERS[i];
        }
    }
    return frequent;
}
