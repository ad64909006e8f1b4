#include "train/batches/growth.h"

/* One of so many steps has a small batch, but no more than so many: from there on rows decide. */
#define STEPS_A_SMALL_ONE 6
#define SMALL_STEPS_MOST 250

/* A small batch is so small a part of the others. */
#define SMALL_PART 4

static int64_t small_rows(const settings *s) { return s->batch < SMALL_PART ? s->batch : s->batch / SMALL_PART; }

static int64_t small_steps(const settings *s, int64_t steps) {
    int64_t small = steps / STEPS_A_SMALL_ONE;
    if (!s->growing) return 0;
    return small < SMALL_STEPS_MOST ? small : SMALL_STEPS_MOST;
}

/* Of so many steps, some of them small. */
static int64_t rows_of(const settings *s, int64_t steps, int64_t small) {
    return small * small_rows(s) + (steps - small) * s->batch;
}

int64_t growth_steps(const settings *s) { return small_steps(s, s->optimizer.steps); }

int64_t growth_rows(const settings *s, int64_t step) { return step < growth_steps(s) ? small_rows(s) : s->batch; }

int64_t growth_rows_before(const settings *s, int64_t step) {
    return rows_of(s, step, step < growth_steps(s) ? step : growth_steps(s));
}

int64_t growth_steps_of(const settings *s, int64_t rows) {
    int64_t steps = rows / s->batch;
    while (rows_of(s, steps + 1, small_steps(s, steps + 1)) <= rows) steps++;
    return steps;
}
