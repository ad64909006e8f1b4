#include "train/batches/feed.h"

#include <string.h>

#include "core/memory.h"
#include "core/parallel.h"
#include "core/random.h"

/* Rows of a table that a task enters. */
#define BLOCK_ROWS 128

typedef struct entering {
    const feed *feed;
    double *scratch; /* [threads, 2, BLOCK_ROWS, dim] */
} entering;

static void enter_block(void *user, int64_t index, int worker) {
    const entering *e = user;
    const feed *f = e->feed;
    int64_t first = index * BLOCK_ROWS, left = f->count - first, count = left < BLOCK_ROWS ? left : BLOCK_ROWS;
    int64_t block = BLOCK_ROWS * f->dim;
    double *points = e->scratch + 2 * worker * block, *wide = points + block;
    split_rows(f->split, SPLIT_TRAIN, first, count, points);
    coordinates_enter_settled(f->coordinates, f->split->side, points, count, wide, f->rows + first * f->dim);
}

static enot_status enter_table(enot_context *context, feed *f) {
    entering e = {.feed = f};
    f->count = f->split->count[SPLIT_TRAIN];
    TRY(MEMORY_NEW(context, f->count * f->dim, "the training rows", &f->rows));
    TRY(MEMORY_NEW(context, 2 * context->threads * BLOCK_ROWS * f->dim, "the training rows", &e.scratch));
    parallel_for(context, (f->count + BLOCK_ROWS - 1) / BLOCK_ROWS, enter_block, &e);
    memory_destroy(e.scratch);
    return ENOT_OK;
}

enot_status feed_create(enot_context *context, const split *s, const coordinates *c, uint64_t seed, feed *out) {
    *out = (feed){.ops = ops_select(), .split = s, .coordinates = c, .dim = c->dim, .seed = seed};
    enot_status status = MEMORY_NEW(context, c->dim, "the training rows", &out->spread);
    for (int64_t j = 0; !status && j < c->dim; j++) out->spread[j] = (real)c->spread[j];
    if (!status) status = s->samples->measure ? entry_create(context, c, s->side, &out->entry) : enter_table(context, out);
    if (status) feed_destroy(out);
    return status;
}

void feed_destroy(feed *f) {
    memory_destroy(f->rows);
    memory_destroy(f->spread);
    entry_destroy(&f->entry);
    *f = (feed){0};
}

/* Rows that are on their way from memory at a time. */
#define ROWS_AHEAD 32

/* A row of the table as it goes into a batch. */
typedef struct picked {
    const real *row;
    int mirrored;
} picked;

static picked pick(const feed *f, uint64_t counter) {
    random_stream stream = f->split->side == COORDINATES_SOURCE ? RANDOM_STREAM_BATCH_SOURCE : RANDOM_STREAM_BATCH_TARGET;
    random_row row = random_row_start(f->seed, stream, counter);
    const real *found = f->rows + random_below(&row, f->count) * f->dim;
    __builtin_prefetch(found);
    return (picked){found, f->flip && random_below(&row, 2)};
}

static void copy_row(const feed *f, picked from, real *out) {
    if (!from.mirrored) {
        memcpy(out, from.row, (size_t)f->dim * sizeof *out);
        return;
    }
    image_shape shape = f->coordinates->image;
    int64_t columns = shape.width, channels = shape.channels;
    for (int64_t pixel = 0; pixel < shape.height * columns; pixel++) {
        int64_t mirror = pixel - pixel % columns + columns - 1 - pixel % columns;
        memcpy(out + pixel * channels, from.row + mirror * channels, (size_t)channels * sizeof *out);
    }
}

/* Draws with replacement: each row of the batch picks its table row by its own counter. */
static void draw_table(const feed *f, uint64_t first_counter, int64_t count, real *out) {
    picked ahead[ROWS_AHEAD];
    for (int64_t first = 0; first < count; first += ROWS_AHEAD) {
        int64_t rows = count - first < ROWS_AHEAD ? count - first : ROWS_AHEAD;
        for (int64_t i = 0; i < rows; i++) ahead[i] = pick(f, first_counter + (uint64_t)(first + i));
        for (int64_t i = 0; i < rows; i++) copy_row(f, ahead[i], out + (first + i) * f->dim);
    }
}

static void draw_measure(const feed *f, int64_t first_row, int64_t count, real *out) {
    double points[ENTRY_NUMBERS];
    int64_t at_once = entry_rows(&f->entry);
    for (int64_t first = 0; first < count; first += at_once) {
        int64_t rows = count - first < at_once ? count - first : at_once;
        split_rows(f->split, SPLIT_TRAIN, first_row + first, rows, points);
        entry_enter(&f->entry, points, rows, out + first * f->dim);
    }
}

/* Normals that one counter of the generator gives. */
#define NOISE_RUN 64

/* Of all numbers ever drawn, row after row, number i takes its noise from run i / NOISE_RUN. */
static void add_noise(const feed *f, uint64_t first_counter, real deviation, int64_t count, real *out) {
    random_stream stream = f->split->side == COORDINATES_SOURCE ? RANDOM_STREAM_SMOOTH_SOURCE : RANDOM_STREAM_SMOOTH_TARGET;
    uint64_t number = first_counter * (uint64_t)f->dim, end = number + (uint64_t)(count * f->dim);
    int64_t column = 0;
    real noise[NOISE_RUN];
    while (number < end) {
        int64_t i = (int64_t)(number % NOISE_RUN), last = end - number < (uint64_t)(NOISE_RUN - i) ? i + (int64_t)(end - number) : NOISE_RUN;
        f->ops->normals(f->seed, stream, number / NOISE_RUN, last, noise);
        for (number += (uint64_t)(last - i); i < last; i++) {
            *out++ += deviation * f->spread[column] * noise[i];
            column = column + 1 < f->dim ? column + 1 : 0;
        }
    }
}

void feed_draw(const feed *f, double smoothing, int64_t first, int64_t count, real *out) {
    if (f->split->samples->measure)
        draw_measure(f, first, count, out);
    else
        draw_table(f, (uint64_t)first, count, out);
    if (smoothing > 0) add_noise(f, (uint64_t)first, (real)smoothing, count, out);
}
