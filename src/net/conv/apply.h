/* A trained network of convolutions on any number of rows, batch normalisation by its running statistics. */
#ifndef ENOT_NET_CONV_APPLY_H
#define ENOT_NET_CONV_APPLY_H

#include "net/conv/net.h"

/* x[count, inputs] -> out[count, outputs]. weights: the parameters, then the statistics. */
enot_status conv_apply(enot_context *context, const conv_net *net, const real *weights, const real *x, int64_t count, real *out);

/* Bytes that this takes meanwhile, without what oneDNN needs for itself. */
double conv_apply_bytes(const enot_context *context, const conv_net *net);

#endif
