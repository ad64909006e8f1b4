#include "train/batches/split.h"

#include <string.h>

#include "core/least.h"
#include "core/memory.h"
#include "core/parallel.h"
#include "core/random.h"

/* Rows that a task reads. */
#define BLOCK_ROWS 256

/* Fewest rows that say anything about a distance. */
#define LEAST_ROWS 8

/* Rows to choose by, for each row to report on, if half of the others are left to train: choosing needs a sharper eye. */
#define CHOOSE_SHARE 2

#define MEASURE_RANGE (INT64_C(1) << 56) /* row numbers for one purpose of one side */
static const int64_t MEASURE_ROWS[SPLIT_PURPOSES] = {MEASURE_RANGE, 32768, 2048, 4096, MEASURE_RANGE};

static void part_measure(split *s) {
    s->held_out = 1;
    for (int purpose = 0; purpose < SPLIT_PURPOSES; purpose++) {
        s->first[purpose] = MEASURE_RANGE * (s->side * SPLIT_PURPOSES + purpose);
        s->count[purpose] = MEASURE_ROWS[purpose];
    }
}

static void shuffle(int64_t count, random_row *row, int64_t *order) {
    for (int64_t i = 0; i < count; i++) order[i] = i;
    for (int64_t i = count - 1; i > 0; i--) {
        int64_t j = random_below(row, i + 1), moved = order[i];
        order[i] = order[j];
        order[j] = moved;
    }
}

/* Report, choose, train, one behind the other. */
static void part_table(split *s, double validation) {
    int64_t count = s->samples->count, aside = (int64_t)((double)count * validation + 0.5);
    for (int purpose = 0; purpose < SPLIT_PURPOSES; purpose++) s->count[purpose] = count;
    int64_t choose = CHOOSE_SHARE * aside, most = (count - aside) / 2;
    if (choose > most) choose = most;
    int64_t train = count - aside - choose;
    s->held_out = aside >= LEAST_ROWS && train >= LEAST_ROWS;
    if (!s->held_out) return;
    s->count[SPLIT_REPORT] = aside;
    s->count[SPLIT_CHOOSE] = choose;
    s->count[SPLIT_TRAIN] = s->count[SPLIT_MOMENTS] = train;
    s->first[SPLIT_CHOOSE] = aside;
    s->first[SPLIT_TRAIN] = s->first[SPLIT_MOMENTS] = aside + choose;
}

enot_status split_create(enot_context *context, const enot_samples *samples, coordinates_side side, double validation,
                         uint64_t seed, split *out) {
    *out = (split){.samples = samples, .side = side};
    if (samples->measure) {
        part_measure(out);
        return ENOT_OK;
    }
    TRY(MEMORY_NEW(context, samples->count, "the choice of rows", &out->order));
    random_row row = random_row_start(seed, RANDOM_STREAM_SPLIT, (uint64_t)side);
    shuffle(samples->count, &row, out->order);
    part_table(out, validation);
    return ENOT_OK;
}

void split_destroy(split *s) {
    memory_destroy(s->order);
    *s = (split){0};
}

void split_rows(const split *s, split_purpose purpose, int64_t first, int64_t count, double *rows) {
    int64_t dim = s->samples->dim;
    first += s->first[purpose];
    if (s->samples->measure) {
        samples_copy(s->samples, first, count, rows);
        return;
    }
    for (int64_t i = 0; i < count; i++) samples_copy(s->samples, s->order[first + i], 1, rows + i * dim);
}

row_list split_list(const split *s, split_purpose purpose, int64_t most) {
    return (row_list){s->samples->rows, s->order + s->first[purpose], least(s->count[purpose], most), s->samples->dim};
}

typedef struct reading {
    const split *split;
    split_purpose purpose;
    int64_t count;
    double *rows;
} reading;

static void read_block(void *user, int64_t index, int worker) {
    const reading *r = user;
    int64_t first = index * BLOCK_ROWS;
    split_rows(r->split, r->purpose, first, least(BLOCK_ROWS, r->count - first), r->rows + first * r->split->samples->dim);
}

enot_status split_read(enot_context *context, const split *s, split_purpose purpose, int64_t most, double **rows,
                       int64_t *count) {
    *count = least(s->count[purpose], most);
    TRY(MEMORY_NEW(context, *count * s->samples->dim, "rows", rows));
    parallel_for(context, (*count + BLOCK_ROWS - 1) / BLOCK_ROWS, read_block, &(reading){s, purpose, *count, *rows});
    return ENOT_OK;
}
