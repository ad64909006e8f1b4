/* Coordinates from the moments of samples: coordinates_gaussian and coordinates_common. */
#include <math.h>
#include <string.h>

#include "core/least.h"
#include "core/memory.h"
#include "space/bures.h"
#include "space/coordinates.h"
#include "space/matrix.h"
#include "space/metric.h"
#include "space/moments.h"

#define LEAST_VARIANCE 1e-4 /* of a column, as a fraction of the other side's, or of the columns' average */

/* The samples of both sides and the moments of their columns. */
typedef struct sides {
    row_list rows[2];
    int64_t dim; /* of rows */
    double *sample_mean[2], *sample_variance[2]; /* [dim], in the user's units */
    double *mean[2], *variance[2];               /* [dim], in column units, small variances raised */
    double *numbers;                             /* owns the eight */
} sides;

static enot_status sides_start(enot_context *context, sides *s) {
    int64_t dim = s->dim;
    TRY(MEMORY_NEW(context, 8 * dim, "column moments", &s->numbers));
    for (int side = 0; side < 2; side++) {
        double *sample = s->numbers + 4 * side * dim, *own = sample + 2 * dim;
        s->sample_mean[side] = sample, s->sample_variance[side] = sample + dim;
        s->mean[side] = own, s->variance[side] = own + dim;
        moments_columns(context, &s->rows[side], sample, sample + dim);
        memcpy(own, sample, (size_t)(2 * dim) * sizeof *own);
        for (int64_t i = 0; i < dim; i++)
            if (!isfinite(s->sample_variance[side][i]))
                return context_fail(context, ENOT_ERR_DATA,
                                    "column %lld of the %s is too large or not finite: divide it by a power of ten",
                                    (long long)i + 1, side ? "target" : "source");
    }
    return ENOT_OK;
}

/* Chooses c->column and takes the moments over to column units. */
static void divide_columns(sides *s, enot_scale scale, coordinates *c) {
    if (scale != ENOT_SCALE_COLUMN) return;
    for (int64_t i = 0; i < s->dim; i++) {
        double shift = (s->mean[0][i] - s->mean[1][i]) / 2;
        double width = sqrt((s->variance[0][i] + s->variance[1][i]) / 2 + shift * shift);
        double size = fabs(s->mean[0][i]) + fabs(s->mean[1][i]);
        c->column[i] = width > 1e-13 * size ? width : 1;
        for (int side = 0; side < 2; side++) {
            s->mean[side][i] /= c->column[i];
            s->variance[side][i] /= c->column[i] * c->column[i];
        }
    }
}

/* Raises small variances, so that no side is stretched without bound and every column has a width. */
static void floor_variances(sides *s) {
    double average = 0;
    for (int64_t i = 0; i < s->dim; i++) average += (s->variance[0][i] + s->variance[1][i]) / (2 * (double)s->dim);
    if (!(average > 0)) average = 1 / LEAST_VARIANCE; /* all columns constant: variance 1 */
    for (int64_t i = 0; i < s->dim; i++) {
        double larger = fmax(s->variance[0][i], s->variance[1][i]);
        double least = LEAST_VARIANCE * (larger > 0 ? larger : average);
        for (int side = 0; side < 2; side++) s->variance[side][i] = fmax(s->variance[side][i], least);
    }
}

static double pooled_deviation(const sides *s, int64_t column) {
    return sqrt((s->variance[0][column] + s->variance[1][column]) / 2);
}

/* Replaces unit-1 forward matrices by ones whose coordinates have variance 1 on average. */
static void choose_unit(coordinates *c, const double *variance) {
    double total = 0;
    for (int64_t i = 0; i < c->dim; i++) total += variance[i];
    c->unit = sqrt(total / (double)c->dim);
    for (int64_t i = 0; i < c->dim; i++) {
        c->spread[i] = sqrt(variance[i]) / c->unit;
        for (int64_t j = 0; j < c->dim; j++) {
            int64_t at = i * c->dim + j, turned = j * c->dim + i;
            c->backward[0][turned] = c->forward[1][at] * c->unit;
            c->backward[1][turned] = c->forward[0][at] * c->unit;
        }
    }
    for (int side = 0; side < 2; side++)
        for (int64_t i = 0; i < c->dim * c->dim; i++) c->forward[side][i] /= c->unit;
}

static enot_status solve_gaussian(enot_context *context, const sides *s, coordinates *c) {
    int64_t dim = s->dim;
    double *numbers;
    TRY(MEMORY_NEW(context, 2 * dim * dim + 3 * dim, "correlations", &numbers));
    double *variance = numbers, *deviation = variance + dim, *correlation = deviation + 2 * dim;
    bures_side side[2];
    enot_status status = ENOT_OK;
    for (int k = 0; k < 2 && status == ENOT_OK; k++) {
        side[k] = (bures_side){deviation + k * dim, correlation + k * dim * dim};
        for (int64_t i = 0; i < dim; i++) deviation[k * dim + i] = sqrt(s->variance[k][i]);
        status = moments_correlation(context, &s->rows[k], s->sample_mean[k], s->sample_variance[k], correlation + k * dim * dim);
    }
    if (status == ENOT_OK) status = bures_coordinates(context, dim, side, c->forward, variance);
    if (status == ENOT_OK) choose_unit(c, variance);
    memory_destroy(numbers);
    return status;
}

/* What follows from the moments of rows whose metric is the identity. */
static enot_status fill_euclidean(enot_context *context, sides *s, enot_scale scale, coordinates *c) {
    floor_variances(s);
    c->gaussian = scale != ENOT_SCALE_NONE;
    if (c->gaussian) return solve_gaussian(context, s, c);
    for (int64_t i = 0; i < s->dim; i++) c->spread[i] = pooled_deviation(s, i);
    return ENOT_OK;
}

/* Coordinates of Rx~ become those of x~. */
static void compose(const double *root, const double *inverse, coordinates *c, double *scratch) {
    size_t size = (size_t)(c->dim * c->dim) * sizeof *scratch;
    for (int side = 0; side < 2; side++) {
        matrix_multiply(c->dim, c->forward[side], root, scratch);
        memcpy(c->forward[side], scratch, size);
        matrix_multiply(c->dim, inverse, c->backward[side], scratch);
        memcpy(c->backward[side], scratch, size);
    }
}

/* R for rows in the user's units. */
static void turn_columns(const coordinates *c, const double *root, double *turning) {
    for (int64_t i = 0; i < c->dim; i++)
        for (int64_t j = 0; j < c->dim; j++) turning[i * c->dim + j] = root[i * c->dim + j] / c->column[j];
}

/* Rows that are turned at a time. */
#define BLOCK 64

/* turned[count, dim]: R times each row, 0 before. scratch: [BLOCK, dim]. */
static void turn_rows(const row_list *rows, const double *turning, double *scratch, double *turned) {
    int64_t dim = rows->dim;
    for (int64_t first = 0; first < rows->count; first += BLOCK) {
        int64_t count = least(BLOCK, rows->count - first);
        row_list_copy(rows, first, count, scratch);
        matrix_add_products(turning, dim, 0, dim, count, scratch, dim, turned + first * dim);
    }
}

static enot_status fill_turned(enot_context *context, const sides *s, enot_scale scale, coordinates *c) {
    int64_t dim = s->dim, cells = dim * dim, n = s->rows[0].count, m = s->rows[1].count;
    double *matrices, *rows;
    TRY(MEMORY_NEW(context, 3 * cells + BLOCK * dim, "coordinates", &matrices));
    enot_status status = MEMORY_NEW(context, (n + m) * dim, "coordinates", &rows);
    if (!status) status = metric_root(context, c->metric, dim, matrices, matrices + cells);
    sides turned = {.rows = {row_list_of(rows, n, dim), row_list_of(rows + n * dim, m, dim)}, .dim = dim};
    if (!status) {
        turn_columns(c, matrices, matrices + 2 * cells);
        for (int side = 0; side < 2; side++) turn_rows(&s->rows[side], matrices + 2 * cells, matrices + 3 * cells, rows + side * n * dim);
        status = sides_start(context, &turned);
    }
    if (!status) status = fill_euclidean(context, &turned, scale, c);
    if (!status) compose(matrices, matrices + cells, c, matrices + 2 * cells);
    memory_destroy(turned.numbers);
    memory_destroy(matrices);
    memory_destroy(rows);
    return status;
}

static enot_status fill_gaussian(enot_context *context, sides *s, enot_scale scale, coordinates *c) {
    TRY(sides_start(context, s));
    divide_columns(s, scale, c);
    for (int side = 0; side < 2 && scale != ENOT_SCALE_NONE; side++)
        memcpy(c->mean[side], s->mean[side], (size_t)s->dim * sizeof(double));
    return c->metric ? fill_turned(context, s, scale, c) : fill_euclidean(context, s, scale, c);
}

/* Root mean square over columns and sides of the distance from c->mean. */
static double common_unit(const sides *s, const coordinates *c) {
    double total = 0;
    for (int side = 0; side < 2; side++) {
        double share = 1 - 1 / (double)s->rows[side].count;
        for (int64_t i = 0; i < s->dim; i++) {
            double shift = s->mean[side][i] - c->mean[side][i];
            total += (s->variance[side][i] * share + shift * shift) / (2 * (double)s->dim);
        }
    }
    return total > 0 ? sqrt(total) : 1;
}

static enot_status fill_common(enot_context *context, sides *s, enot_scale scale, int centre, coordinates *c) {
    TRY(sides_start(context, s));
    divide_columns(s, scale, c);
    if (scale != ENOT_SCALE_NONE) {
        for (int64_t i = 0; i < s->dim && centre; i++)
            c->mean[0][i] = c->mean[1][i] = s->mean[0][i] + (s->mean[1][i] - s->mean[0][i]) / 2;
        c->unit = common_unit(s, c);
    }
    floor_variances(s);
    for (int64_t i = 0; i < s->dim; i++) {
        c->spread[i] = pooled_deviation(s, i) / c->unit;
        for (int side = 0; side < 2; side++) {
            c->forward[side][i * s->dim + i] = 1 / c->unit;
            c->backward[side][i * s->dim + i] = c->unit;
        }
    }
    return ENOT_OK;
}

enot_status coordinates_gaussian(enot_context *context, row_list x, row_list y, enot_scale scale, double *metric,
                                 coordinates **out) {
    coordinates *c;
    enot_status status = coordinates_create(context, x.dim, &c);
    if (status) {
        memory_destroy(metric);
        return status;
    }
    c->metric = metric;
    sides s = {.rows = {x, y}, .dim = x.dim};
    status = fill_gaussian(context, &s, scale, c);
    memory_destroy(s.numbers);
    if (status == ENOT_OK)
        *out = c;
    else
        coordinates_destroy(c);
    return status;
}

enot_status coordinates_common(enot_context *context, row_list x, row_list y, enot_scale scale, int centre, coordinates **out) {
    coordinates *c;
    TRY(coordinates_create(context, x.dim, &c));
    sides s = {.rows = {x, y}, .dim = x.dim};
    enot_status status = fill_common(context, &s, scale, centre, c);
    memory_destroy(s.numbers);
    if (status == ENOT_OK)
        *out = c;
    else
        coordinates_destroy(c);
    return status;
}
