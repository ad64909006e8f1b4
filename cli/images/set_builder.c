#include "images/set_builder.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

int set_error(char error[IMAGE_SET_ERROR_CAPACITY], const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error, IMAGE_SET_ERROR_CAPACITY, format, arguments);
    va_end(arguments);
    return -1;
}

static void begin(set_builder *builder, const raster *picture) {
    builder->set->height = builder->size > 0 ? builder->size : picture->height;
    builder->set->width = builder->size > 0 ? builder->size : picture->width;
    builder->set->channels = picture->channels;
}

static int check_size(const set_builder *builder, const char *name, const raster *picture,
                      char error[IMAGE_SET_ERROR_CAPACITY]) {
    const image_set *set = builder->set;
    if (builder->size > 0 || (picture->height == set->height && picture->width == set->width)) return 0;
    return set_error(error,
                     "%s/%s has %lld x %lld pixels where those before it have %lld x %lld: bring all to one size with "
                     "--image-size N",
                     builder->path, name, (long long)picture->width, (long long)picture->height, (long long)set->width,
                     (long long)set->height);
}

/* Room for count images of so many channels. */
static int reserve(set_builder *builder, int64_t count, int64_t channels, char error[IMAGE_SET_ERROR_CAPACITY]) {
    image_set *set = builder->set;
    int64_t values;
    int too_many = __builtin_mul_overflow(set->height * set->width * channels, count, &values) ||
                   values > INT64_MAX / 2 / (int64_t)sizeof *set->pixels;
    if (!too_many && values <= builder->capacity) return 0;
    if (!too_many && values < builder->capacity + builder->capacity / 2) values = builder->capacity + builder->capacity / 2;
    float *pixels = too_many ? NULL : realloc(set->pixels, (size_t)values * sizeof *pixels);
    if (pixels == NULL)
        return set_error(error, "%s: no memory for %lld images of %lld x %lld pixels: give a smaller --image-size",
                         builder->path, (long long)count, (long long)set->width, (long long)set->height);
    set->pixels = pixels;
    builder->capacity = values;
    return 0;
}

/* The images so far become RGB. */
static int add_colors(set_builder *builder, char error[IMAGE_SET_ERROR_CAPACITY]) {
    if (image_set_make_rgb(builder->set) != 0) return set_error(error, "%s: out of memory", builder->path);
    builder->capacity = builder->set->count * image_set_dim(builder->set);
    return 0;
}

static int fill(const set_builder *builder, const raster *picture, float *row) {
    const image_set *set = builder->set;
    if (builder->size == 0)
        raster_copy(picture, row);
    else if (raster_resize(picture, builder->size, row) != 0)
        return -1;
    if (picture->channels < set->channels) image_set_spread(row, set->height * set->width);
    return 0;
}

int set_builder_add(set_builder *builder, const char *name, const raster *picture, char error[IMAGE_SET_ERROR_CAPACITY]) {
    image_set *set = builder->set;
    if (set->count == 0) begin(builder, picture);
    if (check_size(builder, name, picture, error) != 0) return -1;
    if (picture->channels > set->channels && add_colors(builder, error) != 0) return -1;
    if (reserve(builder, set->count + 1, set->channels, error) != 0) return -1;
    if (fill(builder, picture, set->pixels + set->count * image_set_dim(set)) != 0 ||
        (name != NULL && text_list_add(&set->names, name) != 0))
        return set_error(error, "%s: out of memory", builder->path);
    set->count++;
    return 0;
}
