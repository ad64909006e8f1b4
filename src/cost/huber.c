#include <tgmath.h>

#include "cost/cost.h"

/* h(z) = sum of z_j^2 / 2 where |z_j| <= delta, else delta (|z_j| - delta / 2) (Huber 1964): convex, not strictly. */
enum { DELTA };

static void value(const cost *c, int64_t rows, const real *x, const real *y, real *out) {
    real delta = (real)c->parameters[DELTA];
    for (int64_t i = 0; i < rows; i++, x += c->dim, y += c->dim) {
        real sum = 0;
        for (int64_t j = 0; j < c->dim; j++) {
            real size = fabs(x[j] - y[j]), near = size < delta ? size : delta;
            sum += near * (size - near / 2);
        }
        out[i] = sum;
    }
}

static void gradient(const cost *c, int64_t rows, const real *x, const real *y, real *out) {
    real delta = (real)c->parameters[DELTA];
    for (int64_t i = 0; i < rows * c->dim; i++) {
        real z = y[i] - x[i];
        out[i] = z > delta ? delta : z < -delta ? -delta : z;
    }
}

/* huber_delta(s z) = s^2 huber_(delta/s)(z) */
static void rescale(double *parameters, double unit) { parameters[DELTA] /= unit; }

static double degree(const cost *c) { return 2; }

const cost_kind cost_huber = {
    .name = "huber",
    .formula = "sum of z^2/2, from |z| = delta on delta (|z| - delta/2), z = x - y",
    .parameters = {{"delta", 1, 0, 1e300, 0}},
    .translation_invariant = 1,
    .rescale = rescale,
    .degenerate = 1,
    .degree = degree,
    .value = value,
    .gradient = gradient,
};
