#include "drawing/page.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "session/outfile.h"

#define FONT "sans-serif"
#define TICK_TEXT 9.5
#define LABEL_TEXT 11
#define TITLE_TEXT 13
#define LEAST_ARROW 1.0 /* shorter ones are not drawn */
#define TICK_SPACING 62.0 /* about, between two ticks */

/* Okabe and Ito's palette, which colour-blind readers can tell apart. */
const draw_color draw_blue = {0.00, 0.45, 0.70, 1};
const draw_color draw_orange = {0.90, 0.45, 0.00, 1};
const draw_color draw_green = {0.00, 0.55, 0.40, 1};
const draw_color draw_grey = {0.55, 0.55, 0.55, 1};
const draw_color draw_black = {0.12, 0.12, 0.12, 1};

draw_color draw_faded(draw_color color, double alpha) {
    color.alpha = alpha;
    return color;
}

draw_color draw_mixed(draw_color from, draw_color to, double part) {
    return (draw_color){from.red + part * (to.red - from.red), from.green + part * (to.green - from.green),
                        from.blue + part * (to.blue - from.blue), from.alpha + part * (to.alpha - from.alpha)};
}

draw_page *draw_page_create(double width, double height) {
    draw_page *page = calloc(1, sizeof *page);
    if (page == NULL) return NULL;
    page->surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)(width * DRAW_PIXELS_PER_POINT),
                                               (int)(height * DRAW_PIXELS_PER_POINT));
    page->cairo = cairo_create(page->surface);
    if (cairo_status(page->cairo) != CAIRO_STATUS_SUCCESS) {
        draw_page_destroy(page);
        return NULL;
    }
    cairo_scale(page->cairo, DRAW_PIXELS_PER_POINT, DRAW_PIXELS_PER_POINT);
    cairo_set_source_rgb(page->cairo, 1, 1, 1);
    cairo_paint(page->cairo);
    return page;
}

void draw_page_destroy(draw_page *page) {
    if (page == NULL) return;
    cairo_destroy(page->cairo);
    cairo_surface_destroy(page->surface);
    free(page);
}

static cairo_status_t write_bytes(void *stream, const unsigned char *bytes, unsigned int count) {
    return fwrite(bytes, 1, count, stream) == count ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

int draw_page_write(draw_page *page, const char *path) {
    outfile file;
    if (outfile_open(&file, path) != 0) return -1;
    if (cairo_surface_write_to_png_stream(page->surface, write_bytes, file.stream) != CAIRO_STATUS_SUCCESS) {
        outfile_discard(&file);
        return -1;
    }
    return outfile_commit(&file);
}

static void use_color(cairo_t *cairo, draw_color color) {
    cairo_set_source_rgba(cairo, color.red, color.green, color.blue, color.alpha);
}

void draw_text(draw_page *page, double x, double y, draw_align align, double size, int bold, draw_color color,
               const char *text) {
    cairo_text_extents_t extents;
    cairo_select_font_face(page->cairo, FONT, CAIRO_FONT_SLANT_NORMAL,
                           bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(page->cairo, size);
    cairo_text_extents(page->cairo, text, &extents);
    if (align == DRAW_CENTER) x -= extents.x_advance / 2;
    if (align == DRAW_RIGHT) x -= extents.x_advance;
    use_color(page->cairo, color);
    cairo_move_to(page->cairo, x, y);
    cairo_show_text(page->cairo, text);
}

static double page_x(const draw_panel *panel, double x) {
    return panel->left + (x - panel->x_low) / (panel->x_high - panel->x_low) * panel->width;
}

static double page_y(const draw_panel *panel, double y) {
    return panel->top + (panel->y_high - y) / (panel->y_high - panel->y_low) * panel->height;
}

/* 1, 2 or 5 times a power of ten, so that ticks over a length of the page are about TICK_SPACING apart. */
static double tick_step(double range, double length) {
    double raw = range * TICK_SPACING / length;
    double power = pow(10, floor(log10(raw)));
    double part = raw / power;
    return power * (part < 1.5 ? 1 : part < 3.5 ? 2 : part < 7.5 ? 5 : 10);
}

static void format_tick(char *text, size_t capacity, double value, double step) {
    if (fabs(value) < step * 1e-6) value = 0;
    snprintf(text, capacity, "%.6g", value);
}

static void draw_x_ticks(draw_page *page, const draw_panel *panel) {
    char text[32];
    double bottom = panel->top + panel->height;
    double step = tick_step(panel->x_high - panel->x_low, panel->width);
    for (double x = ceil(panel->x_low / step) * step; x <= panel->x_high; x += step) {
        cairo_move_to(page->cairo, page_x(panel, x), bottom);
        cairo_rel_line_to(page->cairo, 0, 4);
        cairo_stroke(page->cairo);
        format_tick(text, sizeof text, x, step);
        draw_text(page, page_x(panel, x), bottom + 15, DRAW_CENTER, TICK_TEXT, 0, draw_black, text);
    }
}

static void draw_y_ticks(draw_page *page, const draw_panel *panel) {
    char text[32];
    double step = tick_step(panel->y_high - panel->y_low, panel->height);
    for (double y = ceil(panel->y_low / step) * step; y <= panel->y_high; y += step) {
        cairo_move_to(page->cairo, panel->left, page_y(panel, y));
        cairo_rel_line_to(page->cairo, -4, 0);
        cairo_stroke(page->cairo);
        format_tick(text, sizeof text, y, step);
        draw_text(page, panel->left - 7, page_y(panel, y) + 3.5, DRAW_RIGHT, TICK_TEXT, 0, draw_black, text);
    }
}

static void draw_y_label(draw_page *page, const draw_panel *panel, const char *label) {
    cairo_save(page->cairo);
    cairo_translate(page->cairo, panel->left - 42, panel->top + panel->height / 2);
    cairo_rotate(page->cairo, -M_PI / 2);
    draw_text(page, 0, 0, DRAW_CENTER, LABEL_TEXT, 0, draw_black, label);
    cairo_restore(page->cairo);
}

void draw_bare_frame(draw_page *page, const draw_panel *panel, draw_labels labels) {
    double middle = panel->left + panel->width / 2;
    cairo_set_line_width(page->cairo, 0.8);
    use_color(page->cairo, draw_grey);
    cairo_rectangle(page->cairo, panel->left, panel->top, panel->width, panel->height);
    cairo_stroke(page->cairo);
    if (labels.title != NULL)
        draw_text(page, middle, panel->top - 9, DRAW_CENTER, TITLE_TEXT, 1, draw_black, labels.title);
    if (labels.x != NULL)
        draw_text(page, middle, panel->top + panel->height + 32, DRAW_CENTER, LABEL_TEXT, 0, draw_black, labels.x);
    if (labels.y != NULL) draw_y_label(page, panel, labels.y);
}

void draw_frame(draw_page *page, const draw_panel *panel, draw_labels labels, int y_ticks) {
    draw_bare_frame(page, panel, labels);
    cairo_set_line_width(page->cairo, 0.8);
    draw_x_ticks(page, panel);
    if (y_ticks) draw_y_ticks(page, panel);
}

static void begin_clip(draw_page *page, const draw_panel *panel) {
    cairo_save(page->cairo);
    cairo_rectangle(page->cairo, panel->left, panel->top, panel->width, panel->height);
    cairo_clip(page->cairo);
}

void draw_points(draw_page *page, const draw_panel *panel, const double *xy, size_t count, double radius,
                 draw_color color) {
    begin_clip(page, panel);
    use_color(page->cairo, color);
    for (size_t i = 0; i < count; i++) {
        cairo_arc(page->cairo, page_x(panel, xy[2 * i]), page_y(panel, xy[2 * i + 1]), radius, 0, 2 * M_PI);
        cairo_fill(page->cairo);
    }
    cairo_restore(page->cairo);
}

void draw_ball(draw_page *page, const draw_panel *panel, const double center[2], double radius, draw_color color) {
    double x = page_x(panel, center[0]), y = page_y(panel, center[1]);
    double size = radius * panel->width / (panel->x_high - panel->x_low);
    cairo_pattern_t *shade = cairo_pattern_create_radial(x - size / 3, y - size / 3, 0, x, y, size);
    draw_color rim = draw_mixed(color, draw_black, 0.12);
    cairo_pattern_add_color_stop_rgb(shade, 0, 1, 1, 1);
    cairo_pattern_add_color_stop_rgb(shade, 0.6, color.red, color.green, color.blue);
    cairo_pattern_add_color_stop_rgb(shade, 1, rim.red, rim.green, rim.blue);
    cairo_set_source(page->cairo, shade);
    cairo_arc(page->cairo, x, y, size, 0, 2 * M_PI);
    cairo_fill(page->cairo);
    cairo_pattern_destroy(shade);
}

void draw_segment(draw_page *page, const draw_panel *panel, const double from[2], const double to[2], double width,
                  draw_color color) {
    begin_clip(page, panel);
    use_color(page->cairo, color);
    cairo_set_line_width(page->cairo, width);
    cairo_move_to(page->cairo, page_x(panel, from[0]), page_y(panel, from[1]));
    cairo_line_to(page->cairo, page_x(panel, to[0]), page_y(panel, to[1]));
    cairo_stroke(page->cairo);
    cairo_restore(page->cairo);
}

static void use_dashes(cairo_t *cairo, draw_dashes dashes) {
    static const double patterns[DRAW_DASHES_COUNT][4] = {
        [DRAW_DASHED] = {7, 4, 7, 4}, [DRAW_DOTTED] = {1.5, 3, 1.5, 3}, [DRAW_DASH_DOT] = {8, 3, 1.5, 3}};
    cairo_set_dash(cairo, patterns[dashes], dashes == DRAW_SOLID ? 0 : 4, 0);
}

void draw_line(draw_page *page, const draw_panel *panel, const double *xy, size_t count, double width, draw_dashes dashes,
               draw_color color) {
    begin_clip(page, panel);
    use_color(page->cairo, color);
    use_dashes(page->cairo, dashes);
    cairo_set_line_width(page->cairo, width);
    cairo_set_line_join(page->cairo, CAIRO_LINE_JOIN_ROUND);
    for (size_t i = 0; i < count; i++) cairo_line_to(page->cairo, page_x(panel, xy[2 * i]), page_y(panel, xy[2 * i + 1]));
    cairo_stroke(page->cairo);
    cairo_restore(page->cairo);
}

void draw_arrow_head(draw_page *page, const draw_panel *panel, const double from[2], const double to[2], draw_color color) {
    double x = page_x(panel, to[0]), y = page_y(panel, to[1]);
    double dx = x - page_x(panel, from[0]), dy = y - page_y(panel, from[1]);
    double length = hypot(dx, dy);
    if (length < LEAST_ARROW) return;
    double head = fmin(4.5, length / 2);
    dx *= head / length;
    dy *= head / length;
    begin_clip(page, panel);
    use_color(page->cairo, color);
    cairo_move_to(page->cairo, x, y);
    cairo_line_to(page->cairo, x - dx - 0.4 * dy, y - dy + 0.4 * dx);
    cairo_line_to(page->cairo, x - dx + 0.4 * dy, y - dy - 0.4 * dx);
    cairo_close_path(page->cairo);
    cairo_fill(page->cairo);
    cairo_restore(page->cairo);
}

void draw_arrow(draw_page *page, const draw_panel *panel, const double from[2], const double to[2], draw_color color) {
    double dx = page_x(panel, to[0]) - page_x(panel, from[0]), dy = page_y(panel, to[1]) - page_y(panel, from[1]);
    if (hypot(dx, dy) < LEAST_ARROW) return;
    draw_segment(page, panel, from, to, DRAW_ARROW_WIDTH, color);
    draw_arrow_head(page, panel, from, to, color);
}

static void trace_curve(draw_page *page, const draw_panel *panel, const double *y, size_t count) {
    for (size_t i = 0; i < count; i++) {
        double x = panel->left + panel->width * (double)i / (double)(count - 1);
        cairo_line_to(page->cairo, x, page_y(panel, y[i]));
    }
}

void draw_curve(draw_page *page, const draw_panel *panel, const double *y, size_t count, draw_color color) {
    begin_clip(page, panel);
    cairo_move_to(page->cairo, panel->left, panel->top + panel->height);
    trace_curve(page, panel, y, count);
    cairo_line_to(page->cairo, panel->left + panel->width, panel->top + panel->height);
    use_color(page->cairo, draw_faded(color, 0.10));
    cairo_fill(page->cairo);
    trace_curve(page, panel, y, count);
    use_color(page->cairo, color);
    cairo_set_line_width(page->cairo, 1.4);
    cairo_stroke(page->cairo);
    cairo_restore(page->cairo);
}

void draw_legend(draw_page *page, double x, double y, const draw_entry *entries, size_t count) {
    for (size_t i = 0; i < count; i++) {
        cairo_text_extents_t extents;
        use_color(page->cairo, draw_faded(entries[i].color, 1));
        cairo_arc(page->cairo, x + 4, y - 4, 4, 0, 2 * M_PI);
        cairo_fill(page->cairo);
        draw_text(page, x + 13, y, DRAW_LEFT, LABEL_TEXT, 0, draw_black, entries[i].label);
        cairo_text_extents(page->cairo, entries[i].label, &extents);
        x += extents.x_advance + 32;
    }
}
