#include "fit/duals.h"

#include "core/clones.h"
#include "core/least.h"
#include "core/memory.h"
#include "core/parallel.h"
#include "space/metric.h"

/* Rows a task; the sums over them are added up in their order. */
#define CHUNK 256

/* Rows of one side whose squares are summed. */
typedef struct squares {
    const coordinates *c;
    coordinates_side side;
    const row_list *rows;
    const real *entered;  /* NULL: not at hand */
    const double *centre; /* in column units; NULL: squares of inner coordinates */
    double *scratch;      /* [threads, 2, CHUNK, dim] */
    double *sums;         /* [chunks] */
} squares;

CLONES static double sum_squares(int64_t count, const real *values) {
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int64_t i = 0; i < count; i++) sum += (double)values[i] * (double)values[i];
    return sum;
}

/* Of rows that are not at hand in inner coordinates. */
static double sum_entered_squares(const squares *s, int64_t first, int64_t count, double *scratch) {
    double sum = 0, *points = scratch, *inner = points + count * s->c->dim;
    row_list_copy(s->rows, first, count, points);
    coordinates_enter(s->c, s->side, points, count, inner);
#pragma omp simd reduction(+ : sum)
    for (int64_t i = 0; i < count * s->c->dim; i++) sum += inner[i] * inner[i];
    return sum;
}

static double sum_outer_squares(const squares *s, int64_t first, int64_t count, double *scratch) {
    double sum = 0;
    for (int64_t i = first; i < first + count; i++) {
        row_list_ask(s->rows, i, 0, s->rows->dim);
        sum += coordinates_square(s->c, row_list_at(s->rows, i), s->centre, scratch);
    }
    return sum;
}

static void chunk_task(void *user, int64_t index, int worker) {
    const squares *s = user;
    int64_t dim = s->c->dim, first = index * CHUNK, count = least(CHUNK, s->rows->count - first);
    double *scratch = s->scratch + worker * 2 * CHUNK * dim;
    if (s->centre)
        s->sums[index] = sum_outer_squares(s, first, count, scratch);
    else if (s->entered)
        s->sums[index] = sum_squares(count * dim, s->entered + first * dim);
    else
        s->sums[index] = sum_entered_squares(s, first, count, scratch);
}

/* Mean |x~ - centre|^2 of the rows, or |inner|^2. */
static enot_status mean_square(enot_context *context, squares s, double *out) {
    int64_t chunks = (s.rows->count + CHUNK - 1) / CHUNK;
    double sum = 0;
    TRY(MEMORY_NEW(context, context->threads * 2 * CHUNK * s.c->dim, "a fit", &s.scratch));
    enot_status status = MEMORY_NEW(context, chunks, "a fit", &s.sums);
    if (!status) parallel_for(context, chunks, chunk_task, &s);
    for (int64_t i = 0; i < chunks && !status; i++) sum += s.sums[i];
    memory_destroy(s.scratch);
    memory_destroy(s.sums);
    *out = sum / (double)s.rows->count;
    return status;
}

enot_status duals_relate(enot_context *context, const coordinates *c, int dot_product, const row_list rows[2],
                         const real *const entered[2], duals *out) {
    out->offset = -metric_square(c->metric, c->dim, c->mean[0], c->mean[1]);
    out->factor = (dot_product ? 2 : 1) * c->unit * c->unit;
    for (int side = 0; side < 2; side++) {
        squares s = {.c = c, .side = (coordinates_side)side, .rows = &rows[side], .entered = entered[side], .centre = c->mean[1 - side]};
        double outer, inner = 0;
        TRY(mean_square(context, s, &outer));
        s.centre = NULL;
        if (!dot_product) TRY(mean_square(context, s, &inner));
        out->offset += outer - out->factor * inner;
    }
    return ENOT_OK;
}
