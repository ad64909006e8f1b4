/*
 * Ground costs c(x, y). A cost is one table of functions in a file of its own, listed in cost/registry.c.
 *
 * Batches are row-major [rows, dim]; outputs never overlap inputs. Translation-invariant costs c(x, y) = h(x - y), h even and strictly convex, also give the
 * conjugate's gradient grad h*, which turns a potential into a map: T(x) = x - grad h*(grad f(x)) (Gangbo and McCann 1996).
 */
#ifndef ENOT_COST_COST_H
#define ENOT_COST_COST_H

#include "core/context.h"
#include "core/real.h"

#define COST_MAX_PARAMETERS 4

typedef struct cost cost;

typedef struct cost_parameter {
    const char *name;
    double fallback;          /* value if it is not given */
    double above, at_most;    /* allowed: above < value <= at_most */
    int may_equal_above;      /* also value == above */
} cost_parameter;

typedef struct cost_kind {
    const char *name, *formula;
    cost_parameter parameters[COST_MAX_PARAMETERS]; /* ends with a NULL name */
    int translation_invariant;
    /* c(s x, s y) = s^degree c(x, y) once the parameters are rescaled. */
    double (*degree)(const cost *c);
    /* Parameters for data divided by unit; NULL: they have no unit. */
    void (*rescale)(double *parameters, double unit);

    /* out[rows] = c(x, y) */
    void (*value)(const cost *c, int64_t rows, const real *x, const real *y, real *out);
    /* out[rows,dim] = gradient in y; 0 where there is none. */
    void (*gradient)(const cost *c, int64_t rows, const real *x, const real *y, real *out);
    /* out[rows,dim] = grad h*(u); NULL if h is not strictly convex. */
    void (*conjugate)(const cost *c, int64_t rows, const real *u, real *out);
    /* out[rows,dim] = Hessian of h* at u times v. */
    void (*conjugate_product)(const cost *c, int64_t rows, const real *u, const real *v, real *out);
} cost_kind;

struct cost {
    const cost_kind *kind;
    int64_t dim;
    double parameters[COST_MAX_PARAMETERS];
};

/* "NAME[:key=value,...]", NULL: sqeuclidean. Unknown names get the nearest suggested. */
enot_status cost_parse(enot_context *context, const char *text, int64_t dim, cost *out);

/* The same cost for data divided by unit; multiply its values by *factor to have the original's. */
cost cost_rescaled(const cost *c, double unit, double *factor);

/* The text that cost_parse reads back. Returns capacity or more if it did not fit. */
int cost_print(const cost *c, char *text, size_t capacity);

extern const cost_kind cost_sqeuclidean, cost_euclidean, cost_pnorm, cost_sq_pnorm, cost_elastic_l1, cost_huber,
    cost_cosine, cost_arccos, cost_dot_product;

#endif
