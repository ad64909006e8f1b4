/* A picture of curves over logarithmic axes, with values to compare them with at its right edge. */
#ifndef CLI_PLOT_CURVES_H
#define CLI_PLOT_CURVES_H

#include "drawing/draw.h"

/* Points that are not greater than 0 have no logarithm and are left out. */
typedef struct curve {
    const char *label;
    draw_color color;
    draw_dashes dashes;
    const double *xy; /* [count, 2] */
    size_t count;
} curve;

typedef struct curve_mark {
    const char *label;
    draw_color color;
    double y; /* > 0 */
} curve_mark;

typedef struct curve_plot {
    const char *title, *x, *y, *marks_title;
    const curve *curves;
    size_t curve_count;
    const curve_mark *marks;
    size_t mark_count;
} curve_plot;

/* NULL without memory. */
draw_page *plot_curves(const curve_plot *plot);

#endif
