/* Uniform measures. */
#include <math.h>

#include "measures/kind.h"

static void draw_box(const double *values, int64_t dim, random_row *row, const real *normals, double *point) {
    for (int64_t i = 0; i < dim; i++) point[i] = values[1] + (values[2] - values[1]) * random_uniform(row);
}

const measure_kind measure_box = {
    .name = "box",
    .meaning = "uniform between low and high in every column",
    .draw = draw_box,
    .parameters = {{"dim", 2, 1, MEASURE_DIM_MAX, 1}, {"low", 0, -1e9, 1e9, 0}, {"high", 1, -1e9, 1e9, 0}},
};

static void draw_ball(const double *values, int64_t dim, random_row *row, const real *normals, double *point) {
    double square = 0;
    for (int64_t i = 0; i < dim; i++) {
        point[i] = (double)normals[i];
        square += point[i] * point[i];
    }
    double radius = values[1] * pow(random_uniform(row), 1 / (double)dim);
    double factor = square > 0 ? radius / sqrt(square) : 0;
    for (int64_t i = 0; i < dim; i++) point[i] = values[2] + factor * point[i];
}

const measure_kind measure_ball = {
    .name = "ball",
    .meaning = "uniform in the ball around (center, ..., center)",
    .draw = draw_ball,
    .parameters = {{"dim", 2, 1, MEASURE_DIM_MAX, 1}, {"radius", 1, 0, 1e9, 0}, {"center", 0, -1e9, 1e9, 0}},
};

static void draw_checkerboard(const double *values, int64_t dim, random_row *row, const real *normals, double *point) {
    int64_t cells = (int64_t)values[0], square = 2 * random_below(row, (cells * cells + 1) / 2);
    int64_t across = square / cells, up = square % cells;
    if (cells % 2 == 0) up += across % 2;
    (void)dim;
    double width = 2 * values[1] / values[0];
    point[0] = -values[1] + width * ((double)across + random_uniform(row));
    point[1] = -values[1] + width * ((double)up + random_uniform(row));
}

const measure_kind measure_checkerboard = {
    .name = "checkerboard",
    .meaning = "uniform on every other square of a board that spans [-scale, scale]^2",
    .dim = 2,
    .draw = draw_checkerboard,
    .parameters = {{"cells", 4, 2, 1000, 1}, {"scale", 4, 0, 1e9, 0}},
};
