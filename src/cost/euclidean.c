#include <tgmath.h>

#include "core/clones.h"
#include "cost/square.h"

/* h(z) = |z|: convex, not strictly, so it has no grad h* and T must be a vector field. */

static inline real distance(int64_t dim, const real *x, const real *y) { return sqrt(square_distance(dim, x, y)); }

CLONES static void value(const cost *c, int64_t rows, const real *x, const real *y, real *out) {
    for (int64_t i = 0; i < rows; i++) out[i] = distance(c->dim, x + i * c->dim, y + i * c->dim);
}

static void gradient(const cost *c, int64_t rows, const real *x, const real *y, real *out) {
    for (int64_t i = 0; i < rows; i++, x += c->dim, y += c->dim, out += c->dim) {
        real length = distance(c->dim, x, y), inverse = length > 0 ? 1 / length : 0;
        for (int64_t j = 0; j < c->dim; j++) out[j] = (y[j] - x[j]) * inverse;
    }
}

static double degree(const cost *c) { return 1; }

const cost_kind cost_euclidean = {
    .name = "euclidean",
    .formula = "|x - y|",
    .translation_invariant = 1,
    .degenerate = 1,
    .degree = degree,
    .value = value,
    .gradient = gradient,
};
