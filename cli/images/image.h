/* Pictures of any kind of JPEG or PNG with 8 bits a value. */
#ifndef CLI_IMAGE_H
#define CLI_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#define IMAGE_ERROR_CAPACITY 512
#define IMAGE_PIXELS_MOST 100000000 /* a small file can claim any size: more is refused before memory is asked for */

typedef struct image {
    uint32_t width, height;
    uint32_t channels; /* 1: grey, 3: RGB */
    uint8_t *pixels;   /* [height, width, channels], sRGB */
} image;

/*
 * As many channels as the file has, a palette counts as RGB. Transparency is laid over white: value alpha + 255 (1 - alpha),
 * as browsers and image programs do. 0, or -1 with the reason in error.
 */
int image_read(const char *path, image *image, char error[IMAGE_ERROR_CAPACITY]);

/* Gives a grey picture three equal channels. 0, or -1 without memory. */
int image_to_rgb(image *image);

/* By the name's end, see image_writable_name. The file appears whole or not at all. */
int image_write(const char *path, const image *image, char error[IMAGE_ERROR_CAPACITY]);

/* Whether the name ends in .png, .jpg or .jpeg. */
int image_writable_name(const char *path);

void image_free(image *image);

size_t image_pixel_count(const image *image);

#endif
