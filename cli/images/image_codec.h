/* The two picture formats behind image.h. Streams stand at their start; 0, or -1 with the reason in error. */
#ifndef CLI_IMAGE_CODEC_H
#define CLI_IMAGE_CODEC_H

#include <stdio.h>

#include "images/image.h"

int jpeg_decode(FILE *stream, image *image, char error[IMAGE_ERROR_CAPACITY]);
int jpeg_encode(FILE *stream, const image *image, char error[IMAGE_ERROR_CAPACITY]);
int png_decode(FILE *stream, image *image, char error[IMAGE_ERROR_CAPACITY]);
int png_encode(FILE *stream, const image *image, char error[IMAGE_ERROR_CAPACITY]);

/* Refuses a size that no picture has. To be asked before a codec makes room of its own. */
int image_check_size(uint32_t width, uint32_t height, char error[IMAGE_ERROR_CAPACITY]);

/* Room for the pixels of width x height, whose size was checked. */
int image_alloc(image *image, uint32_t width, uint32_t height, uint32_t channels, char error[IMAGE_ERROR_CAPACITY]);

#endif
