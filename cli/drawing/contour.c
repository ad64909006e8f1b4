#include "drawing/contour.h"

#include <math.h>

/* Where the level crosses the edge between two corners; 0 if it does not. */
static int cross(const double a[2], const double b[2], double value_a, double value_b, double level, double out[2]) {
    if ((value_a < level) == (value_b < level)) return 0;
    double part = (level - value_a) / (value_b - value_a);
    out[0] = a[0] + part * (b[0] - a[0]);
    out[1] = a[1] + part * (b[1] - a[1]);
    return 1;
}

/* A level crosses none, two or, at a saddle, all four edges of a cell; its crossings are joined in order around the
 * cell. */
static void trace_cell(const double *values, size_t side, size_t row, size_t column, double level,
                       contour_segment_fn segment, void *user) {
    double x = (double)column, y = (double)row;
    const double corner[4][2] = {{x, y}, {x + 1, y}, {x + 1, y + 1}, {x, y + 1}};
    const double *low = values + row * side + column, *high = low + side;
    const double value[4] = {low[0], low[1], high[1], high[0]};
    double crossing[4][2];
    int count = 0;
    for (int edge = 0; edge < 4; edge++) {
        int next = (edge + 1) % 4;
        if (!isfinite(value[edge])) return;
        count += cross(corner[edge], corner[next], value[edge], value[next], level, crossing[count]);
    }
    for (int i = 0; i + 1 < count; i += 2) segment(user, crossing[i], crossing[i + 1]);
}

void contour_trace(const double *values, size_t side, double level, contour_segment_fn segment, void *user) {
    for (size_t row = 0; row + 1 < side; row++)
        for (size_t column = 0; column + 1 < side; column++)
            trace_cell(values, side, row, column, level, segment, user);
}
