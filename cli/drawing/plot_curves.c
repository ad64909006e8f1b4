#include "drawing/plot_curves.h"

#include <math.h>
#include <stdlib.h>

#include "drawing/curve_marks.h"
#include "drawing/log_axes.h"

#define WIDTH 860.0
#define LEFT 72.0
#define RIGHT 24.0
#define MARKS_WIDTH 140.0 /* of their labels */
#define HEADER 46.0       /* the title */
#define FOOTER 50.0
#define LEAST_HEIGHT 400.0
#define LEGEND_COLUMNS 3
#define LEGEND_ROW 18.0
#define LEGEND_TEXT 11.0
#define SAMPLE 30.0 /* length of a line in the legend */
#define ROOM 0.04   /* of a range, beyond the data at each end */
#define MARKS_ROOM 0.07

typedef struct range {
    double low, high; /* logarithms */
} range;

static void include(range *range, double value) {
    range->low = fmin(range->low, log10(value));
    range->high = fmax(range->high, log10(value));
}

/* At least a decade, with room at both ends; a decade from 1 if nothing is in it. */
static range widened(range r, double room_below, double room_above) {
    if (!(r.low <= r.high)) r = (range){0, 1};
    double lacking = fmax(1 - (r.high - r.low), 0) / 2;
    double length = r.high - r.low + 2 * lacking;
    return (range){r.low - lacking - room_below * length, r.high + lacking + room_above * length};
}

static int has_logarithms(const double point[2]) {
    return isfinite(point[0]) && isfinite(point[1]) && point[0] > 0 && point[1] > 0;
}

static void find_ranges(const curve_plot *plot, draw_panel *panel) {
    range x = {INFINITY, -INFINITY}, y = x;
    for (size_t c = 0; c < plot->curve_count; c++)
        for (size_t i = 0; i < plot->curves[c].count; i++) {
            const double *point = plot->curves[c].xy + 2 * i;
            if (!has_logarithms(point)) continue;
            include(&x, point[0]);
            include(&y, point[1]);
        }
    for (size_t i = 0; i < plot->mark_count; i++) include(&y, plot->marks[i].y);
    x = widened(x, ROOM, plot->mark_count > 0 ? MARKS_ROOM : ROOM);
    y = widened(y, ROOM, ROOM);
    panel->x_low = x.low;
    panel->x_high = x.high;
    panel->y_low = y.low;
    panel->y_high = y.high;
}

static int draw_one(draw_page *page, const draw_panel *panel, const curve *curve) {
    double *logs = malloc((2 * curve->count + 1) * sizeof *logs);
    size_t count = 0;
    if (logs == NULL) return -1;
    for (size_t i = 0; i < curve->count; i++) {
        if (!has_logarithms(curve->xy + 2 * i)) continue;
        logs[2 * count] = log10(curve->xy[2 * i]);
        logs[2 * count + 1] = log10(curve->xy[2 * i + 1]);
        count++;
    }
    draw_line(page, panel, logs, count, 1.8, curve->dashes, curve->color);
    draw_points(page, panel, logs, count, 2.4, curve->color);
    free(logs);
    return 0;
}

static size_t legend_rows(const curve_plot *plot) { return (plot->curve_count + LEGEND_COLUMNS - 1) / LEGEND_COLUMNS; }

/* Column by column. */
static void draw_curve_legend(draw_page *page, const draw_panel *whole, const curve_plot *plot) {
    for (size_t i = 0; i < plot->curve_count; i++) {
        const curve *curve = &plot->curves[i];
        double x = LEFT + (WIDTH - LEFT - RIGHT) / LEGEND_COLUMNS * (double)(i / legend_rows(plot));
        double y = HEADER + LEGEND_ROW * (double)(i % legend_rows(plot));
        const double line[] = {x, y - 4, x + SAMPLE, y - 4};
        draw_line(page, whole, line, 2, 1.8, curve->dashes, curve->color);
        draw_points(page, whole, (double[]){x + SAMPLE / 2, y - 4}, 1, 2.4, curve->color);
        draw_text(page, x + SAMPLE + 6, y, DRAW_LEFT, LEGEND_TEXT, 0, draw_black, curve->label);
    }
}

static int draw_all(draw_page *page, const draw_panel *whole, const draw_panel *panel, const curve_plot *plot) {
    draw_text(page, LEFT, 24, DRAW_LEFT, 15, 1, draw_black, plot->title);
    draw_curve_legend(page, whole, plot);
    log_axes_draw(page, panel);
    draw_bare_frame(page, panel, (draw_labels){NULL, plot->x, plot->y});
    for (size_t i = 0; i < plot->curve_count; i++)
        if (draw_one(page, panel, &plot->curves[i]) != 0) return -1;
    if (plot->mark_count == 0) return 0;
    draw_text(page, panel->left + panel->width + 16, panel->top - 12, DRAW_LEFT, LEGEND_TEXT, 1, draw_black, plot->marks_title);
    return curve_marks_draw(page, whole, panel, plot);
}

draw_page *plot_curves(const curve_plot *plot) {
    double right = plot->mark_count > 0 ? RIGHT + MARKS_WIDTH : RIGHT;
    draw_panel panel = {.left = LEFT, .top = HEADER + LEGEND_ROW * (double)legend_rows(plot) + 8, .width = WIDTH - LEFT - right,
                        .height = fmax(LEAST_HEIGHT, curve_marks_height(plot->mark_count))};
    double height = panel.top + panel.height + FOOTER;
    const draw_panel whole = {0, 0, WIDTH, height, 0, WIDTH, height, 0};
    draw_page *page = draw_page_create(WIDTH, height);
    if (page == NULL) return NULL;
    find_ranges(plot, &panel);
    if (draw_all(page, &whole, &panel, plot) == 0) return page;
    draw_page_destroy(page);
    return NULL;
}
