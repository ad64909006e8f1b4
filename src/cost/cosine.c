#include "cost/direction.h"

static void value(const cost *c, int64_t rows, const real *x, const real *y, real *out) {
    for (int64_t i = 0; i < rows; i++, x += c->dim, y += c->dim)
        out[i] = 1 - direction_product(c->dim, x, y) / (direction_length(c->dim, x) * direction_length(c->dim, y));
}

static void gradient(const cost *c, int64_t rows, const real *x, const real *y, real *out) {
    for (int64_t i = 0; i < rows; i++, x += c->dim, y += c->dim, out += c->dim) {
        real length_y = direction_length(c->dim, y), inverse = 1 / (direction_length(c->dim, x) * length_y);
        real along = direction_product(c->dim, x, y) * inverse / (length_y * length_y);
        for (int64_t j = 0; j < c->dim; j++) out[j] = along * y[j] - inverse * x[j];
    }
}

static double degree(const cost *c) { return 0; }

const cost_kind cost_cosine = {
    .name = "cosine",
    .formula = "1 - <x, y> / (|x| |y|)",
    .degree = degree,
    .value = value,
    .gradient = gradient,
};
