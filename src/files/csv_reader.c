#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "core/number.h"
#include "files/columns.h"
#include "files/csv_cells.h"
#include "files/csv_records.h"
#include "files/table.h"

typedef struct csv_reader {
    csv_records *records;
    csv_cells header;   /* no texts: the file has none */
    int64_t total;      /* cells of every record */
    int64_t total_line; /* the line that said so */
    int64_t dim;
    int64_t *chosen; /* [dim] column of the file */
    int64_t *slot;   /* [total] place in a row, -1: not chosen */
    double *first;   /* [dim] the first row, read when the file was opened */
    bool first_waiting;
} csv_reader;

/* One record on its way into a row. */
typedef struct csv_row {
    enot_context *context;
    const csv_reader *reader;
    double *values; /* [dim] */
    int64_t cells;
    enot_status status; /* of the first cell that failed */
} csv_row;

/* -------------------------------------------------------------------------------------------------------- messages */

enum { SHOWN_MAX = 24, SHOWN_CAPACITY = SHOWN_MAX + 4 };

/* The beginning of text, fit for a message of one line. */
static void shorten(const char *text, size_t size, char shown[SHOWN_CAPACITY]) {
    size_t kept = size < SHOWN_MAX ? size : SHOWN_MAX;
    for (size_t i = 0; i < kept; i++) shown[i] = (unsigned char)text[i] < ' ' ? '?' : text[i];
    strcpy(shown + kept, size > kept ? "..." : "");
}

static bool has_decimal_comma(const char *text, size_t size) {
    const char *comma = memchr(text, ',', size);
    char pointed[SHOWN_MAX];
    double value;
    if (!comma || size > sizeof pointed) return false;
    memcpy(pointed, text, size);
    pointed[comma - text] = '.';
    return number_parse(pointed, size, &value) == NUMBER_FINITE;
}

static enot_status fail_cell(const csv_row *row, int64_t column, number_kind kind, const char *text, size_t size) {
    const csv_reader *reader = row->reader;
    char shown[SHOWN_CAPACITY], name[SHOWN_CAPACITY] = "", where[2 * SHOWN_CAPACITY] = "";
    shorten(text, size, shown);
    if (reader->header.texts) {
        shorten(reader->header.texts[column], strlen(reader->header.texts[column]), name);
        snprintf(where, sizeof where, " (\"%s\")", name);
    }
    const char *what = kind == NUMBER_MISSING ? "is a missing value: fill it in, or leave out the row or the column"
                       : kind == NUMBER_NOT_FINITE
                           ? "is not a finite number: correct it, or leave out the row or the column"
                       : has_decimal_comma(text, size) ? "is not a number: write a decimal point instead of the comma"
                                                       : "is not a number: correct it, or leave out the column";
    return context_fail(row->context, ENOT_ERR_DATA, "%s, line %lld, column %lld%s: \"%s\" %s",
                        csv_records_name(reader->records), (long long)csv_records_line(reader->records),
                        (long long)column + 1, where, shown, what);
}

static enot_status check_width(enot_context *context, const csv_reader *reader, int64_t cells) {
    if (cells == reader->total) return ENOT_OK;
    return context_fail(context, ENOT_ERR_DATA,
                        "%s, line %lld: %lld columns, but line %lld has %lld: complete the line or delete it",
                        csv_records_name(reader->records), (long long)csv_records_line(reader->records),
                        (long long)cells, (long long)reader->total_line, (long long)reader->total);
}

/* --------------------------------------------------------------------------------------------------------- reading */

static void parse_cell(void *user, const char *text, size_t size) {
    csv_row *row = user;
    const csv_reader *reader = row->reader;
    int64_t column = row->cells++;
    if (column >= reader->total || reader->slot[column] < 0 || row->status != ENOT_OK) return;
    number_kind kind = number_parse(text, size, &row->values[reader->slot[column]]);
    if (kind != NUMBER_FINITE) row->status = fail_cell(row, column, kind, text, size);
}

/* A wrong number of cells explains a wrong cell, so it is told first. */
static enot_status read_row(enot_context *context, csv_reader *reader, double *values, bool *found) {
    csv_row row = {context, reader, values, 0, ENOT_OK};
    TRY(csv_records_next(context, reader->records, parse_cell, &row, found));
    if (!*found) return ENOT_OK;
    TRY(check_width(context, reader, row.cells));
    return row.status;
}

static enot_status csv_next(enot_context *context, void *state, int64_t capacity, double *rows, int64_t *count) {
    csv_reader *reader = state;
    int64_t read = 0;
    if (reader->first_waiting && capacity > 0) {
        memcpy(rows, reader->first, (size_t)reader->dim * sizeof *rows);
        reader->first_waiting = false;
        read = 1;
    }
    for (bool found = true; read < capacity; read++) {
        TRY(read_row(context, reader, rows + read * reader->dim, &found));
        if (!found) break;
    }
    *count = read;
    return ENOT_OK;
}

/* --------------------------------------------------------------------------------------------------------- opening */

/* Whether a first record is a header: some cell is text. Warns if others are numbers, for then it may be a mistake. */
static bool is_header(enot_context *context, const csv_reader *reader, const csv_cells *cells) {
    const char *text = NULL;
    bool number = false;
    for (int64_t i = 0; i < cells->count; i++) {
        double value;
        number_kind kind = number_parse(cells->texts[i], strlen(cells->texts[i]), &value);
        if (kind == NUMBER_TEXT && !text) text = cells->texts[i];
        number |= kind == NUMBER_FINITE;
    }
    if (text && number) {
        char shown[SHOWN_CAPACITY];
        shorten(text, strlen(text), shown);
        context_warn(context, "%s, line %lld: taken as a header because \"%s\" is not a number",
                     csv_records_name(reader->records), (long long)reader->total_line, shown);
    }
    return text != NULL;
}

static enot_status choose_columns(enot_context *context, csv_reader *reader, const char *choice) {
    TRY(columns_parse(context, csv_records_name(reader->records), choice, reader->total,
                      (const char *const *)reader->header.texts, &reader->chosen, &reader->dim));
    TRY(MEMORY_NEW(context, reader->total, "the columns of a table", &reader->slot));
    for (int64_t i = 0; i < reader->total; i++) reader->slot[i] = -1;
    for (int64_t i = 0; i < reader->dim; i++) reader->slot[reader->chosen[i]] = i;
    return MEMORY_NEW(context, reader->dim, "a row of a table", &reader->first);
}

/* The first record is a header, or else the first row; either way the first row is read. */
static enot_status read_beginning(enot_context *context, csv_reader *reader, csv_cells *cells, const char *choice) {
    bool found;
    TRY(csv_records_next(context, reader->records, csv_cells_add, cells, &found));
    TRY(cells->status);
    const char *name = csv_records_name(reader->records);
    if (!found) return context_fail(context, ENOT_ERR_DATA, "%s: the file is empty: it needs rows of numbers", name);
    reader->total = cells->count;
    reader->total_line = csv_records_line(reader->records);
    reader->first_waiting = true;
    if (is_header(context, reader, cells)) {
        reader->header = *cells;
        *cells = (csv_cells){0};
        TRY(choose_columns(context, reader, choice));
        TRY(read_row(context, reader, reader->first, &found));
        if (!found)
            return context_fail(context, ENOT_ERR_DATA, "%s: there is a header but no row: add rows of numbers", name);
        return ENOT_OK;
    }
    TRY(choose_columns(context, reader, choice));
    csv_row row = {context, reader, reader->first, 0, ENOT_OK};
    for (int64_t i = 0; i < cells->count; i++) parse_cell(&row, cells->texts[i], strlen(cells->texts[i]));
    return row.status;
}

static void csv_close(void *state) {
    csv_reader *reader = state;
    if (!reader) return;
    csv_records_close(reader->records);
    csv_cells_clear(&reader->header);
    memory_destroy(reader->chosen);
    memory_destroy(reader->slot);
    memory_destroy(reader->first);
    memory_destroy(reader);
}

static enot_status csv_open(enot_context *context, const char *path, const enot_read_options *options, void **state) {
    csv_reader *reader;
    csv_cells cells = {.context = context};
    TRY(MEMORY_NEW(context, 1, "a CSV reader", &reader));
    enot_status status = csv_records_open(context, path, &reader->records);
    if (status == ENOT_OK) status = read_beginning(context, reader, &cells, options->columns);
    csv_cells_clear(&cells);
    if (status != ENOT_OK) {
        csv_close(reader);
        return status;
    }
    *state = reader;
    return ENOT_OK;
}

static int64_t csv_dim(const void *state) { return ((const csv_reader *)state)->dim; }

static int64_t csv_rows(const void *state) {
    (void)state;
    return -1;
}

static const char *csv_column(const void *state, int64_t column) {
    const csv_reader *reader = state;
    return reader->header.texts ? reader->header.texts[reader->chosen[column]] : NULL;
}

const table_input table_input_csv = {csv_open, csv_close, csv_dim, csv_rows, csv_column, csv_next, NULL, NULL};
