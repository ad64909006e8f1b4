#include "bench/w2_truth.h"

#include <math.h>

#include "core/memory.h"
#include "core/parallel.h"
#include "measures/w2bench.h"
#include "net/apply.h"

/* A seed of its own keeps these rows apart from those of every training. */
#define SEED UINT64_C(0x7732747275746821)
#define BLOCK_ROWS 64

struct w2_truth {
    int64_t count, dim;
    double *source, *target; /* [count, dim]: x and T*(x) */
    double source_variance, target_variance, cost, identity; /* identity: UVP of T(x) = x */
};

typedef struct drawing {
    const w2bench *bench;
    w2_truth *truth;
} drawing;

static void draw_block(void *user, int64_t index, int worker) {
    const drawing *d = user;
    w2_truth *t = d->truth;
    int64_t first = index * BLOCK_ROWS, count = t->count - first < BLOCK_ROWS ? t->count - first : BLOCK_ROWS;
    w2bench_draw_source(d->bench, SEED, first, count, t->source + first * t->dim);
    w2bench_map(d->bench, t->source + first * t->dim, count, t->target + first * t->dim);
}

/* Sum over the columns. */
static double variance(const double *rows, int64_t count, int64_t dim) {
    double total = 0;
    for (int64_t j = 0; j < dim; j++) {
        double mean = 0;
        for (int64_t i = 0; i < count; i++) mean += rows[i * dim + j] / (double)count;
        for (int64_t i = 0; i < count; i++) total += pow(rows[i * dim + j] - mean, 2) / (double)count;
    }
    return total;
}

/* E|a - b|^2 */
static double mean_square_distance(const double *a, const double *b, int64_t count, int64_t dim) {
    double sum = 0;
    for (int64_t i = 0; i < count * dim; i++) sum += (a[i] - b[i]) * (a[i] - b[i]);
    return sum / (double)count;
}

static enot_status fill(enot_context *context, const w2bench *bench, w2_truth *t) {
    TRY(MEMORY_NEW(context, t->count * t->dim, "a benchmark's rows", &t->source));
    TRY(MEMORY_NEW(context, t->count * t->dim, "a benchmark's rows", &t->target));
    parallel_for(context, (t->count + BLOCK_ROWS - 1) / BLOCK_ROWS, draw_block, &(drawing){bench, t});
    t->source_variance = variance(t->source, t->count, t->dim);
    t->target_variance = variance(t->target, t->count, t->dim);
    t->cost = mean_square_distance(t->source, t->target, t->count, t->dim);
    t->identity = 100 * t->cost / t->target_variance;
    return ENOT_OK;
}

enot_status w2_truth_create(enot_context *context, const char *path, int64_t count, w2_truth **out) {
    w2bench *bench;
    w2_truth *t;
    TRY(w2bench_open(context, path, &bench));
    enot_status status = MEMORY_NEW(context, 1, "a benchmark's rows", &t);
    if (!status) {
        *t = (w2_truth){.count = count, .dim = w2bench_dim(bench)};
        status = fill(context, bench, t);
        if (status)
            w2_truth_destroy(t);
        else
            *out = t;
    }
    w2bench_close(bench);
    return status;
}

void w2_truth_destroy(w2_truth *t) {
    if (!t) return;
    memory_destroy(t->source);
    memory_destroy(t->target);
    memory_destroy(t);
}

/* A network on its way from one side to the other. */
typedef struct way {
    const network *network;
    coordinates_side from, to;
} way;

/* moved[count, dim]: points of one side moved to the other, in the user's units. */
static enot_status move(enot_context *context, const w2_truth *t, const plan *p, const transport *transport, way w,
                        const double *points, double *moved) {
    int64_t numbers = t->count * t->dim;
    double *wide;
    real *inner;
    TRY(MEMORY_NEW(context, numbers, "a benchmark's rows", &wide));
    enot_status status = MEMORY_NEW(context, 2 * numbers, "a benchmark's rows", &inner);
    if (!status) {
        coordinates_enter(p->coordinates, w.from, points, t->count, wide);
        for (int64_t i = 0; i < numbers; i++) inner[i] = (real)wide[i];
        status = apply_map(context, transport, &w.network->net, w.network->average, inner, t->count, inner + numbers);
        for (int64_t i = 0; i < numbers; i++) wide[i] = inner[numbers + i];
        coordinates_leave(p->coordinates, w.to, wide, t->count, moved);
        memory_destroy(inner);
    }
    memory_destroy(wide);
    return status;
}

/* Of the displacements moved - x and T*(x) - x. */
static double cosine(const w2_truth *t, const double *moved) {
    double both = 0, ours = 0, theirs = 0;
    for (int64_t i = 0; i < t->count * t->dim; i++) {
        double a = moved[i] - t->source[i], b = t->target[i] - t->source[i];
        both += a * b;
        ours += a * a;
        theirs += b * b;
    }
    return both / sqrt(ours * theirs);
}

enot_status w2_truth_score(enot_context *context, const w2_truth *t, const plan *p, const trainer *trained,
                           enot_w2_score *score) {
    double *moved;
    const way there = {&trained->f, COORDINATES_SOURCE, COORDINATES_TARGET}, back = {&trained->g, there.to, there.from};
    TRY(MEMORY_NEW(context, t->count * t->dim, "a benchmark's rows", &moved));
    enot_status status = move(context, t, p, &trained->t, there, t->source, moved);
    score->uvp_forward = 100 * mean_square_distance(moved, t->target, t->count, t->dim) / t->target_variance;
    score->cosine = cosine(t, moved);
    score->uvp_inverse = NAN;
    if (!status && trained->t.form != ENOT_FORM_VECTOR_FIELD) {
        status = move(context, t, p, &trained->t, back, t->target, moved);
        score->uvp_inverse = 100 * mean_square_distance(moved, t->source, t->count, t->dim) / t->source_variance;
    }
    score->cost = t->cost;
    score->uvp_identity = t->identity;
    memory_destroy(moved);
    return status;
}
