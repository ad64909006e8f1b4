#include "cost/torus.h"

/* Columns of period p are angles: networks see p/2pi (cos, sin) of 2pi x/p, whose lengths are those along the circle. */

static void settle(const cost *c, int64_t rows, double *points) {
    for (int64_t i = 0; i < rows * c->dim; i++) {
        double period = (double)c->numbers[i % c->dim];
        if (period > 0) points[i] -= period * floor(points[i] / period);
    }
}

/* Into [0, period). */
static void project(const cost *c, int64_t rows, real *points) {
    for (int64_t i = 0; i < rows * c->dim; i++) {
        real period = torus_period(c, i % c->dim);
        if (period <= 0) continue;
        points[i] -= period * floor(points[i] / period);
        if (points[i] >= period) points[i] = 0; /* rounding */
    }
}

static void shorten(const cost *c, int64_t rows, real *z) {
    for (int64_t i = 0; i < rows * c->dim; i++) z[i] = torus_shortest(c, i % c->dim, z[i]);
}

static int64_t inputs(const cost *c, int64_t *columns) {
    int64_t count = 0;
    for (int64_t j = 0; j < c->dim; j++)
        for (int i = 0; i < (torus_period(c, j) > 0 ? 2 : 1); i++, count++)
            if (columns) columns[count] = j;
    return count;
}

static void embed(const cost *c, int64_t rows, const real *points, real *out) {
    for (int64_t i = 0; i < rows * c->dim; i++) {
        real period = torus_period(c, i % c->dim), radius = period / (real)(2 * M_PI);
        if (period <= 0) {
            *out++ = points[i];
            continue;
        }
        *out++ = radius * cos(points[i] / radius);
        *out++ = radius * sin(points[i] / radius);
    }
}

static void embed_product(const cost *c, int64_t rows, const real *points, const real *slope, real *out) {
    for (int64_t i = 0; i < rows * c->dim; i++) {
        real period = torus_period(c, i % c->dim), radius = period / (real)(2 * M_PI);
        if (period <= 0) {
            out[i] = *slope++;
            continue;
        }
        out[i] = cos(points[i] / radius) * slope[1] - sin(points[i] / radius) * slope[0];
        slope += 2;
    }
}

const manifold manifold_torus = {.settle = settle, .project = project, .shorten = shorten, .inputs = inputs, .embed = embed, .embed_product = embed_product};
