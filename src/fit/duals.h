/* How dual estimates in the coordinates' units become costs in column units. */
#ifndef ENOT_FIT_DUALS_H
#define ENOT_FIT_DUALS_H

#include "core/real.h"
#include "space/coordinates.h"

typedef struct duals {
    double factor, offset;
} duals;

static inline double duals_leave(const duals *d, double inner) { return d->offset + d->factor * inner; }

/*
 * Of a dot-product form or coordinates that are gaussian: the mean of what map/apply.c's outer_potential adds and multiplies,
 * over both sides' rows in the user's units. entered[side]: the same rows in inner coordinates, NULL if they are not at hand.
 */
enot_status duals_relate(enot_context *context, const coordinates *c, int dot_product, const row_list rows[2],
                         const real *const entered[2], duals *out);

#endif
