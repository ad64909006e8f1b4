#include "drawing/page.h"

/* cairo keeps a pixel as one number, 0xRRGGBB. */
static void fill(cairo_surface_t *surface, int64_t width, int64_t height, int64_t channels, const uint8_t *bytes) {
    cairo_surface_flush(surface);
    unsigned char *rows = cairo_image_surface_get_data(surface);
    int stride = cairo_image_surface_get_stride(surface);
    for (int64_t y = 0; y < height; y++) {
        uint32_t *row = (uint32_t *)(void *)(rows + y * stride);
        for (int64_t x = 0; x < width; x++, bytes += channels)
            row[x] = (uint32_t)bytes[0] << 16 | (uint32_t)bytes[channels / 2] << 8 | bytes[channels - 1];
    }
    cairo_surface_mark_dirty(surface);
}

int draw_image(draw_page *page, double x, double y, int64_t factor, int64_t width, int64_t height, int64_t channels,
               const uint8_t *bytes) {
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)width, (int)height);
    int ready = cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS;
    if (ready) {
        double points = (double)factor / DRAW_PIXELS_PER_POINT; /* of a pixel of the image */
        fill(surface, width, height, channels, bytes);
        cairo_save(page->cairo);
        cairo_translate(page->cairo, x, y);
        cairo_scale(page->cairo, points, points);
        cairo_set_source_surface(page->cairo, surface, 0, 0);
        cairo_pattern_set_filter(cairo_get_source(page->cairo), CAIRO_FILTER_NEAREST);
        cairo_rectangle(page->cairo, 0, 0, (double)width, (double)height);
        cairo_fill(page->cairo);
        cairo_restore(page->cairo);
    }
    cairo_surface_destroy(surface);
    return ready ? 0 : -1;
}
