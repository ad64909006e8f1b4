#include "space/coordinates.h"

#include <math.h>
#include <string.h>

#include "core/clones.h"
#include "core/least.h"
#include "core/memory.h"
#include "space/matrix.h"
#include "space/metric.h"

/* Rows, and columns of them, that are centred at a time. */
#define ROWS 128
#define COLUMNS 64

void coordinates_destroy(coordinates *c) {
    if (!c) return;
    memory_destroy(c->column);
    memory_destroy(c->spread);
    memory_destroy(c->metric);
    for (int side = 0; side < 2; side++) {
        memory_destroy(c->mean[side]);
        memory_destroy(c->forward[side]);
        memory_destroy(c->backward[side]);
    }
    memory_destroy(c);
}

static enot_status allocate(enot_context *context, coordinates *c, int with_matrices) {
    int64_t cells;
    if (__builtin_mul_overflow(c->dim, c->dim, &cells)) return context_fail_memory(context, SIZE_MAX, "coordinates");
    TRY(MEMORY_NEW(context, c->dim, "coordinates", &c->column));
    TRY(MEMORY_NEW(context, c->dim, "coordinates", &c->spread));
    for (int side = 0; side < 2; side++) {
        TRY(MEMORY_NEW(context, c->dim, "coordinates", &c->mean[side]));
        if (!with_matrices) continue;
        TRY(MEMORY_NEW(context, cells, "coordinates", &c->forward[side]));
        TRY(MEMORY_NEW(context, cells, "coordinates", &c->backward[side]));
    }
    return ENOT_OK;
}

static enot_status create(enot_context *context, int64_t dim, int with_matrices, coordinates **out) {
    coordinates *c;
    TRY(MEMORY_NEW(context, 1, "coordinates", &c));
    c->dim = dim;
    c->unit = 1;
    enot_status status = allocate(context, c, with_matrices);
    if (status != ENOT_OK) {
        coordinates_destroy(c);
        return status;
    }
    for (int64_t i = 0; i < dim; i++) {
        c->column[i] = c->spread[i] = 1;
        for (int side = 0; side < 2 && with_matrices; side++) c->forward[side][i * dim + i] = c->backward[side][i * dim + i] = 1;
    }
    *out = c;
    return ENOT_OK;
}

enot_status coordinates_create(enot_context *context, int64_t dim, coordinates **out) { return create(context, dim, 1, out); }

enot_status coordinates_images(enot_context *context, image_shape shape, coordinates **out) {
    TRY(create(context, image_shape_size(shape), 0, out));
    (*out)->image = shape;
    return ENOT_OK;
}

static void copy(double *to, const double *from, int64_t count) {
    if (from) memcpy(to, from, (size_t)count * sizeof *to);
}

enot_status coordinates_copy(enot_context *context, const coordinates *c, coordinates **out) {
    int64_t dim = c->dim, cells = dim * dim;
    coordinates *made;
    TRY(c->forward[0] ? coordinates_create(context, dim, &made) : coordinates_images(context, c->image, &made));
    if (c->metric && MEMORY_NEW(context, cells, "coordinates", &made->metric)) {
        coordinates_destroy(made);
        return ENOT_ERR_MEMORY;
    }
    copy(made->column, c->column, dim);
    copy(made->spread, c->spread, dim);
    copy(made->metric, c->metric, cells);
    for (int side = 0; side < 2; side++) {
        copy(made->mean[side], c->mean[side], dim);
        copy(made->forward[side], c->forward[side], cells);
        copy(made->backward[side], c->backward[side], cells);
    }
    made->unit = c->unit;
    made->image = c->image;
    made->gaussian = c->gaussian;
    *out = made;
    return ENOT_OK;
}

/* centred[count, columns] = x~ - mean of the columns from number first on. */
CLONES static void centre(const coordinates *c, coordinates_side side, const double *points, int64_t count, int64_t first,
                          int64_t columns, double *restrict centred) {
    const double *column = c->column + first, *mean = c->mean[side] + first;
    for (int64_t k = 0; k < count; k++)
#pragma omp simd
        for (int64_t j = 0; j < columns; j++) centred[k * columns + j] = points[k * c->dim + first + j] / column[j] - mean[j];
}

void coordinates_enter(const coordinates *c, coordinates_side side, const double *points, int64_t count,
                       double *inner) {
    int64_t dim = c->dim;
    double parts[ROWS * COLUMNS];
    if (!c->forward[side]) {
        centre(c, side, points, count, 0, dim, inner);
        return;
    }
    memset(inner, 0, (size_t)(count * dim) * sizeof *inner);
    for (int64_t k = 0; k < count; k += ROWS)
        for (int64_t first = 0; first < dim; first += COLUMNS) {
            int64_t rows = least(count - k, ROWS), columns = least(dim - first, COLUMNS);
            centre(c, side, points + k * dim, rows, first, columns, parts);
            matrix_add_products(c->forward[side], dim, first, columns, rows, parts, columns, inner + k * dim);
        }
}

void coordinates_leave(const coordinates *c, coordinates_side side, const double *inner, int64_t count,
                       double *points) {
    int64_t dim = c->dim;
    for (int64_t k = 0; k < count; k++) memcpy(points + k * dim, c->mean[side], (size_t)dim * sizeof *points);
    if (c->backward[side])
        matrix_add_products(c->backward[side], dim, 0, dim, count, inner, dim, points);
    else
        for (int64_t i = 0; i < count * dim; i++) points[i] += inner[i];
    for (int64_t k = 0; k < count; k++)
        for (int64_t i = 0; i < dim; i++) points[k * dim + i] *= c->column[i];
}

/* |point / column - centre|^2 */
CLONES static double square_apart(int64_t dim, const double *point, const double *column, const double *centre) {
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int64_t j = 0; j < dim; j++) {
        double apart = point[j] / column[j] - centre[j];
        sum += apart * apart;
    }
    return sum;
}

double coordinates_square(const coordinates *c, const double *point, const double *centre, double *column) {
    if (!c->metric) return square_apart(c->dim, point, c->column, centre);
    for (int64_t j = 0; j < c->dim; j++) column[j] = point[j] / c->column[j];
    return metric_square(c->metric, c->dim, column, centre);
}

CLONES static void settle(int64_t count, double *values) {
    for (int64_t i = 0; i < count; i++) values[i] = rint(values[i] * 16384) / 16384;
}

void coordinates_enter_settled(const coordinates *c, coordinates_side side, const double *points, int64_t count, double *wide, real *inner) {
    coordinates_enter(c, side, points, count, wide);
    settle(count * c->dim, wide);
    for (int64_t i = 0; i < count * c->dim; i++) inner[i] = (real)wide[i];
}
