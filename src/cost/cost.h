/*
 * Ground costs c(x, y). A cost is one table of functions in a file of its own, listed in cost/registry.c.
 *
 * Batches are row-major [rows, dim]; outputs never overlap inputs. Translation-invariant costs c(x, y) = h(x - y), h even and strictly convex, also give the
 * conjugate's gradient grad h*, which turns a potential into a map: T(x) = x - grad h*(grad f(x)) (Gangbo and McCann 1996). A cost
 * between points of a sphere or a torus names that manifold; maps then stay on it.
 */
#ifndef ENOT_COST_COST_H
#define ENOT_COST_COST_H

#include "core/context.h"
#include "core/real.h"
#include "cost/manifold.h"

#define COST_MAX_PARAMETERS 4

typedef struct cost_parameter {
    const char *name;
    double fallback;          /* value if it is not given */
    double above, at_most;    /* allowed: above < value <= at_most */
    int may_equal_above;      /* also value == above */
} cost_parameter;

typedef struct cost_kind {
    const char *name, *formula;
    cost_parameter parameters[COST_MAX_PARAMETERS]; /* ends with a NULL name */
    const char *array, *array_meaning; /* the parameter that a file gives, NULL: there is none */
    int translation_invariant;
    int degenerate; /* the minimum of c(x, y) - g(y) is reached on whole lines: not strictly convex along them */
    int prefers_field; /* has a conjugate, but vector fields were measured to come closer (docs/costs.md) */
    const manifold *manifold; /* that points lie on; NULL: R^dim */
    /* c(s x, s y) = s^degree c(x, y) once the parameters are rescaled. */
    double (*degree)(const cost *c);
    /* Parameters for data divided by unit; NULL: they have no unit. */
    void (*rescale)(double *parameters, double unit);
    /* Checks parameters and array, and makes numbers of them; NULL: nothing to do. */
    enot_status (*prepare)(enot_context *context, cost *c);
    /* What the callback's values are divided by; NULL: nothing. */
    double (*size)(const cost *c);

    /* matrix[dim,dim] = M of a cost (x - y)' M (x - y); NULL: it is not of that kind, or M is the identity. */
    void (*metric)(const cost *c, double *matrix);

    /* out[rows] = c(x, y) */
    void (*value)(const cost *c, int64_t rows, const real *x, const real *y, real *out);
    /* out[rows,dim] = gradient in y; 0 where there is none. */
    void (*gradient)(const cost *c, int64_t rows, const real *x, const real *y, real *out);
    /* out[rows,dim] = grad h*(u); NULL if h is not strictly convex. */
    void (*conjugate)(const cost *c, int64_t rows, const real *u, real *out);
    /* out[rows,dim] = Hessian of h* at u times v. */
    void (*conjugate_product)(const cost *c, int64_t rows, const real *u, const real *v, real *out);
} cost_kind;

/* A matrix that a cost is given by, as it was read. */
typedef struct cost_array {
    int64_t rows, columns;
    double *values; /* [rows, columns]; memory_destroy it */
} cost_array;

/* Reads the array that the user calls name; NULL in a cost_source: costs with an array are refused. */
typedef struct cost_source {
    enot_status (*read)(enot_context *context, void *user, const char *name, cost_array *out);
    void *user;
    const enot_cost *callback; /* the user's own cost, NULL: none */
} cost_source;

struct cost {
    const cost_kind *kind;
    int64_t dim;
    double parameters[COST_MAX_PARAMETERS];
    double unit;       /* length of a unit of its points in those of the array and of the manifold */
    cost_array array;  /* values NULL: none */
    real *numbers;     /* kind->prepare's */
    enot_cost callback;
};

/* "NAME[:key=value,...]", NULL: sqeuclidean. Unknown names get the nearest suggested. cost_destroy it, also on failure. */
enot_status cost_parse(enot_context *context, const char *text, int64_t dim, const cost_source *source, cost *out);
enot_status cost_copy(enot_context *context, const cost *c, cost *out);
void cost_destroy(cost *c);

/* The same cost for data divided by unit; multiply its values by *factor to have the original's. Borrows arrays from c. */
cost cost_rescaled(const cost *c, double unit, double *factor);

/* points[rows,dim] in the user's units as maps give them: kind->manifold's settle, if there is one. */
void cost_settle(const cost *c, int64_t rows, double *points);
/* Whether it may change points. */
int cost_settles(const cost *c);

/* (x - y)' M (x - y), which is squared-Euclidean transport in other coordinates. */
int cost_is_quadratic(const cost_kind *kind);

/* *metric [dim, dim] = M of a quadratic cost, which memory_destroy frees; NULL if it is the identity. */
enot_status cost_create_metric(enot_context *context, const cost *c, double **metric);

/* Whether maps can have the form under the cost. */
int cost_allows(const cost_kind *kind, enot_form form);

/* The text that cost_parse reads back, where an array is named by a fingerprint of its numbers. Returns capacity or more if it did not fit. */
int cost_print(const cost *c, char *text, size_t capacity);

extern const cost_kind cost_sqeuclidean, cost_euclidean, cost_pnorm, cost_sq_pnorm, cost_mahalanobis, cost_huber, cost_concave,
    cost_elastic_l1, cost_elastic_stvs, cost_elastic_overlap, cost_elastic_subspace, cost_periodic, cost_cosine, cost_arccos,
    cost_geodesic, cost_mean_squared, cost_projected, cost_callback, cost_dot_product;

#endif
