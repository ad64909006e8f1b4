/*
 * Gaussians and mixtures of Gaussians with equal weights. square_five, square_four and eight_gaussians have the centres
 * of Makkuva et al. 2020 and the scale and width of the samplers in OTT-JAX's tutorials.
 */
#include <math.h>

#include "measures/kind.h"

static void add_normals(double std, int64_t dim, const real *normals, double *point) {
    for (int64_t i = 0; i < dim; i++) point[i] += std * (double)normals[i];
}

static void draw_gaussian(const double *values, int64_t dim, random_row *row, const real *normals, double *point) {
    for (int64_t i = 0; i < dim; i++) point[i] = values[1];
    add_normals(values[2], dim, normals, point);
}

const measure_kind measure_gaussian = {
    .name = "gaussian",
    .meaning = "independent normal columns",
    .draw = draw_gaussian,
    .parameters = {{"dim", 2, 1, MEASURE_DIM_MAX, 1}, {"mean", 0, -1e9, 1e9, 0}, {"std", 1, 0, 1e9, 0}},
};

/* Centres are normal with standard deviation scale; layout picks them, whatever the seed of the rows. */
static void draw_mixture(const double *values, int64_t dim, random_row *row, const real *normals, double *point) {
    uint64_t component = (uint64_t)random_below(row, (int64_t)values[1]);
    random_row centre = random_row_start((uint64_t)values[4], RANDOM_STREAM_INIT, component);
    for (int64_t i = 0; i < dim; i++) point[i] = values[2] * random_normal(&centre);
    add_normals(values[3], dim, normals, point);
}

const measure_kind measure_gaussian_mixture = {
    .name = "gaussian_mixture",
    .meaning = "Gaussians around centres drawn from a normal of standard deviation scale; layout picks the centres",
    .draw = draw_mixture,
    .parameters = {{"dim", 2, 1, MEASURE_DIM_MAX, 1},
                   {"components", 3, 1, 1e6, 1},
                   {"scale", 5, 0, 1e9, 0},
                   {"std", .5, 0, 1e9, 0},
                   {"layout", 0, 0, 1e9, 1}},
};

#define CENTRE_PARAMETERS {{"scale", 5, 0, 1e9, 0}, {"std", .25, 0, 1e9, 0}}

static void draw_around(const double centres[][2], int64_t count, const double *values, random_row *row,
                        const real *normals, double *point) {
    const double *centre = centres[random_below(row, count)];
    for (int i = 0; i < 2; i++) point[i] = values[0] * centre[i];
    add_normals(values[1], 2, normals, point);
}

static void draw_eight_gaussians(const double *values, int64_t dim, random_row *row, const real *normals, double *point) {
    const double c = M_SQRT1_2;
    const double centres[8][2] = {{1, 0}, {-1, 0}, {0, 1}, {0, -1}, {c, c}, {c, -c}, {-c, c}, {-c, -c}};
    (void)dim;
    draw_around(centres, 8, values, row, normals, point);
}

static void draw_square_five(const double *values, int64_t dim, random_row *row, const real *normals, double *point) {
    static const double centres[5][2] = {{0, 0}, {1, 1}, {-1, 1}, {-1, -1}, {1, -1}};
    (void)dim;
    draw_around(centres, 5, values, row, normals, point);
}

static void draw_square_four(const double *values, int64_t dim, random_row *row, const real *normals, double *point) {
    static const double centres[4][2] = {{1, 0}, {0, 1}, {-1, 0}, {0, -1}};
    (void)dim;
    draw_around(centres, 4, values, row, normals, point);
}

const measure_kind measure_eight_gaussians = {
    .name = "eight_gaussians",
    .meaning = "eight Gaussians on a circle of radius scale",
    .dim = 2,
    .draw = draw_eight_gaussians,
    .parameters = CENTRE_PARAMETERS,
};

const measure_kind measure_square_five = {
    .name = "square_five",
    .meaning = "Gaussians at the origin and at the corners (+-scale, +-scale)",
    .dim = 2,
    .draw = draw_square_five,
    .parameters = CENTRE_PARAMETERS,
};

const measure_kind measure_square_four = {
    .name = "square_four",
    .meaning = "Gaussians at (+-scale, 0) and (0, +-scale)",
    .dim = 2,
    .draw = draw_square_four,
    .parameters = CENTRE_PARAMETERS,
};
