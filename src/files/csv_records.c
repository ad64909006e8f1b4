#include "files/csv_records.h"

#include <csv.h>
#include <string.h>

#include "core/memory.h"
#include "files/csv_dialect.h"
#include "files/lines.h"

struct csv_records {
    lines *lines;
    struct csv_parser parser;
    bool parser_ready;
    bool skip_empty; /* several blanks are one delimiter */
    int64_t line;
    int ended; /* records that ended on the current line */
    csv_cell_fn cell;
    void *user;
};

static void on_cell(void *text, size_t size, void *user) {
    csv_records *records = user;
    if (!text && records->skip_empty) return;
    if (records->ended == 0) records->cell(records->user, text ? text : "", size);
}

static void on_record(int line_end, void *user) {
    (void)line_end;
    ((csv_records *)user)->ended++;
}

enot_status csv_records_open(enot_context *context, const char *path, csv_records **records) {
    csv_records *created;
    const char *text;
    size_t size;
    TRY(MEMORY_NEW(context, 1, "a CSV reader", &created));
    enot_status status = lines_open(context, path, &created->lines);
    if (status == ENOT_OK) status = lines_peek(context, created->lines, &text, &size);
    if (status == ENOT_OK && csv_init(&created->parser, CSV_EMPTY_IS_NULL) != 0)
        status = context_fail_memory(context, sizeof created->parser, "a CSV parser");
    if (status != ENOT_OK) {
        csv_records_close(created);
        return status;
    }
    created->parser_ready = true;
    char delimiter = csv_detect_delimiter(text, size);
    created->skip_empty = delimiter == ' ';
    csv_set_delim(&created->parser, (unsigned char)delimiter);
    *records = created;
    return ENOT_OK;
}

void csv_records_close(csv_records *records) {
    if (!records) return;
    if (records->parser_ready) csv_free(&records->parser);
    lines_close(records->lines);
    memory_destroy(records);
}

const char *csv_records_name(const csv_records *records) { return lines_name(records->lines); }

int64_t csv_records_line(const csv_records *records) { return records->line; }

static enot_status fail_record(enot_context *context, const csv_records *records, const char *what) {
    return context_fail(context, ENOT_ERR_FORMAT, "%s, line %lld: %s", csv_records_name(records),
                        (long long)records->line, what);
}

static enot_status parse(enot_context *context, csv_records *records, const char *text, size_t size) {
    if (csv_parse(&records->parser, text, size, on_cell, on_record, records) != size)
        return fail_record(context, records, csv_strerror(csv_error(&records->parser)));
    return ENOT_OK;
}

/* The next line that can begin a record; NULL text after the last. */
static enot_status first_line(enot_context *context, csv_records *records, const char **text, size_t *size) {
    do TRY(lines_next(context, records->lines, text, size));
    while (*text && csv_line_is_skipped(*text, *size));
    records->line = lines_number(records->lines);
    return ENOT_OK;
}

enot_status csv_records_next(enot_context *context, csv_records *records, csv_cell_fn cell, void *user, bool *found) {
    const char *text;
    size_t size;
    records->cell = cell;
    records->user = user;
    records->ended = 0;
    TRY(first_line(context, records, &text, &size));
    *found = text != NULL;
    while (text) {
        bool last = text[size - 1] != '\n';
        TRY(parse(context, records, text, size));
        if (last) TRY(parse(context, records, "\n", 1));
        if (records->ended == 1) return ENOT_OK;
        if (records->ended > 1)
            return fail_record(context, records, "a carriage return stands within the line: end rows with a line feed");
        TRY(lines_next(context, records->lines, &text, &size)); /* a quoted cell goes on */
    }
    return *found ? fail_record(context, records, "a quote is opened but never closed: close it or delete it")
                  : ENOT_OK;
}
