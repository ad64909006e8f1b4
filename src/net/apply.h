/* A network with its transport on any number of rows: blocks in parallel, memory for a block a thread. */
#ifndef ENOT_NET_APPLY_H
#define ENOT_NET_APPLY_H

#include "net/architecture.h"
#include "net/transport.h"

/* moved[count,dim] = T(x), inner coordinates; of images, which have networks of convolutions, cut off at -1 and 1. */
enot_status apply_map(enot_context *context, const transport *t, const architecture *net, const real *weights, const real *x,
                      int64_t count, real *moved);

/* values[count] = g(y), inner coordinates. */
enot_status apply_potential(enot_context *context, const transport *t, const architecture *net, const real *weights, const real *y,
                            int64_t count, real *values);

#endif
