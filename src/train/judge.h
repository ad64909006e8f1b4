/* How far T(source) is from the target on rows set aside for choosing: the energy distance of what rows are compared in. */
#ifndef ENOT_TRAIN_JUDGE_H
#define ENOT_TRAIN_JUDGE_H

#include "net/architecture.h"
#include "space/coordinates.h"

typedef struct judge judge;

/* source [n,dim], target [m,dim]: rows in the user's units, copied. c is kept by reference. */
enot_status judge_create(enot_context *context, const coordinates *c, const double *source, int64_t n, const double *target,
                         int64_t m, judge **out);
void judge_destroy(judge *j);

/* What a map scores: the mismatch, and the rows' shares of it, which tell how sure a difference between two maps is. */
typedef struct judge_score {
    double mismatch;
    double *shares; /* [judge_rows] */
} judge_score;

int64_t judge_rows(const judge *j);

/* score->shares is the caller's and is filled. */
enot_status judge_map(enot_context *context, const judge *j, const transport *t, const architecture *net, const real *weights,
                      judge_score *score);

/* Whether a's mismatch is below b's by more than the standard error of the difference. */
int judge_better(const judge *j, const judge_score *a, const judge_score *b);

#endif
