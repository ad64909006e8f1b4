/*
 * Noisy curves in the plane. moons and s_curve are those of scikit-learn, placed by default as in OTT-JAX's tutorial on
 * ENOT, which draws from one moon.
 */
#include <math.h>

#include "measures/kind.h"

static void add_noise(double std, int64_t dim, const real *normals, double *point) {
    for (int64_t i = 0; i < dim; i++) point[i] += std * (double)normals[i];
}

/* placement: noise, scale, rotation in degrees, x, y: noise is added before the curve is turned, scaled and moved. */
static void place(const double *placement, const real *normals, double *point) {
    add_noise(placement[0], 2, normals, point);
    double angle = placement[2] * M_PI / 180, u = point[0], v = point[1];
    point[0] = placement[3] + placement[1] * (cos(angle) * u - sin(angle) * v);
    point[1] = placement[4] + placement[1] * (sin(angle) * u + cos(angle) * v);
}

#define NOISE(initial) {"noise", initial, 0, 1e9, 0}
#define SCALE(initial) {"scale", initial, 0, 1e9, 0}
#define PLACEMENT(scale, rotation, x, y) \
    NOISE(.05), SCALE(scale), {"rotation", rotation, -360, 360, 0}, {"x", x, -1e9, 1e9, 0}, {"y", y, -1e9, 1e9, 0}

static void draw_moons(const double *values, int64_t dim, random_row *row, const real *normals, double *point) {
    (void)dim;
    double angle = M_PI * random_uniform(row);
    int second = values[5] > 0 && random_below(row, 2) == 1;
    point[0] = second ? 1 - cos(angle) : cos(angle);
    point[1] = second ? .5 - sin(angle) : sin(angle);
    place(values, normals, point);
}

const measure_kind measure_moons = {
    .name = "moons",
    .meaning = "a half circle; both=1 adds the interleaved second one",
    .dim = 2,
    .draw = draw_moons,
    .parameters = {PLACEMENT(1, 30, 0, -.5), {"both", 0, 0, 1, 1}},
};

static void draw_s_curve(const double *values, int64_t dim, random_row *row, const real *normals, double *point) {
    (void)dim;
    double t = 3 * M_PI * (random_uniform(row) - .5);
    point[0] = t < 0 ? 1 - cos(t) : cos(t) - 1;
    point[1] = sin(t);
    place(values, normals, point);
}

const measure_kind measure_s_curve = {
    .name = "s_curve",
    .meaning = "the letter S",
    .dim = 2,
    .draw = draw_s_curve,
    .parameters = {PLACEMENT(.6, -30, .5, -2)},
};

static void draw_swiss_roll(const double *values, int64_t dim, random_row *row, const real *normals, double *point) {
    double t = 1.5 * M_PI * (1 + 2 * random_uniform(row));
    if (dim == 3) point[1] = 21 * random_uniform(row);
    point[0] = t * cos(t);
    point[dim - 1] = t * sin(t);
    add_noise(values[1], dim, normals, point);
    for (int64_t i = 0; i < dim; i++) point[i] *= values[2];
}

const measure_kind measure_swiss_roll = {
    .name = "swiss_roll",
    .meaning = "a rolled-up line, with dim=3 a rolled-up sheet",
    .draw = draw_swiss_roll,
    .parameters = {{"dim", 2, 2, 3, 1}, NOISE(1), SCALE(.2)},
};

static void draw_spirals(const double *values, int64_t dim, random_row *row, const real *normals, double *point) {
    double way = sqrt(random_uniform(row)), arm = (double)random_below(row, (int64_t)values[2]) / values[2];
    double angle = 2 * M_PI * (values[3] * way + arm);
    point[0] = values[1] * way * cos(angle);
    point[1] = values[1] * way * sin(angle);
    add_noise(values[0], dim, normals, point);
}

const measure_kind measure_spirals = {
    .name = "spirals",
    .meaning = "arms that wind out to radius scale",
    .dim = 2,
    .draw = draw_spirals,
    .parameters = {NOISE(.1), SCALE(3), {"arms", 2, 1, 100, 1}, {"turns", 1.5, 0, 100, 0}},
};

static void draw_on_circle(double radius, random_row *row, double *point) {
    double angle = 2 * M_PI * random_uniform(row);
    point[0] = radius * cos(angle);
    point[1] = radius * sin(angle);
}

static void draw_circles(const double *values, int64_t dim, random_row *row, const real *normals, double *point) {
    double radius = random_below(row, 2) ? values[1] : values[1] * values[2];
    draw_on_circle(radius, row, point);
    add_noise(values[0], dim, normals, point);
}

const measure_kind measure_circles = {
    .name = "circles",
    .meaning = "two circles, of radius scale and factor times that",
    .dim = 2,
    .draw = draw_circles,
    .parameters = {NOISE(.05), SCALE(1), {"factor", .5, 0, 1, 0}},
};

static void draw_rings(const double *values, int64_t dim, random_row *row, const real *normals, double *point) {
    double which = 1 + (double)random_below(row, (int64_t)values[2]);
    draw_on_circle(values[1] * which / values[2], row, point);
    add_noise(values[0], dim, normals, point);
}

const measure_kind measure_rings = {
    .name = "rings",
    .meaning = "count circles of equally spaced radii up to scale",
    .dim = 2,
    .draw = draw_rings,
    .parameters = {NOISE(.08), SCALE(3), {"count", 4, 1, 1000, 1}},
};
