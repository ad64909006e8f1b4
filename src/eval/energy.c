#include "eval/energy.h"

#include <math.h>

#include "core/memory.h"
#include "eval/distances.h"

struct energy_target {
    double *shift; /* [dim] */
    double scale;
    point_set points;
    double *within; /* [m] sum of the distances from each point to the others */
    double mean;    /* of the distance between two different points */
};

static double sum_of(const double *values, int64_t count) {
    double total = 0;
    for (int64_t i = 0; i < count; i++) total += values[i];
    return total;
}

static double pair_mean(const double *sums, int64_t count) {
    return sum_of(sums, count) / ((double)count * (double)(count - 1));
}

static double cross_mean(const double *sums, int64_t n, int64_t m) { return sum_of(sums, n) / ((double)n * (double)m); }

static enot_status check_rows(enot_context *context, int64_t count) {
    if (count >= 2) return ENOT_OK;
    return context_fail(context, ENOT_ERR_DATA,
                        "an energy distance needs two rows of each side, there are %lld: give more rows",
                        (long long)count);
}

static enot_status fill_target(enot_context *context, const double *y, int64_t m, int64_t dim, energy_target *target) {
    TRY(MEMORY_NEW(context, dim, "a target's mean", &target->shift));
    TRY(MEMORY_NEW(context, m, "a target's distances", &target->within));
    points_locate(y, m, dim, target->shift, &target->scale);
    TRY(point_set_create(context, y, m, dim, target->shift, target->scale, &target->points));
    TRY(distances_sums(context, &target->points, &target->points, target->within, NULL));
    target->mean = pair_mean(target->within, m);
    return ENOT_OK;
}

enot_status energy_target_create(enot_context *context, const double *y, int64_t m, int64_t dim,
                                 energy_target **target) {
    energy_target *created;
    TRY(check_rows(context, m));
    TRY(MEMORY_NEW(context, 1, "an energy distance", &created));
    enot_status status = fill_target(context, y, m, dim, created);
    if (status == ENOT_OK)
        *target = created;
    else
        energy_target_destroy(created);
    return status;
}

void energy_target_destroy(energy_target *target) {
    if (!target) return;
    memory_destroy(target->shift);
    memory_destroy(target->within);
    point_set_destroy(&target->points);
    memory_destroy(target);
}

/* shares[i] = 2 (mean distance of row i to the others - to its own kind). */
static void project(const double *cross, int64_t others, const double *within, int64_t count, double scale,
                    double *shares) {
    for (int64_t i = 0; i < count; i++)
        shares[i] = 2 * scale * (cross[i] / (double)others - within[i] / (double)(count - 1));
}

/* Variance of the mean of a - b. */
static double mean_variance(const double *a, const double *b, int64_t count) {
    double mean = 0, square = 0;
    for (int64_t i = 0; i < count; i++) mean += (a[i] - (b ? b[i] : 0)) / (double)count;
    for (int64_t i = 0; i < count; i++) square += pow(a[i] - (b ? b[i] : 0) - mean, 2);
    return square / ((double)count * (double)(count - 1));
}

double energy_error(const double *a, const double *b, int64_t n, int64_t m) {
    return sqrt(mean_variance(a, b, n) + mean_variance(a + n, b ? b + n : NULL, m));
}

enot_status energy_target_distance(enot_context *context, const energy_target *target, const double *x, int64_t n,
                                   double *distance, double *shares) {
    int64_t m = target->points.count;
    point_set points = {0};
    double *sums = NULL;
    enot_status status = check_rows(context, n);
    if (status == ENOT_OK)
        status = point_set_create(context, x, n, target->points.dim, target->shift, target->scale, &points);
    if (status == ENOT_OK) status = MEMORY_NEW(context, 2 * n + m, "sums of distances", &sums);
    if (status != ENOT_OK) goto done;

    double *cross = sums, *within = sums + n, *back = within + n;
    if ((status = distances_sums(context, &points, &target->points, cross, shares ? back : NULL)) != ENOT_OK) goto done;
    if ((status = distances_sums(context, &points, &points, within, NULL)) != ENOT_OK) goto done;
    *distance = target->scale * (2 * cross_mean(cross, n, m) - pair_mean(within, n) - target->mean);
    if (shares) {
        project(cross, m, within, n, target->scale, shares);
        project(back, n, target->within, m, target->scale, shares + n);
    }
done:
    memory_destroy(sums);
    point_set_destroy(&points);
    return status;
}

enot_status energy_distance(enot_context *context, const double *x, int64_t n, const double *y, int64_t m, int64_t dim,
                            double *distance, double *error) {
    energy_target *target;
    double *shares = NULL, found;
    TRY(energy_target_create(context, y, m, dim, &target));
    enot_status status = error ? MEMORY_NEW(context, n + m, "shares of distances", &shares) : ENOT_OK;
    if (!status) status = energy_target_distance(context, target, x, n, &found, shares);
    if (!status && distance) *distance = found;
    if (!status && error) *error = energy_error(shares, NULL, n, m);
    memory_destroy(shares);
    energy_target_destroy(target);
    return status;
}
