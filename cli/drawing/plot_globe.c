#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "drawing/globe.h"
#include "drawing/levels.h"
#include "drawing/plot.h"
#include "session/inputs.h"

#define PANEL 420.0
#define GAP 40.0
#define LEFT 40.0
#define HEADER 105.0
#define FOOTER 30.0
#define ARROWS 160
#define GRID_POINTS (LEVELS_GRID * LEVELS_GRID)
#define TITLE_TEXT 13
#define BEHIND 0.22 /* opacity of what is behind, of that in front */
#define POINT_RADIUS 1.9

static void add_directions(const plot_cloud *cloud, double sum[3]) {
    for (int64_t i = 0; i < cloud->count; i++) {
        const double *point = cloud->rows + 3 * i;
        double length = sqrt(point[0] * point[0] + point[1] * point[1] + point[2] * point[2]);
        for (int j = 0; j < 3 && length > 0; j++) sum[j] += point[j] / length;
    }
}

/* The mean direction of source and target. */
static globe find_view(const plot_data *data) {
    double sum[3] = {0, 0, 0};
    add_directions(&data->source, sum);
    add_directions(&data->target, sum);
    return globe_seen_from(sum);
}

static double opacity(globe_side side, double alpha) { return side == GLOBE_FRONT ? alpha : BEHIND * alpha; }

static void draw_cloud(draw_page *page, const draw_panel *panel, const globe *globe, globe_side side,
                       const plot_cloud *cloud, int kind, double alpha) {
    globe_draw_points(page, panel, globe, side, cloud->rows, cloud->count, POINT_RADIUS,
                      draw_faded(plot_legend[kind].color, opacity(side, alpha)));
}

static void draw_displacements(draw_page *page, const draw_panel *panel, const globe *globe, globe_side side,
                               const plot_data *data) {
    int64_t count = data->source.count, shown = count < ARROWS ? count : ARROWS;
    for (int64_t i = 0; i < shown; i++) {
        int64_t row = i * count / shown;
        globe_draw_arc(page, panel, globe, side, data->source.rows + 3 * row, data->moved.rows + 3 * row,
                       draw_faded(draw_black, opacity(side, 0.6)));
    }
}

static void draw_title(draw_page *page, const draw_panel *panel, const char *title) {
    draw_text(page, panel->left + panel->width / 2, panel->top - 9, DRAW_CENTER, TITLE_TEXT, 1, draw_black, title);
}

static void draw_samples(draw_page *page, const draw_panel *panel, const globe *globe, const plot_data *data) {
    draw_title(page, panel, "source and target");
    for (globe_side side = GLOBE_BACK; side <= GLOBE_FRONT; side++) {
        globe_draw_graticule(page, panel, globe, side);
        draw_cloud(page, panel, globe, side, &data->target, 1, 0.5);
        draw_cloud(page, panel, globe, side, &data->source, 0, 0.5);
    }
}

static void draw_moved(draw_page *page, const draw_panel *panel, const globe *globe, const plot_data *data) {
    draw_title(page, panel, "T(source) over target, with displacements");
    for (globe_side side = GLOBE_BACK; side <= GLOBE_FRONT; side++) {
        globe_draw_graticule(page, panel, globe, side);
        draw_cloud(page, panel, globe, side, &data->target, 1, 0.4);
        draw_cloud(page, panel, globe, side, &data->moved, 2, 0.5);
        draw_displacements(page, panel, globe, side, data);
    }
}

/* The point of the ball at place i of the grid; 0 if that is beside the ball, and any point. */
static int grid_point(const draw_panel *panel, const globe *globe, int i, double point[3]) {
    double xy[2];
    levels_point(panel, i / LEVELS_GRID, i % LEVELS_GRID, xy);
    if (globe_lift(globe, xy, point)) return 1;
    memcpy(point, globe->toward, sizeof globe->toward);
    return 0;
}

/* values: on the grid of the panel, NaN beside the ball. points: room for as many. */
static enot_status evaluate_potential(const plot_data *data, const draw_panel *panel, const globe *globe, double *points,
                                      double *values) {
    for (int i = 0; i < GRID_POINTS; i++) grid_point(panel, globe, i, points + 3 * i);
    enot_status status = enot_map_potential(data->context, data->map, ENOT_INVERSE, points, GRID_POINTS, values);
    for (int i = 0; i < GRID_POINTS; i++)
        if (!grid_point(panel, globe, i, points + 3 * i)) values[i] = NAN;
    return status;
}

static void draw_potential(draw_page *page, const draw_panel *panel, const globe *globe, const plot_data *data,
                           const double *values, const double *target_values) {
    draw_title(page, panel, "level lines of the potential g, over the target");
    for (globe_side side = GLOBE_BACK; side <= GLOBE_FRONT; side++) {
        globe_draw_graticule(page, panel, globe, side);
        draw_cloud(page, panel, globe, side, &data->target, 1, 0.2);
    }
    levels_draw(page, panel, values, target_values, data->target.count);
}

static draw_page *draw_all(const plot_data *data, double *points, double *values, double *target_values) {
    draw_panel panel = globe_panel(LEFT, HEADER, PANEL);
    globe globe = find_view(data);
    enot_status status = evaluate_potential(data, &panel, &globe, points, values);
    if (status == ENOT_OK)
        status = enot_map_potential(data->context, data->map, ENOT_INVERSE, data->target.rows, data->target.count,
                                    target_values);
    int panels = status == ENOT_OK ? 3 : 2;
    draw_page *page = draw_page_create(2 * LEFT + panels * (PANEL + GAP) - GAP, HEADER + PANEL + FOOTER);
    if (page == NULL) return NULL;
    draw_text(page, LEFT, 30, DRAW_LEFT, 16, 1, draw_black, data->title);
    draw_legend(page, LEFT, 58, plot_legend, COUNT_OF(plot_legend));
    draw_samples(page, &panel, &globe, data);
    panel.left += PANEL + GAP;
    draw_moved(page, &panel, &globe, data);
    panel.left += PANEL + GAP;
    if (status == ENOT_OK) draw_potential(page, &panel, &globe, data, values, target_values);
    return page;
}

draw_page *plot_globe(const plot_data *data) {
    double *points = rows_alloc(GRID_POINTS, 3), *values = rows_alloc(GRID_POINTS, 1);
    double *target_values = rows_alloc(data->target.count, 1);
    int made = points != NULL && values != NULL && target_values != NULL;
    draw_page *page = made ? draw_all(data, points, values, target_values) : NULL;
    free(points);
    free(values);
    free(target_values);
    return page;
}
