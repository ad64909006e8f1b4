/*
 * The affine coordinates in which a fit works. A point x of one side first has its columns divided,
 * x~ = x / column, and then
 *
 *     inner = forward[side] (x~ - mean[side])        x~ = backward[side] inner + mean[side]
 *
 * One unit of inner length is `unit` of column length in coordinates_common; in coordinates_gaussian, with s and t
 * points of source and target, unit^2 <s', t'> = <s~ - mean[source], t~ - mean[target]>, so that dot products keep
 * their meaning; the brackets are those of metric there.
 */
#ifndef ENOT_SPACE_COORDINATES_H
#define ENOT_SPACE_COORDINATES_H

#include "core/context.h"
#include "core/image_shape.h"
#include "core/real.h"
#include "space/row_list.h"

typedef enum coordinates_side { COORDINATES_SOURCE, COORDINATES_TARGET } coordinates_side;

typedef struct coordinates {
    int64_t dim;
    double *column;      /* [dim] */
    double *mean[2];     /* [dim], in column units */
    double *forward[2];  /* [dim, dim]; NULL: the identity, and backward too */
    double *backward[2]; /* [dim, dim], the inverses */
    double *spread;      /* [dim] > 0, standard deviation of each coordinate; the same on both sides if gaussian */
    double *metric;      /* [dim, dim], of the cost in column units; NULL: the identity (space/metric.h) */
    double unit;
    image_shape image;   /* of the rows, zero if they are no images */
    int gaussian;        /* the identity in these coordinates is the closed-form Gaussian map */
} coordinates;

/* Identity: column and spread 1, mean 0, forward and backward I, unit 1. What a loader fills in. */
enot_status coordinates_create(enot_context *context, int64_t dim, coordinates **out);
/* For images, whose values are used as they are: the identity without matrices. */
enot_status coordinates_images(enot_context *context, image_shape shape, coordinates **out);
enot_status coordinates_copy(enot_context *context, const coordinates *c, coordinates **out);
void coordinates_destroy(coordinates *c);

/*
 * For the squared-Euclidean cost: source x and target y, rows of as many columns, both get mean 0 and the diagonal covariance
 * spread^2, and the identity between them is the optimal map T(x) = my + A (x - mx) between the Gaussians with the
 * moments of the samples (A = Sx^-1/2 (Sx^1/2 Sy Sx^1/2)^1/2 Sx^-1/2; correlations shrunk, see moments.h; a column's
 * variance is at least 1e-4 of the other side's). ENOT_SCALE_NONE: the identity, gaussian = 0. metric: of a quadratic cost, taken over,
 * also on failure; the same of Rx~ and Ry~ (space/metric.h), A being optimal for that cost. NULL: squared-Euclidean.
 */
enot_status coordinates_gaussian(enot_context *context, row_list x, row_list y, enot_scale scale, double *metric,
                                 coordinates **out);

/*
 * For other costs: one mean for both sides, the average of the two if centre is nonzero, else 0; and one number, the
 * root mean square over columns and sides of the distance from it. ENOT_SCALE_NONE: the identity.
 */
enot_status coordinates_common(enot_context *context, row_list x, row_list y, enot_scale scale, int centre, coordinates **out);

/* points [count, dim] in the user's units, inner [count, dim]; the two must not overlap. */
void coordinates_enter(const coordinates *c, coordinates_side side, const double *points, int64_t count, double *inner);
void coordinates_leave(const coordinates *c, coordinates_side side, const double *inner, int64_t count, double *points);

/* |x~ - centre|^2 by the metric, of a point [dim] in the user's units; column: [dim], room for x~. */
double coordinates_square(const coordinates *c, const double *point, const double *centre, double *column);

/*
 * inner[count, dim]: points [count, dim] entered and rounded to 2^-14. Rows that a training repeats are settled so, that digits lost in the
 * user's units (an offset of 1e4, a factor that is no power of two) do not reach it: a training amplifies any difference until two runs
 * are two maps. wide: [count, dim], room.
 */
void coordinates_enter_settled(const coordinates *c, coordinates_side side, const double *points, int64_t count, double *wide, real *inner);

#endif
