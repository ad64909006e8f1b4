/* A network with its transport on any number of rows: blocks in parallel, memory for a block a thread. */
#ifndef ENOT_NET_APPLY_H
#define ENOT_NET_APPLY_H

#include "net/transport.h"

/* moved[count,dim] = T(x), inner coordinates. */
enot_status apply_map(enot_context *context, const transport *t, const mlp *net, const real *parameters, const real *x,
                      int64_t count, real *moved);

/* values[count] = g(y), inner coordinates. */
enot_status apply_potential(enot_context *context, const transport *t, const mlp *net, const real *parameters, const real *y,
                            int64_t count, real *values);

#endif
