/*
 * Which of two maps is better, on rows set aside for choosing. The mismatch, the energy distance of T(source) to the target, says how well a map
 * arrives. Where judges are asked for it, the semi-dual of its critic says how near it is to the optimal map (train/semidual.h): that tells maps
 * apart with so many columns that mismatches are all noise.
 */
#ifndef ENOT_TRAIN_JUDGE_H
#define ENOT_TRAIN_JUDGE_H

#include "net/architecture.h"
#include "net/transport.h"
#include "space/coordinates.h"

typedef struct judge judge;

/* source [n,dim], target [m,dim]: rows in the user's units, copied. c is kept by reference. */
enot_status judge_create(enot_context *context, const coordinates *c, const double *source, int64_t n, const double *target,
                         int64_t m, int with_semidual, judge **out);
void judge_destroy(judge *j);

/* Networks with their weights. */
typedef struct judge_networks {
    const architecture *f, *g;
    const real *f_weights, *g_weights;
} judge_networks;

/* What a map scores, and the rows' parts of it, which tell how sure a difference between two maps is. */
typedef struct judge_score {
    double mismatch, semidual;    /* semidual: inner units; NaN without */
    double *shares, *terms;       /* of the mismatch, of the semi-dual; terms is NULL without */
} judge_score;

enot_status judge_score_create(enot_context *context, const judge *j, judge_score *score);
void judge_score_destroy(judge_score *score);

enot_status judge_map(enot_context *context, const judge *j, const transport *t, const judge_networks *networks, judge_score *score);

/* What the map that is kept has most of: the semi-dual, else the mismatch with its sign turned. */
double judge_merit(const judge *j, const judge_score *score);

/*
 * Whether a's map is better than b's beyond doubt. By mismatch: by more than the standard error of the difference. By semi-dual: by more than
 * two of them, and not if a's mismatch is above b's beyond doubt.
 */
int judge_better(const judge *j, const judge_score *a, const judge_score *b);

#endif
