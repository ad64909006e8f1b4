#include <math.h>

#include "cost/cost.h"
#include "cost/direction.h"

/* The sphere of radius 1 in the user's units. */

/* Rows of float files are that exact. */
#define TOLERANCE 1e-5

static enot_status check(enot_context *context, const cost *c, const double *point, int64_t row, const char *name) {
    double square = 0;
    for (int64_t j = 0; j < c->dim; j++) square += point[j] * point[j];
    if (fabs(sqrt(square) - 1) <= TOLERANCE) return ENOT_OK;
    return context_fail(context, ENOT_ERR_DATA,
                        "%s: row %lld has length %g, but cost %s is between points of the unit sphere: divide each row by its "
                        "length, or use cost cosine",
                        name, (long long)row + 1, sqrt(square), c->kind->name);
}

static void project(const cost *c, int64_t rows, real *points) {
    for (int64_t i = 0; i < rows; i++, points += c->dim) {
        real factor = (real)(1 / c->unit) / direction_length(c->dim, points);
        for (int64_t j = 0; j < c->dim; j++) points[j] *= factor;
    }
}

/* (v - <v, u> u) radius / |point|, u the direction */
static void project_product(const cost *c, int64_t rows, const real *points, real *v) {
    for (int64_t i = 0; i < rows; i++, points += c->dim, v += c->dim) {
        real length = direction_length(c->dim, points), radius = (real)(1 / c->unit);
        real along = direction_product(c->dim, points, v) / (length * length);
        for (int64_t j = 0; j < c->dim; j++) v[j] = (v[j] - along * points[j]) * (radius / length);
    }
}

const manifold manifold_sphere = {.check = check, .project = project, .project_product = project_product};
