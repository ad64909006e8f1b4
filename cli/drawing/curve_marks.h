/* The marks of plot_curves: short lines at the panel's right edge, their labels beside it one below the other. */
#ifndef CLI_CURVE_MARKS_H
#define CLI_CURVE_MARKS_H

#include "drawing/plot_curves.h"

/* At least this high a panel has room for the labels of so many marks. */
double curve_marks_height(size_t count);

/* Of the logarithms in the panel; whole: the page in its own coordinates. 0, or -1 without memory. */
int curve_marks_draw(draw_page *page, const draw_panel *whole, const draw_panel *panel, const curve_plot *plot);

#endif
