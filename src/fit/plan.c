#include "fit/plan.h"

#include <math.h>
#include <stdlib.h>

#include "core/least.h"
#include "core/memory.h"
#include "fit/record.h"
#include "space/metric.h"

/* Rows of both sides, in the user's units. */
typedef struct rows {
    row_list of[2];
    double *copy[2]; /* NULL: they are where the samples have them */
} rows;

static enot_status copy_rows(enot_context *context, const plan *p, int side, split_purpose purpose, int64_t most, rows *r) {
    int64_t count;
    TRY(split_read(context, &p->splits[side], purpose, most, &r->copy[side], &count));
    cost_settle(&p->settings.cost, count, r->copy[side]);
    r->of[side] = row_list_of(r->copy[side], count, p->samples[side]->dim);
    return ENOT_OK;
}

/* What the moments come from. Of a measure, of images, and where the cost settles them these are copies. */
static enot_status list_rows(enot_context *context, const plan *p, int side, int64_t most, rows *r) {
    if (!p->samples[side]->rows || cost_settles(&p->settings.cost)) return copy_rows(context, p, side, SPLIT_MOMENTS, most, r);
    r->of[side] = split_list(&p->splits[side], SPLIT_MOMENTS, most);
    return ENOT_OK;
}

static void rows_destroy(rows *r) {
    memory_destroy(r->copy[0]);
    memory_destroy(r->copy[1]);
}

/*
 * Networks see coordinates divided by their spread, and noise is added in proportion to it. Coordinates that hardly vary would
 * be blown up to the size of the others, and so would the outliers in them: they count as if they varied this much more.
 */
#define SPREAD_FLOOR 0.3

static void soften_spread(coordinates *c) {
    for (int64_t j = 0; j < c->dim; j++) c->spread[j] = hypot(c->spread[j], SPREAD_FLOOR);
}

static enot_status create_coordinates(enot_context *context, const rows *r, plan *p) {
    if (settings_for_images(&p->settings)) return coordinates_images(context, p->settings.images.shape, &p->coordinates);
    const cost_kind *kind = p->settings.cost.kind;
    double *metric;
    if (kind != &cost_sqeuclidean && p->settings.form != ENOT_FORM_DOT_PRODUCT)
        return coordinates_common(context, r->of[0], r->of[1], p->settings.scale, kind->translation_invariant, &p->coordinates);
    TRY(cost_create_metric(context, &p->settings.cost, &metric));
    TRY(coordinates_gaussian(context, r->of[0], r->of[1], p->settings.scale, metric, &p->coordinates));
    if (p->coordinates->gaussian) soften_spread(p->coordinates);
    return ENOT_OK;
}

/* How the running dual estimates become costs in column units. The rows of a table's moments are those it feeds, in their order. */
static enot_status relate_duals(enot_context *context, const rows *r, plan *p) {
    int dot = p->settings.form == ENOT_FORM_DOT_PRODUCT;
    p->duals = (duals){.factor = p->cost_factor};
    if (!dot && !p->coordinates->gaussian) return ENOT_OK;
    return duals_relate(context, p->coordinates, dot, r->of, (const real *const[2]){p->feeds[0].rows, p->feeds[1].rows}, &p->duals);
}

/* All rows of tables, and those of a measure that are at hand. */
static enot_status check_rows(enot_context *context, const rows *r, const plan *p) {
    const cost *c = &p->settings.cost;
    const manifold *m = c->kind->manifold;
    for (int side = 0; m && m->check && side < 2; side++) {
        const enot_samples *samples = p->samples[side];
        const double *rows = samples->measure ? r->of[side].table : samples->rows;
        int64_t count = samples->measure ? r->of[side].count : samples->count;
        for (int64_t i = 0; i < count; i++) TRY(m->check(context, c, rows + i * c->dim, i, samples->name));
    }
    return ENOT_OK;
}

#define COST_PAIRS 1024

/* values[count]: inner costs of the pairs; square: the sum of their squared distances. */
static enot_status use_sizes(enot_context *context, int64_t count, const real *values, double square, plan *p) {
    double sum = 0;
    for (int64_t i = 0; i < count; i++) sum += fabs((double)values[i]);
    if (!isfinite(sum))
        return context_fail(context, ENOT_ERR_NONFINITE, "the cost %s is not finite for one of the first %lld pairs of rows",
                            p->settings.cost.kind->name, (long long)count);
    if (sum == 0 || square == 0) return ENOT_OK;
    p->settings.ridge_unit = sum / square;
    if (p->settings.cost.kind != &cost_callback) return ENOT_OK;
    p->settings.cost.parameters[0] = sum / (double)count;
    p->settings.ridge_unit = (double)count / square;
    p->inner = cost_rescaled(&p->settings.cost, p->coordinates->unit, &p->cost_factor);
    return ENOT_OK;
}

/* What rows of both sides that come together by chance are apart: sizes for a callback's values, and for the ridge. */
static enot_status measure_cost(enot_context *context, const rows *r, plan *p) {
    cost *c = &p->settings.cost;
    int64_t count = least(COST_PAIRS, least(r->of[0].count, r->of[1].count)), numbers = count * c->dim;
    double *wide;
    real *inner, values[COST_PAIRS];
    TRY(MEMORY_NEW(context, 3 * numbers, "a fit", &wide));
    enot_status status = MEMORY_NEW(context, 2 * numbers, "a fit", &inner);
    if (!status) {
        double *points = wide + 2 * numbers;
        for (int side = 0; side < 2; side++) {
            row_list_copy(&r->of[side], 0, count, points);
            coordinates_enter(p->coordinates, (coordinates_side)side, points, count, wide + side * numbers);
        }
        for (int64_t i = 0; i < 2 * numbers; i++) inner[i] = (real)wide[i];
        p->inner.kind->value(&p->inner, count, inner, inner + numbers, values);
        status = use_sizes(context, count, values, metric_square(NULL, numbers, wide, wide + numbers), p);
    }
    memory_destroy(wide);
    memory_destroy(inner);
    return status;
}

static enot_status create_feeds(enot_context *context, plan *p) {
    const settings *s = &p->settings;
    for (int side = 0; side < 2; side++) {
        TRY(feed_create(context, &p->splits[side], p->coordinates, s->seed, &p->feeds[side]));
        p->feeds[side].flip = s->flip;
    }
    return ENOT_OK;
}

/* The coordinates, and what follows from them and the rows they come from. */
static enot_status create_space(enot_context *context, plan *p) {
    rows r = {0};
    int64_t most = settings_for_images(&p->settings) ? COST_PAIRS : INT64_MAX; /* images have no moments here */
    enot_status status = list_rows(context, p, 0, most, &r);
    if (!status) status = list_rows(context, p, 1, most, &r);
    if (!status) status = check_rows(context, &r, p);
    if (!status) status = create_coordinates(context, &r, p);
    if (!status) p->inner = cost_rescaled(&p->settings.cost, p->coordinates->unit, &p->cost_factor);
    if (!status) status = measure_cost(context, &r, p);
    if (!status) status = create_feeds(context, p);
    if (!status) status = relate_duals(context, &r, p);
    rows_destroy(&r);
    return status;
}

/* The noise floor of the report compares two halves of the target, each of at least two rows. */
#define LEAST_ROWS 4

static enot_status check_count(enot_context *context, const enot_samples *samples) {
    if (samples->measure || samples->count >= LEAST_ROWS) return ENOT_OK;
    return context_fail(context, ENOT_ERR_DATA, "%s has %lld rows: a fit needs at least %d of each side", samples->name,
                        (long long)samples->count, LEAST_ROWS);
}

static enot_status create_parts(enot_context *context, const enot_fit_options *options, plan *p) {
    const enot_samples *source = p->samples[0], *target = p->samples[1];
    TRY(check_count(context, source));
    TRY(check_count(context, target));
    settings_facts facts = {source->dim, source->count, target->count, source->image};
    TRY(settings_resolve(context, options, &facts, &p->settings));
    const settings *s = &p->settings;
    TRY(split_create(context, source, COORDINATES_SOURCE, s->validation, s->seed, &p->splits[0]));
    TRY(split_create(context, target, COORDINATES_TARGET, s->validation, s->seed, &p->splits[1]));
    TRY(create_space(context, p));
    return record_settings(context, s, &p->record);
}

static enot_status check_images(enot_context *context, const enot_samples *source, const enot_samples *target) {
    image_shape a = source->image, b = target->image;
    if (image_shape_is_set(a) != image_shape_is_set(b))
        return context_fail(context, ENOT_ERR_DATA, "one side has images, the other a table: read both as images");
    if (image_shape_equals(a, b)) return ENOT_OK;
    return context_fail(context, ENOT_ERR_DATA,
                        "the source has images of %lld x %lld pixels with %lld channels, the target of %lld x %lld with %lld: bring them to one "
                        "size and kind",
                        (long long)a.height, (long long)a.width, (long long)a.channels, (long long)b.height, (long long)b.width,
                        (long long)b.channels);
}

enot_status plan_create(enot_context *context, const enot_samples *source, const enot_samples *target,
                        const enot_fit_options *options, plan **out) {
    plan *p;
    TRY(check_images(context, source, target));
    if (source->dim != target->dim)
        return context_fail(context, ENOT_ERR_DATA,
                            "%s has %lld columns, but %s has %lld: a map needs the same ones on both sides, choose them with "
                            "--columns",
                            source->name, (long long)source->dim, target->name, (long long)target->dim);
    TRY(MEMORY_NEW(context, 1, "a fit", &p));
    p->samples[0] = source;
    p->samples[1] = target;
    enot_status status = create_parts(context, options, p);
    if (status) {
        plan_destroy(p);
        return status;
    }
    *out = p;
    return ENOT_OK;
}

/*
 * Whether maps are chosen by the semi-dual too: on rows set aside, for it grows when a potential remembers rows. For other costs a minimum near
 * T(x) may not be the least one; measures that never run out tell maps apart by mismatch.
 */
static int by_semidual(const plan *p) {
    const settings *s = &p->settings;
    int endless = p->samples[0]->measure && p->samples[1]->measure, held_out = p->splits[0].held_out && p->splits[1].held_out;
    return held_out && !endless && !settings_for_images(s) && s->method == ENOT_METHOD_ENOT && s->form != ENOT_FORM_VECTOR_FIELD &&
           cost_is_quadratic(s->cost.kind);
}

#define CHOOSE_ROWS 4096
#define CHOOSE_IMAGES 512

enot_status plan_create_judges(enot_context *context, plan *p) {
    rows r = {0};
    int64_t most = settings_for_images(&p->settings) ? CHOOSE_IMAGES : CHOOSE_ROWS;
    enot_status status = copy_rows(context, p, 0, SPLIT_CHOOSE, most, &r);
    if (!status) status = copy_rows(context, p, 1, SPLIT_CHOOSE, most, &r);
    for (int side = 0; side <= p->settings.reverse && !status; side++)
        status = judge_create(context, p->coordinates, r.copy[side], r.of[side].count, r.copy[1 - side], r.of[1 - side].count,
                              by_semidual(p), &p->judges[side]);
    rows_destroy(&r);
    return status;
}

enot_status plan_create_trainer(enot_context *context, const plan *p, int side, trainer **out) {
    return trainer_create(context, &p->settings, &p->inner, &p->feeds[side], &p->feeds[1 - side], p->judges[side], out);
}

void plan_destroy(plan *p) {
    if (!p) return;
    for (int side = 0; side < 2; side++) {
        feed_destroy(&p->feeds[side]);
        split_destroy(&p->splits[side]);
        judge_destroy(p->judges[side]);
    }
    coordinates_destroy(p->coordinates);
    free(p->record);
    cost_destroy(&p->settings.cost);
    memory_destroy(p);
}
