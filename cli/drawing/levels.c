#include "drawing/levels.h"

#include <math.h>

#include "drawing/contour.h"

#define LEVELS 12
#define LEVELS_BEYOND 12 /* more at either side, outside the values that the cloud has */

typedef struct field {
    draw_page *page;
    const draw_panel *panel;
    draw_color color;
} field;

void levels_point(const draw_panel *panel, int row, int column, double xy[2]) {
    xy[0] = panel->x_low + (panel->x_high - panel->x_low) * column / (LEVELS_GRID - 1);
    xy[1] = panel->y_low + (panel->y_high - panel->y_low) * row / (LEVELS_GRID - 1);
}

static void draw_level_segment(void *user, const double from[2], const double to[2]) {
    const field *field = user;
    const draw_panel *panel = field->panel;
    double dx = (panel->x_high - panel->x_low) / (LEVELS_GRID - 1), dy = (panel->y_high - panel->y_low) / (LEVELS_GRID - 1);
    const double start[2] = {panel->x_low + dx * from[0], panel->y_low + dy * from[1]};
    const double end[2] = {panel->x_low + dx * to[0], panel->y_low + dy * to[1]};
    draw_segment(field->page, panel, start, end, 1.1, field->color);
}

void levels_draw(draw_page *page, const draw_panel *panel, const double *values, const double *cloud_values, int64_t count) {
    static const draw_color low_color = {0.27, 0.00, 0.43, 0.9}, high_color = {0.95, 0.65, 0.10, 0.9};
    double low = cloud_values[0], high = cloud_values[0];
    for (int64_t i = 1; i < count; i++) {
        low = fmin(low, cloud_values[i]);
        high = fmax(high, cloud_values[i]);
    }
    for (int k = -LEVELS_BEYOND; k < LEVELS + LEVELS_BEYOND; k++) {
        double part = (k + 0.5) / LEVELS;
        field field = {page, panel, draw_mixed(low_color, high_color, fmin(fmax(part, 0), 1))};
        contour_trace(values, LEVELS_GRID, low + part * (high - low), draw_level_segment, &field);
    }
}
