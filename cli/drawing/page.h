/* What a page is made of, for the files that draw on it. */
#ifndef CLI_PAGE_H
#define CLI_PAGE_H

#include <cairo.h>

#include "drawing/draw.h"

struct draw_page {
    cairo_surface_t *surface;
    cairo_t *cairo;
};

#endif
