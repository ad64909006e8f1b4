#include "train/judge.h"

#include <math.h>

#include "core/least.h"
#include "core/memory.h"
#include "eval/comparison.h"
#include "eval/energy.h"
#include "net/apply.h"
#include "train/semidual.h"

/* Standard errors by which a semi-dual must be higher: more than one, for the best of many maps is compared. */
#define DOUBT 2

struct judge {
    const coordinates *coordinates;
    energy_target *target;
    int64_t count, target_count;
    real *inner, *moved;   /* [count, dim] */
    real *target_inner;    /* [target_count, dim], for the semi-dual; NULL without */
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

static enot_status keep_target(enot_context *context, judge *j, const double *target, int64_t m) {
    const coordinates *c = j->coordinates;
    double *wide;
    TRY(MEMORY_NEW(context, m * c->dim, "the rows to choose by", &j->target_inner));
    TRY(MEMORY_NEW(context, m * c->dim, "the rows to choose by", &wide));
    coordinates_enter_settled(c, COORDINATES_TARGET, target, m, wide, j->target_inner);
    memory_destroy(wide);
    return ENOT_OK;
}

enot_status judge_create(enot_context *context, const coordinates *c, const double *source, int64_t n, const double *target,
                         int64_t m, int with_semidual, judge **out) {
    judge *j;
    TRY(MEMORY_NEW(context, 1, "the rows to choose by", &j));
    *j = (judge){.coordinates = c, .count = n, .target_count = m};
    enot_status status = MEMORY_NEW(context, n * c->dim, "the rows to choose by", &j->inner);
    if (!status) status = MEMORY_NEW(context, n * c->dim, "the rows to choose by", &j->moved);
    if (!status) status = MEMORY_NEW(context, n * c->dim, "the rows to choose by", &j->wide);
    if (!status) status = MEMORY_NEW(context, n * c->dim, "the rows to choose by", &j->points);
    if (!status) status = MEMORY_NEW(context, n * comparison_dim(c), "the rows to choose by", &j->compared);
    if (!status) status = create_target(context, j, target, m);
    if (!status && with_semidual) status = keep_target(context, j, target, m);
    if (status) {
        judge_destroy(j);
        return status;
    }
    coordinates_enter_settled(c, COORDINATES_SOURCE, source, n, j->wide, j->inner);
    *out = j;
    return ENOT_OK;
}

void judge_destroy(judge *j) {
    if (!j) return;
    energy_target_destroy(j->target);
    memory_destroy(j->inner);
    memory_destroy(j->moved);
    memory_destroy(j->target_inner);
    memory_destroy(j->wide);
    memory_destroy(j->points);
    memory_destroy(j->compared);
    memory_destroy(j);
}

static int64_t searched_rows(const judge *j) { return least(j->count, SEMIDUAL_ROWS); }

enot_status judge_score_create(enot_context *context, const judge *j, judge_score *score) {
    *score = (judge_score){NAN, NAN, NULL, NULL};
    TRY(MEMORY_NEW(context, j->count + j->target_count, "the scores of maps", &score->shares));
    if (!j->target_inner) return ENOT_OK;
    return MEMORY_NEW(context, searched_rows(j) + j->target_count, "the scores of maps", &score->terms);
}

void judge_score_destroy(judge_score *score) {
    memory_destroy(score->shares);
    memory_destroy(score->terms);
}

static enot_status find_mismatch(enot_context *context, const judge *j, judge_score *score) {
    int64_t numbers = j->count * j->coordinates->dim;
    for (int64_t i = 0; i < numbers; i++) j->wide[i] = j->moved[i];
    coordinates_leave(j->coordinates, COORDINATES_TARGET, j->wide, j->count, j->points);
    TRY(comparison_enter(context, j->coordinates, j->points, j->count, j->compared));
    return energy_target_distance(context, j->target, j->compared, j->count, &score->mismatch, score->shares);
}

enot_status judge_map(enot_context *context, const judge *j, const transport *t, const judge_networks *networks, judge_score *score) {
    TRY(apply_map(context, t, networks->f, networks->f_weights, j->inner, j->count, j->moved));
    if (score->terms)
        TRY(semidual_find(context, t, networks->g, networks->g_weights,
                          &(semidual_rows){j->inner, j->moved, j->target_inner, searched_rows(j), j->target_count}, &score->semidual,
                          score->terms));
    return find_mismatch(context, j, score);
}

double judge_merit(const judge *j, const judge_score *score) { return j->target_inner ? score->semidual : -score->mismatch; }

static int arrives_better(const judge *j, const judge_score *a, const judge_score *b) {
    return b->mismatch - a->mismatch > energy_error(a->shares, b->shares, j->count, j->target_count);
}

int judge_better(const judge *j, const judge_score *a, const judge_score *b) {
    if (!j->target_inner) return arrives_better(j, a, b);
    double error = energy_error(a->terms, b->terms, searched_rows(j), j->target_count);
    return a->semidual - b->semidual > DOUBT * error && !arrives_better(j, b, a);
}
