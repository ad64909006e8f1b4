#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>

#include "images/image_codec.h"

/* Lays values [count, channels + 1], the last of which is alpha, over white. */
static void lay_over_white(const uint8_t *values, size_t count, uint32_t channels, uint8_t *pixels) {
    for (size_t i = 0; i < count; i++) {
        const uint8_t *value = values + i * (channels + 1);
        uint32_t alpha = value[channels];
        for (uint32_t channel = 0; channel < channels; channel++)
            pixels[i * channels + channel] = (uint8_t)((value[channel] * alpha + 255 * (255 - alpha) + 127) / 255);
    }
}

static int decode_transparent(png_image *png, image *image) {
    uint8_t *values = malloc(image_pixel_count(image) * (image->channels + 1));
    if (values == NULL) {
        snprintf(png->message, sizeof png->message, "no memory for its transparency");
        return 0;
    }
    int ok = png_image_finish_read(png, NULL, values, 0, NULL);
    if (ok) lay_over_white(values, image_pixel_count(image), image->channels, image->pixels);
    free(values);
    return ok;
}

/* Nonzero: the picture is there; else the reason is in png's message. */
static int decode_pixels(png_image *png, image *image) {
    int has_alpha = (png->format & PNG_FORMAT_FLAG_ALPHA) != 0;
    png->format = image->channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
    if (!has_alpha) return png_image_finish_read(png, NULL, image->pixels, 0, NULL);
    png->format |= PNG_FORMAT_FLAG_ALPHA;
    return decode_transparent(png, image);
}

int png_decode(FILE *stream, image *image, char error[IMAGE_ERROR_CAPACITY]) {
    png_image png;
    memset(&png, 0, sizeof png);
    png.version = PNG_IMAGE_VERSION;
    int ok = png_image_begin_read_from_stdio(&png, stream);
    if (ok) {
        png.flags |= PNG_IMAGE_FLAG_16BIT_sRGB; /* else 16 bits that say nothing of their curve are read as linear */
        uint32_t channels = png.format & PNG_FORMAT_FLAG_COLOR ? 3 : 1;
        if (image_check_size(png.width, png.height, error) != 0 ||
            image_alloc(image, png.width, png.height, channels, error) != 0) {
            png_image_free(&png);
            return -1;
        }
        ok = decode_pixels(&png, image);
    }
    if (!ok) snprintf(error, IMAGE_ERROR_CAPACITY, "damaged PNG file: %s", png.message);
    png_image_free(&png);
    return ok ? 0 : -1;
}

int png_encode(FILE *stream, const image *image, char error[IMAGE_ERROR_CAPACITY]) {
    png_image png;
    memset(&png, 0, sizeof png);
    png.version = PNG_IMAGE_VERSION;
    png.width = image->width;
    png.height = image->height;
    png.format = image->channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
    int ok = png_image_write_to_stdio(&png, stream, 0, image->pixels, 0, NULL);
    if (!ok) snprintf(error, IMAGE_ERROR_CAPACITY, "cannot write it: %s", png.message);
    png_image_free(&png);
    return ok ? 0 : -1;
}
