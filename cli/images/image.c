#include "images/image.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arguments/text.h"
#include "images/image_codec.h"
#include "session/outfile.h"

static const uint8_t jpeg_magic[] = {0xff, 0xd8, 0xff};
static const uint8_t png_magic[] = {0x89, 'P', 'N', 'G'};

int image_check_size(uint32_t width, uint32_t height, char error[IMAGE_ERROR_CAPACITY]) {
    if (width > 0 && height > 0 && (uint64_t)width * height <= IMAGE_PIXELS_MOST) return 0;
    snprintf(error, IMAGE_ERROR_CAPACITY, "%u x %u pixels, where at most %d million are read; scale it down", width, height,
             IMAGE_PIXELS_MOST / 1000000);
    return -1;
}

int image_alloc(image *image, uint32_t width, uint32_t height, uint32_t channels, char error[IMAGE_ERROR_CAPACITY]) {
    image->width = width;
    image->height = height;
    image->channels = channels;
    image->pixels = calloc(image_pixel_count(image), channels);
    if (image->pixels != NULL) return 0;
    snprintf(error, IMAGE_ERROR_CAPACITY, "no memory for %u x %u pixels", width, height);
    return -1;
}

void image_free(image *image) {
    free(image->pixels);
    image->pixels = NULL;
}

size_t image_pixel_count(const image *image) {
    return (size_t)image->width * image->height;
}

int image_to_rgb(image *image) {
    if (image->channels == 3) return 0;
    size_t count = image_pixel_count(image);
    uint8_t *rgb = malloc(3 * count);
    if (rgb == NULL) return -1;
    for (size_t i = 0; i < count; i++) memset(rgb + 3 * i, image->pixels[i], 3);
    image_free(image);
    image->pixels = rgb;
    image->channels = 3;
    return 0;
}

static int decode(FILE *stream, image *image, char error[IMAGE_ERROR_CAPACITY]) {
    uint8_t magic[4] = {0};
    size_t length = fread(magic, 1, sizeof magic, stream);
    rewind(stream);
    if (length == 0) {
        snprintf(error, IMAGE_ERROR_CAPACITY, "the file is empty");
        return -1;
    }
    if (memcmp(magic, jpeg_magic, sizeof jpeg_magic) == 0) return jpeg_decode(stream, image, error);
    if (memcmp(magic, png_magic, sizeof png_magic) == 0) return png_decode(stream, image, error);
    snprintf(error, IMAGE_ERROR_CAPACITY, "neither a JPEG nor a PNG file; convert it to one of them");
    return -1;
}

int image_read(const char *path, image *image, char error[IMAGE_ERROR_CAPACITY]) {
    image->pixels = NULL;
    FILE *stream = fopen(path, "rb");
    if (stream == NULL) {
        snprintf(error, IMAGE_ERROR_CAPACITY, "cannot open it: %s", strerror(errno));
        return -1;
    }
    int result = decode(stream, image, error);
    fclose(stream);
    if (result != 0) image_free(image);
    return result;
}

int image_writable_name(const char *path) {
    return text_ends_with(path, ".png") || text_ends_with(path, ".jpg") || text_ends_with(path, ".jpeg");
}

int image_write(const char *path, const image *image, char error[IMAGE_ERROR_CAPACITY]) {
    outfile file;
    if (outfile_open(&file, path) != 0) {
        snprintf(error, IMAGE_ERROR_CAPACITY, "cannot write it: %s", strerror(errno));
        return -1;
    }
    int is_png = text_ends_with(path, ".png");
    int result = is_png ? png_encode(file.stream, image, error) : jpeg_encode(file.stream, image, error);
    if (result != 0) {
        outfile_discard(&file);
        return result;
    }
    if (outfile_commit(&file) == 0) return 0;
    snprintf(error, IMAGE_ERROR_CAPACITY, "cannot write it: %s", strerror(errno));
    return -1;
}
