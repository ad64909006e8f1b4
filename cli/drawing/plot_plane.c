#include <math.h>
#include <stdlib.h>

#include "drawing/levels.h"
#include "drawing/plot.h"
#include "session/inputs.h"

#define PANEL 420.0
#define GAP 76.0
#define LEFT 70.0
#define HEADER 100.0
#define FOOTER 60.0
#define ARROWS 160
#define LIKE_UNITS 4.0 /* axes whose ranges differ by less are drawn to the same scale */

static void widen(double *low, double *high, double range) {
    double middle = (*low + *high) / 2;
    *low = middle - range / 2;
    *high = middle + range / 2;
}

static int find_ranges(const plot_data *data, draw_panel *panel) {
    const plot_cloud clouds[3] = {data->source, data->target, data->moved};
    if (plot_range(clouds, 3, 2, 0, 0, &panel->x_low, &panel->x_high) != 0) return -1;
    if (plot_range(clouds, 3, 2, 1, 0, &panel->y_low, &panel->y_high) != 0) return -1;
    double x_range = panel->x_high - panel->x_low, y_range = panel->y_high - panel->y_low;
    if (fmax(x_range, y_range) < LIKE_UNITS * fmin(x_range, y_range)) {
        widen(&panel->x_low, &panel->x_high, fmax(x_range, y_range));
        widen(&panel->y_low, &panel->y_high, fmax(x_range, y_range));
    }
    return 0;
}

static void draw_cloud(draw_page *page, const draw_panel *panel, const plot_cloud *cloud, int kind, double alpha) {
    draw_points(page, panel, cloud->rows, (size_t)cloud->count, 1.9, draw_faded(plot_legend[kind].color, alpha));
}

static void draw_displacements(draw_page *page, const draw_panel *panel, const plot_data *data) {
    int64_t count = data->source.count, shown = count < ARROWS ? count : ARROWS;
    for (int64_t i = 0; i < shown; i++) {
        int64_t row = i * count / shown;
        draw_arrow(page, panel, data->source.rows + 2 * row, data->moved.rows + 2 * row, draw_faded(draw_black, 0.55));
    }
}

/* values: on the grid; ENOT_OK, or what enot_map_potential said: not every form has this potential. */
static enot_status evaluate_potential(const plot_data *data, const draw_panel *panel, enot_direction direction,
                                      double *points, double *values) {
    for (int row = 0; row < LEVELS_GRID; row++)
        for (int column = 0; column < LEVELS_GRID; column++)
            levels_point(panel, row, column, points + 2 * (row * LEVELS_GRID + column));
    return enot_map_potential(data->context, data->map, direction, points, LEVELS_GRID * LEVELS_GRID, values);
}

static void draw_samples_panels(draw_page *page, const plot_data *data, draw_panel *panel, const char *x,
                                const char *y) {
    draw_frame(page, panel, (draw_labels){"source and target", x, y}, 1);
    draw_cloud(page, panel, &data->target, 1, 0.45);
    draw_cloud(page, panel, &data->source, 0, 0.45);
    panel->left += PANEL + GAP;
    draw_frame(page, panel, (draw_labels){"T(source) over target, with displacements", x, y}, 1);
    draw_cloud(page, panel, &data->target, 1, 0.35);
    draw_cloud(page, panel, &data->moved, 2, 0.45);
    draw_displacements(page, panel, data);
    panel->left += PANEL + GAP;
}

static int draw_potential_panel(draw_page *page, const plot_data *data, const draw_panel *panel,
                                enot_direction direction, const double *values, const char *x, const char *y) {
    int forward = direction == ENOT_FORWARD;
    const char *title =
        forward ? "level lines of the potential f, over the source" : "level lines of the potential g, over the target";
    const plot_cloud *cloud = forward ? &data->source : &data->target;
    double *cloud_values = rows_alloc(cloud->count, 1);
    if (cloud_values == NULL) return -1;
    enot_status status =
        enot_map_potential(data->context, data->map, direction, cloud->rows, cloud->count, cloud_values);
    draw_frame(page, panel, (draw_labels){title, x, y}, 1);
    draw_cloud(page, panel, cloud, forward ? 0 : 1, 0.16);
    if (status == ENOT_OK) levels_draw(page, panel, values, cloud_values, cloud->count);
    free(cloud_values);
    return 0;
}

static draw_page *draw_all(const plot_data *data, double *points, double *values) {
    char x_text[32], y_text[32];
    const char *x = plot_column(data, 0, x_text), *y = plot_column(data, 1, y_text);
    draw_panel panel = {.left = LEFT, .top = HEADER, .width = PANEL, .height = PANEL};
    if (find_ranges(data, &panel) != 0) return NULL;
    enot_direction direction = ENOT_FORWARD;
    enot_status status = evaluate_potential(data, &panel, direction, points, values);
    if (status != ENOT_OK) {
        direction = ENOT_INVERSE;
        status = evaluate_potential(data, &panel, direction, points, values);
    }
    int panels = status == ENOT_OK ? 3 : 2;
    draw_page *page = draw_page_create(LEFT + panels * (PANEL + GAP) - GAP + 30, HEADER + PANEL + FOOTER);
    if (page == NULL) return NULL;
    draw_text(page, LEFT, 30, DRAW_LEFT, 16, 1, draw_black, data->title);
    draw_legend(page, LEFT, 58, plot_legend, COUNT_OF(plot_legend));
    draw_samples_panels(page, data, &panel, x, y);
    if (status != ENOT_OK || draw_potential_panel(page, data, &panel, direction, values, x, y) == 0) return page;
    draw_page_destroy(page);
    return NULL;
}

draw_page *plot_plane(const plot_data *data) {
    double *points = rows_alloc(LEVELS_GRID * LEVELS_GRID, 2), *values = rows_alloc(LEVELS_GRID * LEVELS_GRID, 1);
    draw_page *page = points != NULL && values != NULL ? draw_all(data, points, values) : NULL;
    free(points);
    free(values);
    return page;
}
