/* How far T(source) is from the target on rows set aside for choosing: the energy distance in column units. */
#ifndef ENOT_TRAIN_JUDGE_H
#define ENOT_TRAIN_JUDGE_H

#include "data/coordinates.h"
#include "net/transport.h"

typedef struct judge judge;

/* source [n,dim], target [m,dim]: rows in the user's units, copied. c is kept by reference. */
enot_status judge_create(enot_context *context, const coordinates *c, const double *source, int64_t n, const double *target,
                         int64_t m, judge **out);
void judge_destroy(judge *j);

enot_status judge_mismatch(enot_context *context, const judge *j, const transport *t, const mlp *net, const real *parameters,
                           double *mismatch);

#endif
