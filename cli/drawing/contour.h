/* Level lines of a function on a grid, by marching squares. */
#ifndef CLI_CONTOUR_H
#define CLI_CONTOUR_H

#include <stddef.h>

typedef void (*contour_segment_fn)(void *user, const double from[2], const double to[2]);

/* values: [side, side], row by row from y_low; coordinates of the segments are in units of the grid, 0 .. side - 1. */
void contour_trace(const double *values, size_t side, double level, contour_segment_fn segment, void *user);

#endif
