/* The numbers of a report from rows of both sides. */
#ifndef ENOT_FIT_EVALUATE_H
#define ENOT_FIT_EVALUATE_H

#include "map/map.h"
#include "train/batches/split.h"

/* Rows of each side that a report looks at unless told otherwise. */
int64_t evaluate_rows(const enot_map *map);

/* The rows of one side to look at. */
typedef struct evaluate_side {
    const split *split;
    split_purpose purpose;
} evaluate_side;

/* Fills everything but steps, seconds, smoothing and held_out, from at most `most` rows of each side. */
enot_status evaluate_map(enot_context *context, const enot_map *map, evaluate_side source, evaluate_side target, int64_t most,
                         uint64_t seed, enot_report *report);

#endif
