/* A page of panels with scatter plots, curves and arrows, drawn with cairo and written as PNG. */
#ifndef CLI_DRAW_H
#define CLI_DRAW_H

#include <stddef.h>
#include <stdint.h>

typedef struct draw_color {
    double red, green, blue, alpha;
} draw_color;

extern const draw_color draw_blue, draw_orange, draw_green, draw_grey, draw_black;

/* The same colour at another opacity. */
draw_color draw_faded(draw_color color, double alpha);
/* Between two colours, part in [0, 1]. */
draw_color draw_mixed(draw_color from, draw_color to, double part);

typedef struct draw_page draw_page;

#define DRAW_PIXELS_PER_POINT 2

/* Sizes in points, origin at the top left. NULL without memory. */
draw_page *draw_page_create(double width, double height);
void draw_page_destroy(draw_page *page);
/* The file appears whole or not at all; 0, or -1 with errno. */
int draw_page_write(draw_page *page, const char *path);

typedef enum draw_align { DRAW_LEFT, DRAW_CENTER, DRAW_RIGHT } draw_align;
void draw_text(draw_page *page, double x, double y, draw_align align, double size, int bold, draw_color color,
               const char *text);

/*
 * An image of width x height, each of its pixels as a square of factor x factor pixels of the page, without smoothing.
 * bytes: [height, width, channels], channels 1 or 3. 0, or -1 without memory.
 */
int draw_image(draw_page *page, double x, double y, int64_t factor, int64_t width, int64_t height, int64_t channels,
               const uint8_t *bytes);

/* A rectangle on the page and the range of data it shows. */
typedef struct draw_panel {
    double left, top, width, height;
    double x_low, x_high, y_low, y_high;
} draw_panel;

typedef struct draw_labels {
    const char *title, *x, *y; /* NULL: none */
} draw_labels;

/* The frame with ticks, before the data; y_ticks 0: no scale on the y axis. */
void draw_frame(draw_page *page, const draw_panel *panel, draw_labels labels, int y_ticks);
/* The same without any ticks. */
void draw_bare_frame(draw_page *page, const draw_panel *panel, draw_labels labels);

/* Data of the panel's coordinates; what lies outside the panel is cut off. xy: [count, 2]. */
void draw_points(draw_page *page, const draw_panel *panel, const double *xy, size_t count, double radius,
                 draw_color color);
/* A disc shaded like a ball lit from above left; the panel's axes have one scale. */
void draw_ball(draw_page *page, const draw_panel *panel, const double center[2], double radius, draw_color color);
#define DRAW_ARROW_WIDTH 0.7
void draw_arrow(draw_page *page, const draw_panel *panel, const double from[2], const double to[2], draw_color color);
/* The head alone, at to; no longer than half the way from where it comes. */
void draw_arrow_head(draw_page *page, const draw_panel *panel, const double from[2], const double to[2], draw_color color);
void draw_segment(draw_page *page, const draw_panel *panel, const double from[2], const double to[2], double width,
                  draw_color color);
typedef enum draw_dashes { DRAW_SOLID, DRAW_DASHED, DRAW_DOTTED, DRAW_DASH_DOT, DRAW_DASHES_COUNT } draw_dashes;
/* Through the points xy, [count, 2]. */
void draw_line(draw_page *page, const draw_panel *panel, const double *xy, size_t count, double width, draw_dashes dashes,
               draw_color color);
/* y over count equally spaced x across the panel; filled below with a faded colour. */
void draw_curve(draw_page *page, const draw_panel *panel, const double *y, size_t count, draw_color color);

typedef struct draw_entry {
    const char *label;
    draw_color color;
} draw_entry;
/* Coloured dots with labels in one row, starting at x. */
void draw_legend(draw_page *page, double x, double y, const draw_entry *entries, size_t count);

#endif
