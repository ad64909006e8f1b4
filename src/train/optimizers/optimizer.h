/* Optimisers with a learning-rate schedule, and the network state that they update. */
#ifndef ENOT_TRAIN_OPTIMIZER_H
#define ENOT_TRAIN_OPTIMIZER_H

#include "net/architecture.h"

typedef struct optimizer {
    enot_optimizer kind;
    double learning_rate, beta1, beta2, epsilon, weight_decay;
    enot_schedule schedule;
    double schedule_final;
    int64_t warmup_steps, steps;
    double averaging; /* decay of the weights' moving average, 0: the average is the weights */
    int64_t refresh;  /* SOAP: updates from one set of bases to the next */
} optimizer;

/* How a kind of optimiser works, and what it keeps of a network beside its moments. */
typedef struct optimizer_method optimizer_method;

/*
 * A network while it is trained. All vectors [weight_count], in one allocation that begins at parameters; beyond the parameters
 * stand the running statistics, in the average theirs, in the others nothing.
 */
typedef struct network {
    architecture net;
    int64_t weight_count;
    real *parameters, *moment1, *moment2, *average, *gradient;
    const optimizer_method *method;
    void *own; /* the method's */
    int64_t updates;
} network;

/* To be updated by optimisers of that kind. Takes net over, also on failure. */
enot_status network_create(enot_context *context, architecture net, enot_optimizer kind, network *out);
void network_destroy(network *n);

/* Vectors that make up the state between two steps: parameters, moment1, moment2, average, in this order; and network_own. */
#define NETWORK_STATE_VECTORS 4

/* What the method keeps between two steps beside the vectors; NULL, *count = 0: nothing. */
real *network_own(const network *n, int64_t *count);

/* Learning rate of update number step, from 0. */
double optimizer_rate(const optimizer *o, int64_t step);

/* One update from n->gradient, and of the averages. */
void optimizer_update(enot_context *context, const optimizer *o, const ops *ops, network *n);

#endif
