/* What the files of a training step share; train/step.h is its interface. */
#ifndef ENOT_TRAIN_STEP_PARTS_H
#define ENOT_TRAIN_STEP_PARTS_H

#include "train/step.h"

/*
 * How a batch is cut; it follows from the sizes alone, so that the bits do not depend on the number of threads. A block goes
 * through all passes together, a part is what one thread takes. If parts_sum, the networks are so narrow that each part sums a
 * gradient of its own while its blocks are in the cache; else some blocks' traces are kept at a time, and tiles of the gradient
 * sum over them.
 */
typedef struct step_cut {
    int64_t block_rows, part_rows, parts;
    int parts_sum;
} step_cut;

step_cut step_choose_cut(const mlp *mapper, const mlp *critic, int64_t batch);

/* f at x, g at T(x), g at y */
typedef struct step_traces {
    mlp_trace map, moved, target;
} step_traces;

/* Scratch of one thread. */
typedef struct step_worker {
    mlp_scratch mapper, critic;
    real *pull, *slope; /* [block_rows, dim] */
} step_worker;

struct step {
    enot_context *context;
    const ops *ops;
    const transport *t;
    const mlp *mapper_net, *critic_net;
    int threads;
    int64_t batch;
    real expectile, coefficient;
    step_cut cut;

    mlp_weights mapper, critic;
    real *x, *y, *moved;                /* [batch, dim] */
    real *cost_moved, *cost_pair;       /* [batch]: c(x, T(x)), c(x, y) */
    real *moved_value, *target_value;   /* [batch]: g(T(x)), g(y) */
    real *c_transform, *penalty;        /* [batch]: c(x, T(x)) - g(T(x)), lambda (L(d1) + L(d2)) */
    real *seed;                         /* [batch]: d loss / d net(y) */
    step_worker *workers;               /* [threads] */
    step_traces *traces;                /* [trace_count], of a block: one a thread if parts_sum, else of the blocks in work */
    int64_t trace_count;
    real *part_gradients;               /* [parts, mapper and critic parameters] if parts_sum */
};

/* All passes over the batch's rows first .. first + count - 1, at most block_rows; fills traces for the gradients. */
void step_block(step *s, const step_batch *batch, step_worker *worker, step_traces *traces, int64_t first, int64_t count);

/* Pairs that the gradients are summed from. */
int step_mapper_pairs(const step *s, const step_traces *traces, mlp_pair pairs[2]);
int step_critic_pairs(const step_traces *traces, mlp_pair pairs[2]);

#endif
