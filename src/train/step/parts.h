/* What the files of a training step share; train/step/step.h is its interface. */
#ifndef ENOT_TRAIN_STEP_PARTS_H
#define ENOT_TRAIN_STEP_PARTS_H

#include "train/step/step.h"

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

/*
 * Side 0 is the mapped one and its network the mapper; side 1 the other one and the critic. Direction d moves the points of
 * side d with their network, which the other network judges.
 */
typedef struct step_side {
    const mlp *net;
    mlp_weights weights;
    real *points; /* [batch, dim] */
    real *weight; /* [batch]: of its points in the dual */
    real *candidate; /* [candidates]: value at the first points, before the step */
    real *value;  /* [batch]: the side's network as a potential at its points */
} step_side;

typedef struct step_direction {
    real *moved;         /* [batch, dim]: T(x) */
    real *reached;       /* [batch, dim]: T(x), or the row of y with a smaller c(x, y) - g(y); moved if there is no search */
    real *cost_moved;    /* [batch]: c(x, reached) */
    real *cost_pair;     /* c(x, y) */
    real *moved_value;   /* g(reached) */
    real *c_transform;   /* c(x, reached) - g(reached) */
    real *excess;        /* by how much that of T(x) is larger */
    real *penalty;       /* lambda (L(d1) + L(d2)) */
    real *seed;          /* d loss / d net(y) */
    real *moved_seed;    /* d loss / d net(reached) */
} step_direction;

/* Of one block. own: each side's network at its points; moved: the other network at the moved points of a direction. */
typedef struct step_traces {
    mlp_trace own[2], moved[2];
} step_traces;

/* Scratch of one thread. */
typedef struct step_worker {
    mlp_scratch own[2], moved; /* own[1] is empty if that side does not map: moved serves it too */
    mlp_operands operands; /* if products are of bf16 */
    real *pull, *slope; /* [block_rows, dim] */
    real *repeated, *costs; /* [TRANSPORT_SEARCH_ROWS, dim], [TRANSPORT_SEARCH_ROWS]: of one x and some candidates */
} step_worker;

struct step {
    enot_context *context;
    const ops *ops;
    const bf16_ops *bf16; /* NULL: products are of reals */
    const transport *t;
    int threads, directions; /* directions: 1 or 2 */
    int64_t batch, candidates;
    real expectile, coefficient;
    step_cut cut;

    step_side sides[2];
    step_direction direction[2];
    step_worker *workers;  /* [threads] */
    step_traces *traces;   /* [trace_count]: one a thread if parts_sum, else one a block in work */
    int64_t trace_count;
    real *part_gradients;  /* [parts, mapper and critic parameters] if parts_sum */
};

/* For products on the worker's thread; NULL if they are of reals. */
const mlp_operands *step_operands(const step *s, const step_worker *worker);

/* All passes over the batch's rows first .. first + count - 1, at most block_rows; fills traces for the gradients. */
void step_block(step *s, step_worker *worker, step_traces *traces, int64_t first, int64_t count);

/* The sides' potentials at candidates first .. first + count - 1, which the search takes. */
void step_value_candidates(step *s, step_worker *worker, step_traces *traces, int64_t first, int64_t count);

/* Pairs that the gradient of a side's network is summed from. Returns how many. */
int step_pairs(const step *s, const step_traces *traces, int side, mlp_pair pairs[MLP_PAIRS_MOST]);

#endif
