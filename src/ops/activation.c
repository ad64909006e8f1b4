#include "ops/activation.h"

#include <string.h>

#include "core/suggest.h"

static const char *const NAMES[ACTIVATION_COUNT] = {"elu", "celu", "silu", "gelu", "softplus", "tanh", "relu", "leaky_relu"};

enot_status activation_parse(enot_context *context, const char *name, activation *kind) {
    for (int i = 0; i < ACTIVATION_COUNT; i++)
        if (strcmp(name, NAMES[i]) == 0) {
            *kind = (activation)i;
            return ENOT_OK;
        }
    const char *near = suggest_nearest(name, NAMES, ACTIVATION_COUNT);
    return context_fail(context, ENOT_ERR_ARGUMENT,
                        "unknown activation '%s'%s%s%s: use elu, celu, silu, gelu, softplus, tanh, relu or leaky_relu", name,
                        near ? " (did you mean '" : "", near ? near : "", near ? "'?)" : "");
}

const char *activation_name(activation kind) { return NAMES[kind]; }

int activation_has_curvature(activation kind) { return kind != ACTIVATION_RELU && kind != ACTIVATION_LEAKY_RELU; }
