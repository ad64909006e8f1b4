#include "core/memory.h"
#include "cost/torus.h"

/* The squared length of the shortest way on the torus; in a column of period 0 on the line. */
enum { PERIOD };

static enot_status prepare(enot_context *context, cost *c) {
    const cost_array *a = &c->array;
    if (a->values && a->rows * a->columns != c->dim)
        return context_fail(context, ENOT_ERR_DATA, "cost periodic: the file of periods has %lld numbers, the data have %lld columns: "
                            "give one a column, 0 where there is none", (long long)(a->rows * a->columns), (long long)c->dim);
    TRY(MEMORY_NEW(context, c->dim, "the periods of a cost", &c->numbers));
    for (int64_t j = 0; j < c->dim; j++) {
        double period = a->values ? a->values[j] : c->parameters[PERIOD];
        if (!(period >= 0))
            return context_fail(context, ENOT_ERR_DATA, "cost periodic: period %lld is %g, but must be at least 0", (long long)j + 1, period);
        c->numbers[j] = (real)period;
    }
    return ENOT_OK;
}

static void value(const cost *c, int64_t rows, const real *x, const real *y, real *out) {
    for (int64_t i = 0; i < rows; i++, x += c->dim, y += c->dim) {
        real sum = 0;
        for (int64_t j = 0; j < c->dim; j++) {
            real z = torus_shortest(c, j, x[j] - y[j]);
            sum += z * z;
        }
        out[i] = sum;
    }
}

static void gradient(const cost *c, int64_t rows, const real *x, const real *y, real *out) {
    for (int64_t i = 0; i < rows * c->dim; i++) out[i] = -2 * torus_shortest(c, i % c->dim, x[i] - y[i]);
}

static double degree(const cost *c) { return 2; }

const cost_kind cost_periodic = {
    .name = "periodic",
    .formula = "|x - y|^2 by the shortest way round",
    .parameters = {{"period", 1, 0, 1e300, 0}},
    .array = "periods",
    .array_meaning = "one a column, 0: not periodic",
    .manifold = &manifold_torus,
    .prepare = prepare,
    .degree = degree,
    .value = value,
    .gradient = gradient,
};
