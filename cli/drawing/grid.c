#include "drawing/grid.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drawing/draw.h"
#include "images/nearest.h"
#include "images/set_builder.h"

#define COLUMNS_MOST 3
#define LEAST_WIDTH 180       /* pixels of the page that an image is enlarged to at least: its title fits above */
#define PAGE_PIXELS_MOST 30000 /* of a side, that cairo and viewers of pictures can take */
#define MARGIN 14.0           /* points, as all below */
#define GAP 4.0
#define HEADER 34.0
#define TITLE_TEXT 11

typedef struct grid_column {
    const char *title;
    const image_set *images;
    const int64_t *rows; /* which images, NULL: the first */
} grid_column;

typedef struct grid {
    grid_column columns[COLUMNS_MOST];
    int64_t column_count, rows;
    int64_t factor;               /* pixels of the page for one of an image */
    double cell_width, cell_height;
    int64_t *nearest;             /* [rows] */
    uint8_t *bytes;               /* of one image */
} grid;

static void add_column(grid *grid, const char *title, const image_set *images, const int64_t *rows) {
    grid->columns[grid->column_count++] = (grid_column){title, images, rows};
}

static int has_size_of(const image_set *set, const image_set *other) {
    return set->height == other->height && set->width == other->width && set->channels == other->channels;
}

static int check_sets(const image_set *source, const image_set *transported, const image_set *target,
                      char error[IMAGE_SET_ERROR_CAPACITY]) {
    if (transported != NULL && (!has_size_of(transported, source) || transported->count != source->count))
        return set_error(error, "the moved images are not as many, or not of the size, of the source");
    if (target == NULL || has_size_of(target, source)) return 0;
    return set_error(error,
                     "the source's images are of %lld x %lld pixels and %lld channels, the target's of %lld x %lld and %lld: "
                     "bring both to one size with --image-size N",
                     (long long)source->width, (long long)source->height, (long long)source->channels, (long long)target->width,
                     (long long)target->height, (long long)target->channels);
}

static int choose_columns(grid *grid, const image_set *source, const image_set *transported, const image_set *target) {
    add_column(grid, "source", source, NULL);
    if (transported != NULL) add_column(grid, "T(source)", transported, NULL);
    if (target == NULL) return 0;
    grid->nearest = malloc((size_t)grid->rows * sizeof *grid->nearest);
    if (grid->nearest == NULL) return -1;
    add_column(grid, "nearest target", target, grid->nearest);
    return image_set_nearest(transported != NULL ? transported : source, grid->rows, target, grid->nearest);
}

static void measure(grid *grid, const image_set *source) {
    grid->factor = (LEAST_WIDTH + source->width - 1) / source->width;
    grid->cell_width = (double)(grid->factor * source->width) / DRAW_PIXELS_PER_POINT;
    grid->cell_height = (double)(grid->factor * source->height) / DRAW_PIXELS_PER_POINT;
}

static double page_height(const grid *grid) {
    return HEADER + (double)grid->rows * (grid->cell_height + GAP) - GAP + MARGIN;
}

static double page_width(const grid *grid) {
    return 2 * MARGIN + (double)grid->column_count * (grid->cell_width + GAP) - GAP;
}

static int check_page(const grid *grid, char error[IMAGE_SET_ERROR_CAPACITY]) {
    double most = (double)PAGE_PIXELS_MOST / DRAW_PIXELS_PER_POINT;
    if (page_width(grid) <= most && page_height(grid) <= most) return 0;
    return set_error(error, "%lld rows of these images are more than a picture can take: draw fewer, or smaller images",
                     (long long)grid->rows);
}

static int draw_column(draw_page *page, const grid *grid, const grid_column *column, double x) {
    const image_set *images = column->images;
    int64_t dim = image_set_dim(images);
    draw_text(page, x + grid->cell_width / 2, HEADER - 10, DRAW_CENTER, TITLE_TEXT, 1, draw_black, column->title);
    for (int64_t i = 0; i < grid->rows; i++) {
        int64_t row = column->rows != NULL ? column->rows[i] : i;
        image_set_bytes(images->pixels + row * dim, dim, grid->bytes);
        if (draw_image(page, x, HEADER + (double)i * (grid->cell_height + GAP), grid->factor, images->width, images->height,
                       images->channels, grid->bytes) != 0)
            return -1;
    }
    return 0;
}

static int draw_columns(draw_page *page, const grid *grid) {
    for (int64_t c = 0; c < grid->column_count; c++)
        if (draw_column(page, grid, &grid->columns[c], MARGIN + (double)c * (grid->cell_width + GAP)) != 0) return -1;
    return 0;
}

static int write_page(const grid *grid, const char *path, char error[IMAGE_SET_ERROR_CAPACITY]) {
    draw_page *page = draw_page_create(page_width(grid), page_height(grid));
    int result = page != NULL && draw_columns(page, grid) == 0 ? 0 : set_error(error, "out of memory");
    if (result == 0 && draw_page_write(page, path) != 0)
        result = set_error(error, "%s: cannot write it: %s", path, strerror(errno));
    draw_page_destroy(page);
    return result;
}

int grid_draw(const image_set *source, const image_set *transported, const image_set *target, int64_t rows, const char *path,
              char error[IMAGE_SET_ERROR_CAPACITY]) {
    if (check_sets(source, transported, target, error) != 0) return -1;
    grid grid = {.rows = rows < source->count ? rows : source->count};
    measure(&grid, source);
    grid.bytes = malloc((size_t)image_set_dim(source));
    int ready = grid.bytes != NULL && choose_columns(&grid, source, transported, target) == 0;
    int result = ready ? check_page(&grid, error) : set_error(error, "out of memory");
    if (result == 0) result = write_page(&grid, path, error);
    free(grid.bytes);
    free(grid.nearest);
    return result;
}
