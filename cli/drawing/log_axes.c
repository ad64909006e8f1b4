#include "drawing/log_axes.h"

#include <math.h>
#include <stdio.h>

#define TICK_TEXT 9.5
#define WIDE_DECADE 110.0 /* of this length and more: 2 and 5 have numbers too */

/* One line across the panel, at digit times a power of ten. */
typedef struct tick {
    int digit, decade;
    int labelled;
} tick;

typedef void (*tick_fn)(draw_page *page, const draw_panel *panel, tick tick);

static double position(tick tick) { return tick.decade + log10(tick.digit); }

static draw_color shade(tick tick) { return draw_faded(draw_grey, tick.digit == 1 ? 0.45 : 0.16); }

static void format(tick tick, char *text, size_t capacity) {
    snprintf(text, capacity, "%.6g", tick.digit * pow(10, tick.decade));
}

static void draw_x(draw_page *page, const draw_panel *panel, tick tick) {
    char text[32];
    double x = position(tick), part = (x - panel->x_low) / (panel->x_high - panel->x_low);
    draw_segment(page, panel, (double[]){x, panel->y_low}, (double[]){x, panel->y_high}, 0.6, shade(tick));
    format(tick, text, sizeof text);
    if (tick.labelled)
        draw_text(page, panel->left + part * panel->width, panel->top + panel->height + 15, DRAW_CENTER, TICK_TEXT, 0, draw_black,
                  text);
}

static void draw_y(draw_page *page, const draw_panel *panel, tick tick) {
    char text[32];
    double y = position(tick), part = (panel->y_high - y) / (panel->y_high - panel->y_low);
    draw_segment(page, panel, (double[]){panel->x_low, y}, (double[]){panel->x_high, y}, 0.6, shade(tick));
    format(tick, text, sizeof text);
    if (tick.labelled)
        draw_text(page, panel->left - 6, panel->top + part * panel->height + 3.5, DRAW_RIGHT, TICK_TEXT, 0, draw_black, text);
}

/* Every tick from low to high on an axis of this length. */
static void draw_ticks(draw_page *page, const draw_panel *panel, double low, double high, double length, tick_fn draw) {
    int all = length / (high - low) >= WIDE_DECADE;
    for (int decade = (int)floor(low); decade <= high; decade++)
        for (int digit = 1; digit < 10; digit++) {
            tick tick = {digit, decade, digit == 1 || (all && (digit == 2 || digit == 5))};
            if (position(tick) >= low && position(tick) <= high) draw(page, panel, tick);
        }
}

void log_axes_draw(draw_page *page, const draw_panel *panel) {
    draw_ticks(page, panel, panel->x_low, panel->x_high, panel->width, draw_x);
    draw_ticks(page, panel, panel->y_low, panel->y_high, panel->height, draw_y);
}
