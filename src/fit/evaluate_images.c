#include "fit/evaluate_images.h"

#include "eval/frechet.h"

#define FLOOR_SPLITS 10

/* What two samples of one measure are apart falls as the mean of 1 / rows of both: from the halves' rows to those compared. */
static double at_rows(double of_halves, const image_scores *s) {
    double half = (double)(s->m / 2);
    return of_halves * half * (1 / (double)s->n + 1 / (double)s->m) / 2;
}

enot_status evaluate_images(enot_context *context, const image_scores *s, uint64_t seed, enot_report *report) {
    double of_halves;
    TRY(frechet_distance(context, s->dim, s->n, s->source, s->m, s->target, &report->frechet_before));
    TRY(frechet_distance(context, s->dim, s->n, s->moved, s->m, s->target, &report->frechet_after));
    TRY(frechet_floor(context, s->dim, s->m, s->target, s->m / 2, FLOOR_SPLITS, seed, &of_halves));
    report->frechet_floor = at_rows(of_halves, s);
    return ENOT_OK;
}
