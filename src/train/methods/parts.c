#include "train/methods/parts.h"

#include "core/parallel.h"

typedef struct drawing {
    const feed *from;
    int64_t drawn, batch; /* drawn: rows before this batch */
    double smoothing;
    real *out;
} drawing;

static void draw_task(void *user, int64_t index, int worker) {
    const drawing *d = user;
    int64_t first = index * PASSES_ROWS, left = d->batch - first;
    feed_draw(d->from, d->smoothing, d->drawn + first, left < PASSES_ROWS ? left : PASSES_ROWS, d->out + first * d->from->dim);
}

void draw_batch(enot_context *context, const method_problem *problem, const feed *from, int64_t step, real *out) {
    const settings *s = problem->settings;
    drawing d = {from, step * s->batch, s->batch, settings_smoothing(s, step), out};
    parallel_for(context, (s->batch + PASSES_ROWS - 1) / PASSES_ROWS, draw_task, &d);
}

optimizer optimizer_every(const settings *s, int64_t steps) {
    optimizer o = s->optimizer;
    o.steps /= steps;
    o.warmup_steps /= steps;
    return o;
}
