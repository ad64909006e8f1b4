/* Fresh rows of a benchmark pair with their true images, and what a map scores on them. */
#ifndef ENOT_BENCH_W2_TRUTH_H
#define ENOT_BENCH_W2_TRUTH_H

#include "fit/plan.h"

typedef struct w2_truth w2_truth;

/* path: the pair's file; count rows, other ones than any training draws. */
enot_status w2_truth_create(enot_context *context, const char *path, int64_t count, w2_truth **out);
void w2_truth_destroy(w2_truth *t);

/* Fills uvp_forward, uvp_inverse, cosine, cost and uvp_identity of score for the trainer's averaged weights. */
enot_status w2_truth_score(enot_context *context, const w2_truth *t, const plan *p, const trainer *trained,
                           enot_w2_score *score);

#endif
