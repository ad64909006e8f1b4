#include <tgmath.h>

#include "core/clones.h"
#include "cost/square.h"

/* |x - y|^s, s < 1: two short ways cost more than one long way, so mass that both measures share stays (Gangbo and McCann 1996). */
enum { S };

/* The gradient grows without limit where points meet; nearer than this it is that of a parabola. */
static const real NEAR = (real)1e-3;

static inline real distance(int64_t dim, const real *x, const real *y) { return sqrt(square_distance(dim, x, y)); }

CLONES static void value(const cost *c, int64_t rows, const real *x, const real *y, real *out) {
    for (int64_t i = 0; i < rows; i++) out[i] = pow(distance(c->dim, x + i * c->dim, y + i * c->dim), (real)c->parameters[S]);
}

static void gradient(const cost *c, int64_t rows, const real *x, const real *y, real *out) {
    real s = (real)c->parameters[S];
    for (int64_t i = 0; i < rows; i++, x += c->dim, y += c->dim, out += c->dim) {
        real length = distance(c->dim, x, y), factor = s * pow(length > NEAR ? length : NEAR, s - 2);
        for (int64_t j = 0; j < c->dim; j++) out[j] = factor * (y[j] - x[j]);
    }
}

static double degree(const cost *c) { return c->parameters[S]; }

const cost_kind cost_concave = {
    .name = "concave",
    .formula = "|x - y|^s",
    .parameters = {{"s", 0.5, 0, 1, 0}},
    .translation_invariant = 1,
    .degree = degree,
    .value = value,
    .gradient = gradient,
};
