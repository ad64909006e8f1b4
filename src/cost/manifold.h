/*
 * Where points lie if not anywhere in R^dim. Maps T(x) = project(x + net(x)) stay on the manifold, and networks see coordinates in
 * which it has no seam.
 */
#ifndef ENOT_COST_MANIFOLD_H
#define ENOT_COST_MANIFOLD_H

#include "core/context.h"
#include "core/real.h"

typedef struct cost cost;

typedef struct manifold {
    /* Refuses a row of the user's that is not on it. NULL: every row is. */
    enot_status (*check)(enot_context *context, const cost *c, const double *point, int64_t row, const char *name);
    /* Of several numbers that are one point the usual one: points[rows,dim] in the user's units. NULL: there are none. */
    void (*settle)(const cost *c, int64_t rows, double *points);
    /* points[rows,dim] to the nearest ones on it, in place. */
    void (*project)(const cost *c, int64_t rows, real *points);
    /* v[rows,dim] becomes its product with the projection's Jacobian at points. NULL: that is the identity. */
    void (*project_product)(const cost *c, int64_t rows, const real *points, real *v);
    /* Differences z[rows,dim] of points become those by the shortest way. NULL: they are. */
    void (*shorten)(const cost *c, int64_t rows, real *z);
    /* What networks see of a point: out[rows,inputs]; slope[rows,inputs] to out[rows,dim] by the Jacobian. NULL: the point. */
    int64_t (*inputs)(const cost *c, int64_t *columns); /* columns[inputs]: that each comes from; may be NULL */
    void (*embed)(const cost *c, int64_t rows, const real *points, real *out);
    void (*embed_product)(const cost *c, int64_t rows, const real *points, const real *slope, real *out);
} manifold;

extern const manifold manifold_sphere, manifold_torus;

#endif
