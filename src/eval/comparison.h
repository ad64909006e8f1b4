/* What the rows of two samples are compared in: tables in column units, images by their features (eval/image_features.h). */
#ifndef ENOT_EVAL_COMPARISON_H
#define ENOT_EVAL_COMPARISON_H

#include "space/coordinates.h"

/* Numbers that a row is compared by. */
int64_t comparison_dim(const coordinates *c);

/* out[count, comparison_dim] of rows [count, dim] in the user's units; an image's depend on it alone. */
enot_status comparison_enter(enot_context *context, const coordinates *c, const double *rows, int64_t count, double *out);

#endif
