#include "fit/evaluate.h"

#include <math.h>
#include <string.h>

#include "core/clock.h"
#include "core/memory.h"
#include "eval/comparison.h"
#include "eval/energy.h"
#include "eval/energy_floor.h"
#include "eval/squared_change.h"
#include "fit/evaluate_images.h"
#include "fit/record.h"

#define ROWS_OF_TABLES 4096
#define IMAGES 2048

int64_t evaluate_rows(const enot_map *map) { return image_shape_is_set(map->coordinates->image) ? IMAGES : ROWS_OF_TABLES; }

/* Rows of both sides in the user's units, and room for what is computed from them. */
typedef struct rows {
    int64_t n, m, dim, compared; /* compared: comparison_dim */
    double *source, *target;            /* [n, dim], [m, dim] */
    double *moved, *other;              /* [n, dim] */
    double *source_compared, *target_compared, *moved_compared; /* [n, compared], [m, compared], [n, compared] */
    double *values;                     /* [max(n, m)] */
} rows;

static void rows_destroy(rows *r) {
    double *all[] = {r->source, r->target, r->moved, r->other, r->source_compared, r->target_compared, r->moved_compared, r->values};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) memory_destroy(all[i]);
}

static enot_status rows_create(enot_context *context, const enot_map *map, evaluate_side source, evaluate_side target,
                               int64_t most, rows *r) {
    const coordinates *c = map->coordinates;
    *r = (rows){.dim = c->dim, .compared = comparison_dim(c)};
    TRY(split_read(context, source.split, source.purpose, most, &r->source, &r->n));
    TRY(split_read(context, target.split, target.purpose, most, &r->target, &r->m));
    TRY(MEMORY_NEW(context, r->n * r->dim, "an evaluation", &r->moved));
    TRY(MEMORY_NEW(context, r->n * r->dim, "an evaluation", &r->other));
    TRY(MEMORY_NEW(context, r->n * r->compared, "an evaluation", &r->source_compared));
    TRY(MEMORY_NEW(context, r->m * r->compared, "an evaluation", &r->target_compared));
    TRY(MEMORY_NEW(context, r->n * r->compared, "an evaluation", &r->moved_compared));
    TRY(MEMORY_NEW(context, r->n > r->m ? r->n : r->m, "an evaluation", &r->values));
    cost_settle(&map->cost, r->n, r->source);
    cost_settle(&map->cost, r->m, r->target);
    TRY(comparison_enter(context, c, r->source, r->n, r->source_compared));
    return comparison_enter(context, c, r->target, r->m, r->target_compared);
}

static double mean(const double *values, int64_t count) {
    double sum = 0;
    for (int64_t i = 0; i < count; i++) sum += values[i];
    return sum / (double)count;
}

static enot_status mismatches(enot_context *context, const enot_map *map, uint64_t seed, rows *r, enot_report *report) {
    const coordinates *c = map->coordinates;
    TRY(energy_distance(context, r->source_compared, r->n, r->target_compared, r->m, r->compared, &report->mismatch_before, NULL));
    TRY(comparison_enter(context, c, r->moved, r->n, r->moved_compared));
    TRY(energy_distance(context, r->moved_compared, r->n, r->target_compared, r->m, r->compared, &report->mismatch_after,
                        &report->mismatch_after_error));
    TRY(energy_floor(context, r->target_compared, r->m, r->compared, ENERGY_FLOOR_SPLITS, seed, &report->mismatch_floor_mean,
                     &report->mismatch_floor));
    report->mismatch_gaussian = NAN;
    if (!c->gaussian) return ENOT_OK;
    coordinates_enter(c, COORDINATES_SOURCE, r->source, r->n, r->moved_compared);
    coordinates_leave(c, COORDINATES_TARGET, r->moved_compared, r->n, r->other);
    TRY(comparison_enter(context, c, r->other, r->n, r->moved_compared));
    return energy_distance(context, r->moved_compared, r->n, r->target_compared, r->m, r->compared, &report->mismatch_gaussian, NULL);
}

static enot_status images(enot_context *context, const enot_map *map, uint64_t seed, const rows *r, enot_report *report) {
    report->frechet_before = report->frechet_after = report->frechet_floor = report->squared_change = NAN;
    if (!image_shape_is_set(map->coordinates->image)) return ENOT_OK;
    report->squared_change = squared_change(r->n, r->dim, r->source, r->moved);
    image_scores scores = {r->n, r->m, r->compared, r->source_compared, r->moved_compared, r->target_compared};
    return evaluate_images(context, &scores, seed, report);
}

static enot_status costs(enot_context *context, const enot_map *map, rows *r, enot_report *report) {
    TRY(map_cost(context, map, r->source, r->moved, r->n, r->values));
    report->cost_map = mean(r->values, r->n);
    report->cost_dual = NAN;
    if (!record_has_critic(map->options)) return ENOT_OK;
    TRY(map_c_transform(context, map, r->source, r->n, r->target, r->m, r->values));
    report->cost_dual = mean(r->values, r->n);
    TRY(enot_map_potential(context, map, ENOT_INVERSE, r->target, r->m, r->values));
    report->cost_dual += mean(r->values, r->m);
    return ENOT_OK;
}

static enot_status cycle(enot_context *context, const enot_map *map, rows *r, enot_report *report) {
    report->cycle_error = NAN;
    if (!map_has_inverse(map)) return ENOT_OK;
    TRY(enot_map_apply(context, map, ENOT_INVERSE, r->moved, r->n, r->other));
    for (int64_t i = 0; i < r->n; i++) {
        double sum = 0;
        for (int64_t j = 0; j < r->dim; j++)
            sum += pow((r->other[i * r->dim + j] - r->source[i * r->dim + j]) / map->coordinates->column[j], 2);
        r->values[i] = sqrt(sum);
    }
    report->cycle_error = mean(r->values, r->n);
    return ENOT_OK;
}

enot_status evaluate_map(enot_context *context, const enot_map *map, evaluate_side source, evaluate_side target, int64_t most,
                         uint64_t seed, enot_report *report) {
    rows r;
    enot_status status = rows_create(context, map, source, target, most, &r);
    if (!status) status = enot_map_apply(context, map, ENOT_FORWARD, r.source, r.n, r.moved);
    if (!status) status = mismatches(context, map, seed, &r, report);
    if (!status) status = images(context, map, seed, &r, report);
    if (!status) status = costs(context, map, &r, report);
    if (!status) status = cycle(context, map, &r, report);
    report->source_rows = r.n;
    report->target_rows = r.m;
    rows_destroy(&r);
    return status;
}

static enot_status check_samples(enot_context *context, const enot_map *map, const enot_samples *samples) {
    image_shape here = samples->image, there = map->coordinates->image;
    if (image_shape_is_set(here) != image_shape_is_set(there))
        return context_fail(context, ENOT_ERR_DATA, "the map is one of %s, the samples are %s: read them as such",
                            image_shape_is_set(there) ? "images" : "tables", image_shape_is_set(here) ? "images" : "a table");
    if (!image_shape_equals(here, there))
        return context_fail(context, ENOT_ERR_DATA, "images of %lld x %lld pixels with %lld channels, but the map is one of %lld x %lld with %lld",
                            (long long)here.height, (long long)here.width, (long long)here.channels, (long long)there.height,
                            (long long)there.width, (long long)there.channels);
    if (samples->dim == map->t.dim) return ENOT_OK;
    return context_fail(context, ENOT_ERR_DATA, "%s has %lld columns, the map was fitted on %lld: choose them with --columns",
                        samples->name, (long long)samples->dim, (long long)map->t.dim);
}

/* The rows that the fit set aside if these are the samples that it was given, else all. */
static enot_status choose_side(enot_context *context, const enot_map *map, const enot_samples *samples, coordinates_side side,
                               split *part, evaluate_side *out) {
    TRY(check_samples(context, map, samples));
    TRY(split_create(context, samples, side, map->origin.validation, map->origin.seed, part));
    *out = (evaluate_side){part, samples->fingerprint == map->origin.fingerprint[side] ? SPLIT_REPORT : SPLIT_EVALUATE};
    return ENOT_OK;
}

static int unseen(const evaluate_side *side) { return side->purpose == SPLIT_EVALUATE || side->split->held_out; }

enot_status enot_evaluate(enot_context *context, const enot_map *map, const enot_samples *source, const enot_samples *target,
                          const enot_evaluate_options *options, enot_report *report) {
    enot_evaluate_options o = ENOT_EVALUATE_OPTIONS_INIT;
    if (options) memcpy(&o, options, options->size < sizeof o ? options->size : sizeof o);
    if (o.rows != ENOT_AUTO && o.rows < 2)
        return context_fail(context, ENOT_ERR_ARGUMENT, "rows is %lld: an evaluation needs at least 2", (long long)o.rows);
    double start = clock_seconds();
    split parts[2] = {0};
    evaluate_side sides[2];
    enot_report made = ENOT_REPORT_INIT;
    enot_status status = choose_side(context, map, source, COORDINATES_SOURCE, &parts[0], &sides[0]);
    if (!status) status = choose_side(context, map, target, COORDINATES_TARGET, &parts[1], &sides[1]);
    if (!status)
        status = evaluate_map(context, map, sides[0], sides[1], o.rows == ENOT_AUTO ? evaluate_rows(map) : o.rows, o.seed, &made);
    if (!status) {
        made.steps = map->origin.steps;
        made.smoothing = map->origin.smoothing;
        made.held_out = unseen(&sides[0]) && unseen(&sides[1]);
        made.seconds = clock_seconds() - start;
        *report = made;
    }
    split_destroy(&parts[0]);
    split_destroy(&parts[1]);
    return status;
}
