/* Pictures of any kind of JPEG or PNG as 8-bit RGB. */
#ifndef CLI_IMAGE_H
#define CLI_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#define IMAGE_ERROR_CAPACITY 512

typedef struct image {
    uint32_t width, height;
    uint8_t *pixels; /* [height, width, 3], sRGB */
} image;

/* Grey becomes RGB, transparency is laid over white. 0, or -1 with the reason in error. */
int image_read(const char *path, image *image, char error[IMAGE_ERROR_CAPACITY]);

/* By the name's end, see image_writable_name. The file appears whole or not at all. */
int image_write(const char *path, const image *image, char error[IMAGE_ERROR_CAPACITY]);

/* Whether the name ends in .png, .jpg or .jpeg. */
int image_writable_name(const char *path);

void image_free(image *image);

size_t image_pixel_count(const image *image);

#endif
