#include <math.h>

#include "cost/cost.h"

/*
 * The user's own cost. It is called with points in the user's units, whatever unit the training takes, and its values are divided by
 * their typical size, which a fit finds out: the losses are of order one then, as they are under the other costs.
 */
enum { SIZE };

/* Numbers of a side that are handed over at once. */
#define NUMBERS 4096

static enot_status prepare(enot_context *context, cost *c) {
    if (c->dim <= NUMBERS) return ENOT_OK;
    return context_fail(context, ENOT_ERR_ARGUMENT, "the data have %lld columns, but a cost by callback can have %d at most",
                        (long long)c->dim, NUMBERS);
}

static void widen(int64_t count, const real *values, double factor, double *out) {
    for (int64_t i = 0; i < count; i++) out[i] = factor * (double)values[i];
}

static void value(const cost *c, int64_t rows, const real *x, const real *y, real *out) {
    double wide_x[NUMBERS], wide_y[NUMBERS], values[NUMBERS];
    int64_t most = NUMBERS / c->dim;
    for (int64_t i = 0; i < rows; i++) out[i] = NAN;
    for (int64_t first = 0; first < rows && c->callback.value; first += most) {
        int64_t count = rows - first < most ? rows - first : most;
        widen(count * c->dim, x + first * c->dim, c->unit, wide_x);
        widen(count * c->dim, y + first * c->dim, c->unit, wide_y);
        c->callback.value(c->callback.user, count, c->dim, wide_x, wide_y, values);
        for (int64_t i = 0; i < count; i++) out[first + i] = (real)(values[i] / c->parameters[SIZE]);
    }
}

static void gradient(const cost *c, int64_t rows, const real *x, const real *y, real *out) {
    double wide_x[NUMBERS], wide_y[NUMBERS], slopes[NUMBERS];
    int64_t most = NUMBERS / c->dim;
    for (int64_t first = 0; first < rows; first += most) {
        int64_t count = rows - first < most ? rows - first : most, numbers = count * c->dim;
        widen(numbers, x + first * c->dim, c->unit, wide_x);
        widen(numbers, y + first * c->dim, c->unit, wide_y);
        c->callback.gradient(c->callback.user, count, c->dim, wide_x, wide_y, slopes);
        for (int64_t i = 0; i < numbers; i++) out[first * c->dim + i] = (real)(c->unit / c->parameters[SIZE] * slopes[i]);
    }
}

static double degree(const cost *c) { return 0; }

static double size(const cost *c) { return c->parameters[SIZE]; }

const cost_kind cost_callback = {
    .name = "callback",
    .formula = "the library's caller's own",
    .parameters = {{"size", 1, 0, 1e300, 0}},
    .prepare = prepare,
    .degree = degree,
    .size = size,
    .value = value,
    .gradient = gradient,
};
