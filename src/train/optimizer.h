/* Adam and AdamW with a learning-rate schedule, and the network state that they update. */
#ifndef ENOT_TRAIN_OPTIMIZER_H
#define ENOT_TRAIN_OPTIMIZER_H

#include "net/mlp.h"

typedef struct optimizer {
    enot_optimizer kind;
    double learning_rate, beta1, beta2, epsilon, weight_decay;
    enot_schedule schedule;
    double schedule_final;
    int64_t warmup_steps, steps;
    double averaging; /* decay of the weights' moving average, 0: the average is the weights */
} optimizer;

/* A network while it is trained. All vectors [net.parameter_count], in one allocation that begins at parameters. */
typedef struct network {
    mlp net;
    real *parameters, *moment1, *moment2, *average, *gradient;
    int64_t updates;
} network;

/* Takes net over, also on failure. */
enot_status network_create(enot_context *context, mlp net, network *out);
void network_destroy(network *n);

/* Vectors that make up the state between two steps: parameters, moment1, moment2, average, in this order. */
#define NETWORK_STATE_VECTORS 4

/* Learning rate of update number step, from 0. */
double optimizer_rate(const optimizer *o, int64_t step);

/* One update from n->gradient. */
void optimizer_update(enot_context *context, const optimizer *o, const ops *ops, network *n);

#endif
