/* Level lines of a function over a panel, coloured from low to high. */
#ifndef CLI_LEVELS_H
#define CLI_LEVELS_H

#include <stdint.h>

#include "drawing/draw.h"

#define LEVELS_GRID 120

/* The panel's coordinates at row, column of a grid of LEVELS_GRID x LEVELS_GRID points over it, row 0 below. */
void levels_point(const draw_panel *panel, int row, int column, double xy[2]);

/*
 * values on that grid, row by row; where they are not finite there are no lines. The levels are as far apart as divides
 * those of a cloud, [count], into twelve.
 */
void levels_draw(draw_page *page, const draw_panel *panel, const double *values, const double *cloud_values, int64_t count);

#endif
