#include "train/judge.h"

#include "core/memory.h"
#include "eval/comparison.h"
#include "eval/energy.h"
#include "net/apply.h"

struct judge {
    const coordinates *coordinates;
    energy_target *target;
    int64_t count, target_count;
    real *inner, *moved; /* [count, dim] */
    double *wide, *points; /* [count, dim] */
    double *compared;      /* [count, comparison_dim] */
};

static enot_status create_target(enot_context *context, judge *j, const double *target, int64_t m) {
    int64_t dim = comparison_dim(j->coordinates);
    double *compared;
    TRY(MEMORY_NEW(context, m * dim, "the rows to choose by", &compared));
    enot_status status = comparison_enter(context, j->coordinates, target, m, compared);
    if (!status) status = energy_target_create(context, compared, m, dim, &j->target);
    memory_destroy(compared);
    return status;
}

enot_status judge_create(enot_context *context, const coordinates *c, const double *source, int64_t n, const double *target,
                         int64_t m, judge **out) {
    judge *j;
    TRY(MEMORY_NEW(context, 1, "the rows to choose by", &j));
    *j = (judge){.coordinates = c, .count = n, .target_count = m};
    enot_status status = MEMORY_NEW(context, n * c->dim, "the rows to choose by", &j->inner);
    if (!status) status = MEMORY_NEW(context, n * c->dim, "the rows to choose by", &j->moved);
    if (!status) status = MEMORY_NEW(context, n * c->dim, "the rows to choose by", &j->wide);
    if (!status) status = MEMORY_NEW(context, n * c->dim, "the rows to choose by", &j->points);
    if (!status) status = MEMORY_NEW(context, n * comparison_dim(c), "the rows to choose by", &j->compared);
    if (!status) status = create_target(context, j, target, m);
    if (status) {
        judge_destroy(j);
        return status;
    }
    coordinates_enter(c, COORDINATES_SOURCE, source, n, j->wide);
    coordinates_settle(n * c->dim, j->wide);
    for (int64_t i = 0; i < n * c->dim; i++) j->inner[i] = (real)j->wide[i];
    *out = j;
    return ENOT_OK;
}

void judge_destroy(judge *j) {
    if (!j) return;
    energy_target_destroy(j->target);
    memory_destroy(j->inner);
    memory_destroy(j->moved);
    memory_destroy(j->wide);
    memory_destroy(j->points);
    memory_destroy(j->compared);
    memory_destroy(j);
}

int64_t judge_rows(const judge *j) { return j->count + j->target_count; }

enot_status judge_map(enot_context *context, const judge *j, const transport *t, const architecture *net, const real *weights,
                      judge_score *score) {
    TRY(apply_map(context, t, net, weights, j->inner, j->count, j->moved));
    for (int64_t i = 0; i < j->count * t->dim; i++) j->wide[i] = j->moved[i];
    coordinates_leave(j->coordinates, COORDINATES_TARGET, j->wide, j->count, j->points);
    TRY(comparison_enter(context, j->coordinates, j->points, j->count, j->compared));
    return energy_target_distance(context, j->target, j->compared, j->count, &score->mismatch, score->shares);
}

int judge_better(const judge *j, const judge_score *a, const judge_score *b) {
    return b->mismatch - a->mismatch > energy_error(a->shares, b->shares, j->count, j->target_count);
}
