/* The activations by name. Their formulas are in ops/kernels.inc. */
#ifndef ENOT_OPS_ACTIVATION_H
#define ENOT_OPS_ACTIVATION_H

#include "core/context.h"

typedef enum activation {
    ACTIVATION_ELU,
    ACTIVATION_CELU,
    ACTIVATION_SILU,
    ACTIVATION_GELU,
    ACTIVATION_SOFTPLUS,
    ACTIVATION_TANH,
    ACTIVATION_RELU,
    ACTIVATION_LEAKY_RELU,
    ACTIVATION_COUNT
} activation;

enot_status activation_parse(enot_context *context, const char *name, activation *kind);
const char *activation_name(activation kind);

/* Whether s'' says anything: a map that is the gradient of a network without it cannot learn. */
int activation_has_curvature(activation kind);

#endif
