/* Folders and PNG files of every kind for the tests of images. */
#ifndef ENOT_TESTS_PICTURES_H
#define ENOT_TESTS_PICTURES_H

#include "files.h"

#include <png.h>

static inline void remove_tree(const char *path) {
    DIR *directory = opendir(path);
    for (struct dirent *entry; directory && (entry = readdir(directory));) {
        char inner[2 * PATH_CAPACITY];
        assert_true(snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name) < (int)sizeof inner);
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 && remove(inner) != 0) remove_tree(inner);
    }
    if (directory) closedir(directory);
    remove(path);
}

/* An empty folder of the fixture; what it held is gone. */
static inline void make_folder(const fixture *at, const char *name, char path[PATH_CAPACITY]) {
    path_in(at, name, path);
    remove_tree(path);
    assert_int_equal(mkdir(path, 0700), 0);
}

static inline int pictures_destroy(void **state) {
    fixture *made = *state;
    remove_tree(made->directory);
    enot_context_destroy(made->context);
    free(made);
    return 0;
}

typedef struct png_kind {
    int color_type, depth;
    size_t row_size; /* bytes */
    png_color palette[4];
    png_byte palette_alpha[4];
    int palette_count, alpha_count;
} png_kind;

static inline void write_png(const char *path, png_kind kind, uint32_t width, uint32_t height, const uint8_t *rows) {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    png_init_io(png, file);
    png_set_IHDR(png, info, width, height, kind.depth, kind.color_type, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    if (kind.palette_count > 0) png_set_PLTE(png, info, kind.palette, kind.palette_count);
    if (kind.alpha_count > 0) png_set_tRNS(png, info, kind.palette_alpha, kind.alpha_count, NULL);
    png_write_info(png, info);
    for (uint32_t y = 0; y < height; y++) png_write_row(png, rows + y * kind.row_size);
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    assert_int_equal(fclose(file), 0);
}

/* folder/name, of one value (grey) or three. */
static inline void write_plain_png(const char *folder, const char *name, uint32_t width, uint32_t height, const uint8_t *value,
                                   size_t channels) {
    char path[2 * PATH_CAPACITY];
    uint8_t *rows = malloc(width * height * channels);
    assert_non_null(rows);
    for (size_t i = 0; i < width * height * channels; i++) rows[i] = value[i % channels];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    png_kind kind = {channels == 1 ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB, 8, width * channels, .palette_count = 0};
    write_png(path, kind, width, height, rows);
    free(rows);
}

#endif
