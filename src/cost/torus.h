/* The torus: columns that return to where they began after a period. */
#ifndef ENOT_COST_TORUS_H
#define ENOT_COST_TORUS_H

#include "cost/cost.h"

/* Of a column, in the cost's units; 0: it has none. */
static inline real torus_period(const cost *c, int64_t column) { return c->numbers[column] / (real)c->unit; }

/* Into [0, period). */
void torus_project(const cost *c, int64_t rows, real *points);

#endif
