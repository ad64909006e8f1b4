/* The torus: columns that return to where they began after a period. */
#ifndef ENOT_COST_TORUS_H
#define ENOT_COST_TORUS_H

#include <tgmath.h>

#include "cost/cost.h"

/* Of a column, in the cost's units; 0: it has none. */
static inline real torus_period(const cost *c, int64_t column) { return c->numbers[column] / (real)c->unit; }

/* The shortest way round that ends where z does. */
static inline real torus_shortest(const cost *c, int64_t column, real z) {
    real period = torus_period(c, column);
    return period > 0 ? z - period * rint(z / period) : z;
}

#endif
