#include "data/samples.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "core/memory.h"
#include "core/fingerprint.h"
#include "data/read_options.h"
#include "data/reader.h"

enum { FIRST_CAPACITY = 1024 };

static enot_status copy_text(enot_context *context, const char *text, char **copy) {
    size_t size = strlen(text) + 1;
    TRY(MEMORY_NEW(context, (int64_t)size, "a name", copy));
    memcpy(*copy, text, size);
    return ENOT_OK;
}

enot_status samples_create(enot_context *context, const char *name, enot_samples **samples) {
    enot_samples *created;
    TRY(MEMORY_NEW(context, 1, "samples", &created));
    enot_status status = copy_text(context, name, &created->name);
    if (status != ENOT_OK) {
        enot_samples_destroy(created);
        return status;
    }
    *samples = created;
    return ENOT_OK;
}

void enot_samples_destroy(enot_samples *samples) {
    if (!samples) return;
    for (int64_t i = 0; samples->columns && i < samples->dim; i++) memory_destroy(samples->columns[i]);
    memory_destroy(samples->columns);
    memory_destroy(samples->rows);
    memory_destroy(samples->pixels);
    memory_destroy(samples->name);
    measure_close(samples->measure);
    memory_destroy(samples);
}

static enot_status allocate_rows(enot_context *context, int64_t count, int64_t dim, double **rows) {
    int64_t values;
    if (__builtin_mul_overflow(count, dim, &values))
        return context_fail_memory(context, SIZE_MAX, "the rows of samples");
    return MEMORY_NEW(context, values, "the rows of samples", rows);
}

static const void *numbers_of(const enot_samples *samples) {
    return samples->pixels ? (const void *)samples->pixels : samples->rows;
}

static size_t row_size(const enot_samples *samples) {
    return (size_t)samples->dim * (samples->pixels ? sizeof *samples->pixels : sizeof *samples->rows);
}

/* What makes a table a measure that a map can start from or lead to. */
static enot_status check_rows(enot_context *context, const enot_samples *samples) {
    const char *name = *samples->name ? samples->name : "the samples";
    if (samples->count < 2)
        return context_fail(context, ENOT_ERR_DATA, "%s: there is only %lld row: a measure needs at least two rows",
                            name, (long long)samples->count);
    size_t size = row_size(samples);
    const char *numbers = numbers_of(samples);
    for (int64_t i = 1; i < samples->count; i++)
        if (memcmp(numbers, numbers + (size_t)i * size, size) != 0) return ENOT_OK;
    return context_fail(context, ENOT_ERR_DATA, "%s: all %lld rows are equal: a measure needs rows that differ", name,
                        (long long)samples->count);
}

enot_status samples_finish(enot_context *context, enot_samples *samples) {
    TRY(check_rows(context, samples));
    fingerprint mark = fingerprint_start();
    fingerprint_add(&mark, &samples->dim, sizeof samples->dim);
    fingerprint_add(&mark, &samples->count, sizeof samples->count);
    fingerprint_add(&mark, numbers_of(samples), (size_t)samples->count * row_size(samples));
    samples->fingerprint = fingerprint_value(&mark);
    return ENOT_OK;
}

static enot_status grow(enot_context *context, enot_samples *samples, int64_t capacity) {
    double *larger;
    TRY(allocate_rows(context, capacity, samples->dim, &larger));
    if (samples->count > 0)
        memcpy(larger, samples->rows, (size_t)samples->count * (size_t)samples->dim * sizeof *larger);
    memory_destroy(samples->rows);
    samples->rows = larger;
    return ENOT_OK;
}

static enot_status read_rows(enot_context *context, enot_reader *reader, enot_samples *samples) {
    int64_t capacity = reader_rows(reader), taken;
    if (capacity < 0) capacity = FIRST_CAPACITY;
    TRY(grow(context, samples, capacity));
    for (;;) {
        if (samples->count == capacity) {
            if (samples->count == reader_rows(reader)) return ENOT_OK;
            if (capacity > INT64_MAX / 2) return context_fail_memory(context, SIZE_MAX, "the rows of samples");
            capacity *= 2;
            TRY(grow(context, samples, capacity));
        }
        TRY(enot_reader_next(context, reader, capacity - samples->count, samples->rows + samples->count * samples->dim,
                             &taken));
        if (taken == 0) return ENOT_OK;
        samples->count += taken;
    }
}

static enot_status copy_columns(enot_context *context, const enot_reader *reader, enot_samples *samples) {
    if (!enot_reader_column(reader, 0)) return ENOT_OK;
    TRY(MEMORY_NEW(context, samples->dim, "column names", &samples->columns));
    for (int64_t i = 0; i < samples->dim; i++)
        TRY(copy_text(context, enot_reader_column(reader, i), &samples->columns[i]));
    return ENOT_OK;
}

static enot_status open_table(enot_context *context, const enot_read_options *options, enot_samples *samples) {
    enot_reader *reader;
    TRY(enot_reader_open(context, samples->name, options, &reader));
    samples->dim = enot_reader_dim(reader);
    enot_status status = copy_columns(context, reader, samples);
    if (status == ENOT_OK) status = read_rows(context, reader, samples);
    if (status == ENOT_OK) status = samples_finish(context, samples);
    enot_reader_close(reader);
    return status;
}

static enot_status open_measure(enot_context *context, const char *spec, const enot_read_options *options,
                                enot_samples *samples) {
    if (options->columns)
        return context_fail(context, ENOT_ERR_ARGUMENT, "%s: a built-in measure has no columns to choose from",
                            samples->name);
    TRY(measure_open(context, spec, &samples->measure));
    samples->dim = measure_dim(samples->measure);
    samples->count = -1;
    samples->seed = options->seed;
    fingerprint mark = fingerprint_start();
    fingerprint_add(&mark, spec, strlen(spec));
    fingerprint_add(&mark, &samples->seed, sizeof samples->seed);
    samples->fingerprint = fingerprint_value(&mark);
    return ENOT_OK;
}

enot_status enot_samples_open(enot_context *context, const char *spec, const enot_read_options *options,
                              enot_samples **samples) {
    if (!context) return ENOT_ERR_ARGUMENT;
    if (!spec || !samples)
        return context_fail(context, ENOT_ERR_ARGUMENT, "enot_samples_open: spec and samples must not be NULL");
    enot_read_options complete;
    enot_samples *created;
    TRY(read_options_complete(context, options, &complete));
    TRY(samples_create(context, spec, &created));
    const char *measure = reader_measure_spec(spec);
    enot_status status =
        measure ? open_measure(context, measure, &complete, created) : open_table(context, &complete, created);
    if (status != ENOT_OK) {
        enot_samples_destroy(created);
        return status;
    }
    *samples = created;
    return ENOT_OK;
}

static enot_status copy_rows(enot_context *context, const double *rows, enot_samples *samples) {
    TRY(allocate_rows(context, samples->count, samples->dim, &samples->rows));
    for (int64_t i = 0; i < samples->count * samples->dim; i++) {
        if (!isfinite(rows[i]))
            return context_fail(context, ENOT_ERR_DATA,
                                "the samples, row %lld, column %lld: the value is not a finite number",
                                (long long)(i / samples->dim) + 1, (long long)(i % samples->dim) + 1);
        samples->rows[i] = rows[i];
    }
    return samples_finish(context, samples);
}

enot_status enot_samples_from_rows(enot_context *context, const double *rows, int64_t count, int64_t dim,
                                   enot_samples **samples) {
    if (!context) return ENOT_ERR_ARGUMENT;
    if (!rows || !samples || count < 1 || dim < 1)
        return context_fail(context, ENOT_ERR_ARGUMENT,
                            "enot_samples_from_rows: needs rows, and count and dim of at least 1");
    enot_samples *created;
    TRY(samples_create(context, "", &created));
    created->count = count;
    created->dim = dim;
    enot_status status = copy_rows(context, rows, created);
    if (status != ENOT_OK) {
        enot_samples_destroy(created);
        return status;
    }
    *samples = created;
    return ENOT_OK;
}

int64_t enot_samples_dim(const enot_samples *samples) { return samples->dim; }

int64_t enot_samples_count(const enot_samples *samples) { return samples->count; }

const char *enot_samples_name(const enot_samples *samples) { return samples->name; }

const char *enot_samples_column(const enot_samples *samples, int64_t column) {
    return samples->columns && column >= 0 && column < samples->dim ? samples->columns[column] : NULL;
}

void samples_copy(const enot_samples *samples, int64_t first, int64_t count, double *rows) {
    int64_t dim = samples->dim;
    if (samples->measure)
        measure_draw(samples->measure, samples->seed, first, count, rows);
    else if (samples->pixels)
        for (int64_t i = 0; i < count * dim; i++) rows[i] = samples->pixels[first * dim + i];
    else
        memcpy(rows, samples->rows + first * dim, (size_t)(count * dim) * sizeof *rows);
}

enot_status enot_samples_rows(enot_context *context, const enot_samples *samples, int64_t first, int64_t count,
                              double *rows) {
    if (!context) return ENOT_ERR_ARGUMENT;
    if (!samples || !rows || first < 0 || count < 0 || (samples->count >= 0 && first > samples->count - count))
        return context_fail(context, ENOT_ERR_ARGUMENT, "enot_samples_rows: %lld rows from row %lld on are not there",
                            (long long)count, (long long)first);
    samples_copy(samples, first, count, rows);
    return ENOT_OK;
}
