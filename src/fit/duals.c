#include "fit/duals.h"

#include "core/memory.h"
#include "core/parallel.h"
#include "space/metric.h"

/* Rows a task; the sums over them are added up in their order. */
#define CHUNK 256

typedef struct squares {
    const coordinates *c;
    coordinates_side side;
    const double *rows;
    int64_t count;
    const double *centre; /* in column units; NULL: squares of inner coordinates */
    double *scratch;      /* [threads, CHUNK, dim] */
    double *sums;         /* [chunks] */
} squares;

static void chunk_task(void *user, int64_t index, int worker) {
    const squares *s = user;
    int64_t dim = s->c->dim, first = index * CHUNK, count = s->count - first < CHUNK ? s->count - first : CHUNK;
    const double *rows = s->rows + first * dim;
    double *scratch = s->scratch + worker * CHUNK * dim, sum = 0;
    if (s->centre) {
        for (int64_t i = 0; i < count; i++) sum += coordinates_square(s->c, rows + i * dim, s->centre, scratch);
    } else {
        coordinates_enter(s->c, s->side, rows, count, scratch);
#pragma omp simd reduction(+ : sum)
        for (int64_t i = 0; i < count * dim; i++) sum += scratch[i] * scratch[i];
    }
    s->sums[index] = sum;
}

/* Mean |x~ - centre|^2 of the rows, or |inner|^2. */
static enot_status mean_square(enot_context *context, squares s, double *out) {
    int64_t chunks = (s.count + CHUNK - 1) / CHUNK;
    double sum = 0;
    TRY(MEMORY_NEW(context, context->threads * CHUNK * s.c->dim, "a fit", &s.scratch));
    enot_status status = MEMORY_NEW(context, chunks, "a fit", &s.sums);
    if (!status) parallel_for(context, chunks, chunk_task, &s);
    for (int64_t i = 0; i < chunks && !status; i++) sum += s.sums[i];
    memory_destroy(s.scratch);
    memory_destroy(s.sums);
    *out = sum / (double)s.count;
    return status;
}

enot_status duals_relate(enot_context *context, const coordinates *c, int dot_product, const double *const rows[2],
                         const int64_t count[2], duals *out) {
    out->offset = -metric_square(c->metric, c->dim, c->mean[0], c->mean[1]);
    out->factor = (dot_product ? 2 : 1) * c->unit * c->unit;
    for (int side = 0; side < 2; side++) {
        squares s = {.c = c, .side = (coordinates_side)side, .rows = rows[side], .count = count[side], .centre = c->mean[1 - side]};
        double outer, inner = 0;
        TRY(mean_square(context, s, &outer));
        s.centre = NULL;
        if (!dot_product) TRY(mean_square(context, s, &inner));
        out->offset += outer - out->factor * inner;
    }
    return ENOT_OK;
}
