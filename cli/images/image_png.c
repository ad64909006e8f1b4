#include <png.h>
#include <string.h>

#include "images/image_codec.h"

int png_decode(FILE *stream, image *image, char error[IMAGE_ERROR_CAPACITY]) {
    static const png_color white = {255, 255, 255};
    png_image png;
    memset(&png, 0, sizeof png);
    png.version = PNG_IMAGE_VERSION;
    int ok = png_image_begin_read_from_stdio(&png, stream);
    if (ok) {
        png.format = PNG_FORMAT_RGB;
        if (image_alloc(image, png.width, png.height, error) != 0) {
            png_image_free(&png);
            return -1;
        }
        ok = png_image_finish_read(&png, &white, image->pixels, 0, NULL);
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
    png.format = PNG_FORMAT_RGB;
    int ok = png_image_write_to_stdio(&png, stream, 0, image->pixels, 0, NULL);
    if (!ok) snprintf(error, IMAGE_ERROR_CAPACITY, "cannot write it: %s", png.message);
    png_image_free(&png);
    return ok ? 0 : -1;
}
