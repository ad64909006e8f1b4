/* Points of the unit sphere. */
#include <math.h>

#include "measures/kind.h"

static void normalise(int64_t dim, double *point) {
    double square = 0;
    for (int64_t i = 0; i < dim; i++) square += point[i] * point[i];
    if (square == 0) point[0] = square = 1;
    for (int64_t i = 0; i < dim; i++) point[i] /= sqrt(square);
}

/* Normals around centres that are uniform on the sphere, drawn back to it; layout picks the centres, whatever the seed of the rows. */
static void draw_sphere_mixture(const double *values, int64_t dim, random_row *row, const real *normals, double *point) {
    uint64_t component = (uint64_t)random_below(row, (int64_t)values[1]);
    random_row centre = random_row_start((uint64_t)values[3], RANDOM_STREAM_INIT, component);
    for (int64_t i = 0; i < dim; i++) point[i] = random_normal(&centre);
    normalise(dim, point);
    for (int64_t i = 0; i < dim; i++) point[i] += values[2] * (double)normals[i];
    normalise(dim, point);
}

const measure_kind measure_sphere_mixture = {
    .name = "sphere_mixture",
    .meaning = "caps of angular width std on the unit sphere; layout picks their centres",
    .draw = draw_sphere_mixture,
    .parameters = {{"dim", 3, 2, MEASURE_DIM_MAX, 1}, {"components", 3, 1, 1e6, 1}, {"std", .3, 0, 1e9, 0}, {"layout", 0, 0, 1e9, 1}},
};

static void draw_sphere(const double *values, int64_t dim, random_row *row, const real *normals, double *point) {
    for (int64_t i = 0; i < dim; i++) point[i] = (double)normals[i];
    normalise(dim, point);
}

const measure_kind measure_sphere = {
    .name = "sphere",
    .meaning = "uniform on the unit sphere",
    .draw = draw_sphere,
    .parameters = {{"dim", 3, 2, MEASURE_DIM_MAX, 1}},
};
