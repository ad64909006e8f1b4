/* The specification, layer by layer: plain loops. */
#ifndef ENOT_NET_CONV_REFERENCE_H
#define ENOT_NET_CONV_REFERENCE_H

#include "net/conv/backend/backend.h"

extern const convolution_ops reference_convolution;
extern const pool_ops reference_pool;

#endif
