/* Logarithmic axes: a panel's coordinates are logarithms to base ten. */
#ifndef CLI_LOG_AXES_H
#define CLI_LOG_AXES_H

#include "drawing/draw.h"

/* Faint lines at the decades and between them, with the numbers that they stand for at the left and below. */
void log_axes_draw(draw_page *page, const draw_panel *panel);

#endif
