#include <tgmath.h>

#include "cost/cost.h"

/* Not translation invariant: T must be a vector field, and data are scaled but not centred. */

static const real SMALLEST_LENGTH = (real)1e-8;

static real length_of(int64_t dim, const real *x) {
    real sum = 0;
    for (int64_t j = 0; j < dim; j++) sum += x[j] * x[j];
    real length = sqrt(sum);
    return length > SMALLEST_LENGTH ? length : SMALLEST_LENGTH;
}

static real product(int64_t dim, const real *x, const real *y) {
    real sum = 0;
    for (int64_t j = 0; j < dim; j++) sum += x[j] * y[j];
    return sum;
}

static void value(const cost *c, int64_t rows, const real *x, const real *y, real *out) {
    for (int64_t i = 0; i < rows; i++, x += c->dim, y += c->dim)
        out[i] = 1 - product(c->dim, x, y) / (length_of(c->dim, x) * length_of(c->dim, y));
}

static void gradient(const cost *c, int64_t rows, const real *x, const real *y, real *out) {
    for (int64_t i = 0; i < rows; i++, x += c->dim, y += c->dim, out += c->dim) {
        real length_y = length_of(c->dim, y), inverse = 1 / (length_of(c->dim, x) * length_y);
        real along = product(c->dim, x, y) * inverse / (length_y * length_y);
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
