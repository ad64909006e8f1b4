#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include "images/image_codec.h"

#define QUALITY 95

/* libjpeg reports errors by a call that must not return. */
typedef struct failure {
    struct jpeg_error_mgr manager;
    jmp_buf jump;
    char message[JMSG_LENGTH_MAX];
} failure;

static void fail(j_common_ptr codec) {
    failure *failure = (struct failure *)codec->err;
    failure->manager.format_message(codec, failure->message);
    longjmp(failure->jump, 1);
}

static void ignore_message(j_common_ptr codec) {
}

static struct jpeg_error_mgr *prepare(failure *failure) {
    jpeg_std_error(&failure->manager);
    failure->manager.error_exit = fail;
    failure->manager.output_message = ignore_message;
    return &failure->manager;
}

/* Adobe writes CMYK inverted: 255 is no ink. */
static void cmyk_to_rgb(const uint8_t *cmyk, uint8_t *rgb, uint32_t width) {
    for (uint32_t i = 0; i < width; i++)
        for (int channel = 0; channel < 3; channel++)
            rgb[3 * i + (uint32_t)channel] = (uint8_t)(cmyk[4 * i + (uint32_t)channel] * cmyk[4 * i + 3] / 255);
}

static void decode_rows(struct jpeg_decompress_struct *jpeg, image *image) {
    size_t row_size = (size_t)image->width * image->channels;
    int is_cmyk = jpeg->output_components == 4;
    JSAMPARRAY buffer = jpeg->mem->alloc_sarray((j_common_ptr)jpeg, JPOOL_IMAGE,
                                                jpeg->output_width * (JDIMENSION)jpeg->output_components, 1);
    while (jpeg->output_scanline < jpeg->output_height) {
        uint8_t *row = image->pixels + jpeg->output_scanline * row_size;
        jpeg_read_scanlines(jpeg, buffer, 1);
        if (is_cmyk)
            cmyk_to_rgb(buffer[0], row, image->width);
        else
            memcpy(row, buffer[0], row_size);
    }
}

static J_COLOR_SPACE output_space(J_COLOR_SPACE stored) {
    if (stored == JCS_GRAYSCALE) return JCS_GRAYSCALE;
    return stored == JCS_CMYK || stored == JCS_YCCK ? JCS_CMYK : JCS_RGB;
}

/* Before the codec makes room for the picture. */
static int prepare_rows(struct jpeg_decompress_struct *jpeg, image *image, char error[IMAGE_ERROR_CAPACITY]) {
    if (image_check_size(jpeg->image_width, jpeg->image_height, error) != 0) return -1;
    jpeg->out_color_space = output_space(jpeg->jpeg_color_space);
    jpeg_start_decompress(jpeg);
    uint32_t channels = jpeg->out_color_space == JCS_GRAYSCALE ? 1 : 3;
    return image_alloc(image, jpeg->output_width, jpeg->output_height, channels, error);
}

int jpeg_decode(FILE *stream, image *image, char error[IMAGE_ERROR_CAPACITY]) {
    struct jpeg_decompress_struct jpeg;
    failure failure;
    jpeg.err = prepare(&failure);
    if (setjmp(failure.jump) != 0) {
        snprintf(error, IMAGE_ERROR_CAPACITY, "damaged JPEG file: %s", failure.message);
        jpeg_destroy_decompress(&jpeg);
        return -1;
    }
    jpeg_create_decompress(&jpeg);
    jpeg_stdio_src(&jpeg, stream);
    jpeg_read_header(&jpeg, TRUE);
    if (prepare_rows(&jpeg, image, error) != 0) {
        jpeg_destroy_decompress(&jpeg);
        return -1;
    }
    decode_rows(&jpeg, image);
    jpeg_finish_decompress(&jpeg);
    long warnings = jpeg.err->num_warnings;
    jpeg_destroy_decompress(&jpeg);
    if (warnings == 0) return 0;
    snprintf(error, IMAGE_ERROR_CAPACITY, "damaged JPEG file: the picture is incomplete or its data corrupt");
    return -1;
}

int jpeg_encode(FILE *stream, const image *image, char error[IMAGE_ERROR_CAPACITY]) {
    struct jpeg_compress_struct jpeg;
    failure failure;
    jpeg.err = prepare(&failure);
    if (setjmp(failure.jump) != 0) {
        snprintf(error, IMAGE_ERROR_CAPACITY, "cannot write it: %s", failure.message);
        jpeg_destroy_compress(&jpeg);
        return -1;
    }
    jpeg_create_compress(&jpeg);
    jpeg_stdio_dest(&jpeg, stream);
    jpeg.image_width = image->width;
    jpeg.image_height = image->height;
    jpeg.input_components = (int)image->channels;
    jpeg.in_color_space = image->channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(&jpeg);
    jpeg_set_quality(&jpeg, QUALITY, TRUE);
    jpeg.comp_info[0].h_samp_factor = jpeg.comp_info[0].v_samp_factor = 1;
    jpeg_start_compress(&jpeg, TRUE);
    while (jpeg.next_scanline < jpeg.image_height) {
        JSAMPROW row = image->pixels + (size_t)jpeg.next_scanline * image->width * image->channels;
        jpeg_write_scanlines(&jpeg, &row, 1);
    }
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    return 0;
}
