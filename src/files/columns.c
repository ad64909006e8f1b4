#include "files/columns.h"

#include <stdbool.h>
#include <string.h>

#include "core/memory.h"
#include "core/suggest.h"

/* One entry of the choice and what it may refer to. */
typedef struct chooser {
    enot_context *context;
    const char *file;
    int64_t total;
    const char *const *names;
    bool *taken;     /* [total] */
    int64_t *chosen; /* [total] */
    int64_t count;
} chooser;

/* Digits only; saturates. Returns their end, text itself if there are none. */
static const char *scan_number(const char *text, const char *end, int64_t *number) {
    *number = 0;
    for (; text < end && *text >= '0' && *text <= '9'; text++)
        *number = *number > INT64_MAX / 10 - 1 ? INT64_MAX / 10 : *number * 10 + (*text - '0');
    return text;
}

/* "7" or "3-7". */
static bool scan_range(const char *text, size_t size, int64_t *first, int64_t *last) {
    const char *end = text + size, *next = scan_number(text, end, first);
    if (next == text) return false;
    *last = *first;
    if (next == end) return true;
    if (*next != '-') return false;
    const char *second = next + 1;
    return scan_number(second, end, last) == end && second < end;
}

static enot_status choose(chooser *choice, int64_t column) {
    if (choice->taken[column])
        return context_fail(choice->context, ENOT_ERR_ARGUMENT, "columns: column %lld is chosen twice: name it once",
                            (long long)column + 1);
    choice->taken[column] = true;
    choice->chosen[choice->count++] = column;
    return ENOT_OK;
}

static enot_status choose_range(chooser *choice, int64_t first, int64_t last) {
    if (first < 1 || last < first || last > choice->total)
        return context_fail(choice->context, ENOT_ERR_ARGUMENT,
                            "columns: %lld-%lld is no range of columns: %s has columns 1 to %lld", (long long)first,
                            (long long)last, choice->file, (long long)choice->total);
    for (int64_t column = first; column <= last; column++) TRY(choose(choice, column - 1));
    return ENOT_OK;
}

static enot_status fail_unknown(const chooser *choice, const char *name, size_t size) {
    if (!choice->names)
        return context_fail(
            choice->context, ENOT_ERR_ARGUMENT,
            "columns: \"%.*s\" is no column number, and %s has no header with names: give numbers from 1 to %lld",
            (int)(size > 60 ? 60 : size), name, choice->file, (long long)choice->total);
    char copy[64];
    size = size < sizeof copy ? size : sizeof copy - 1;
    memcpy(copy, name, size);
    copy[size] = '\0';
    const char *nearest = suggest_nearest(copy, choice->names, (size_t)choice->total);
    if (nearest)
        return context_fail(choice->context, ENOT_ERR_ARGUMENT,
                            "columns: %s has no column \"%s\": did you mean \"%.60s\"?", choice->file, copy, nearest);
    return context_fail(choice->context, ENOT_ERR_ARGUMENT,
                        "columns: %s has no column \"%s\": give a name of its header or a number from 1 to %lld",
                        choice->file, copy, (long long)choice->total);
}

static int64_t find_name(const chooser *choice, const char *name, size_t size) {
    for (int64_t column = 0; choice->names && column < choice->total; column++) {
        const char *candidate = choice->names[column];
        if (candidate && strlen(candidate) == size && memcmp(candidate, name, size) == 0) return column;
    }
    return -1;
}

/* A number that the table has is a number; everything else is first looked up as a name. */
static enot_status choose_entry(chooser *choice, const char *text, size_t size) {
    int64_t first, last;
    bool range = scan_range(text, size, &first, &last);
    if (range && first == last && first >= 1 && first <= choice->total) return choose(choice, first - 1);
    int64_t named = find_name(choice, text, size);
    if (named >= 0) return choose(choice, named);
    if (range && first == last)
        return context_fail(choice->context, ENOT_ERR_ARGUMENT,
                            "columns: there is no column %.*s: %s has columns 1 to %lld", (int)(size > 20 ? 20 : size),
                            text, choice->file, (long long)choice->total);
    return range ? choose_range(choice, first, last) : fail_unknown(choice, text, size);
}

static enot_status choose_listed(chooser *choice, const char *text) {
    for (;;) {
        text += strspn(text, " \t");
        size_t entry = strcspn(text, ","), size = entry;
        while (size > 0 && (text[size - 1] == ' ' || text[size - 1] == '\t')) size--;
        if (size == 0)
            return context_fail(choice->context, ENOT_ERR_ARGUMENT,
                                "columns: an entry is empty: give numbers, ranges or names, such as 1-3,7");
        TRY(choose_entry(choice, text, size));
        if (text[entry] == '\0') return ENOT_OK;
        text += entry + 1;
    }
}

enot_status columns_parse(enot_context *context, const char *file, const char *choice, int64_t total,
                          const char *const *names, int64_t **chosen, int64_t *count) {
    chooser chooser = {context, file, total, names, NULL, NULL, 0};
    TRY(MEMORY_NEW(context, total, "a choice of columns", &chooser.chosen));
    enot_status status = MEMORY_NEW(context, total, "a choice of columns", &chooser.taken);
    if (status == ENOT_OK) status = choice ? choose_listed(&chooser, choice) : choose_range(&chooser, 1, total);
    memory_destroy(chooser.taken);
    if (status != ENOT_OK) {
        memory_destroy(chooser.chosen);
        return status;
    }
    *chosen = chooser.chosen;
    *count = chooser.count;
    return ENOT_OK;
}
