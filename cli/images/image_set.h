/* Many images of one size in one matrix, read from a folder or a file and written to one. */
#ifndef CLI_IMAGE_SET_H
#define CLI_IMAGE_SET_H

#include <stdint.h>

#include "arguments/text_list.h"
#include "enot.h"

#define IMAGE_SET_ERROR_CAPACITY 1024

typedef struct image_set {
    int64_t count, height, width;
    int64_t channels; /* 1: all of them are grey, 3: RGB */
    float *pixels;    /* [count, height * width * channels], a row in order [height][width][channels], in [-1, 1] */
    text_list names;  /* of a folder's files, in the order of the rows; else empty */
} image_set;
#define IMAGE_SET_INIT \
    { 0, 0, 0, 0, NULL, TEXT_LIST_INIT }

/*
 * path is one of
 *   - a folder of JPEG and PNG files, taken in the order of their names. Hidden files are passed over; any other file, and a
 *     folder in it, counts as a bad one. If one picture has colours, the grey ones become RGB.
 *   - a .npy file [n, h, w], [n, h, w, c] or [n, c, h, w], c 1 or 3; if both of the latter fit, [n, h, w, c]. uint8 is 0 to 255.
 *     The range of float numbers is told from those of the whole file: with a negative one it is [-1, 1], else [0, 1] if none is
 *     above 1, else 0 to 255.
 *   - an idx file [n, h, w] or [n, h, w, c] of unsigned bytes (the format of MNIST), or one compressed by gzip.
 *
 * size: each image is cut to the square in its middle and resized to size x size by area; 0: left as they are, and all must
 * have one size. skipped: receives a message for each bad file of a folder, which is left out; NULL: the first one ends the
 * reading. Returns 0, or -1 with a line in error that names the file; then set is left empty. Free the set in every case.
 */
int image_set_read(enot_context *context, const char *path, int64_t size, text_list *skipped, image_set *set,
                   char error[IMAGE_SET_ERROR_CAPACITY]);
void image_set_free(image_set *set);

/* Values of an image. */
int64_t image_set_dim(const image_set *set);

/* Grey images become RGB. 0, or -1 without memory; then the set is as before. */
int image_set_make_rgb(image_set *set);

/* count values of an image in [-1, 1] as bytes, rounded; those out of range are clipped. */
void image_set_bytes(const float *values, int64_t count, uint8_t *bytes);

/*
 * Whether image_set_write could write to path, to be asked before hours of work: a name that ends in .npy, or a folder that
 * does not exist or is empty. 0, or -1 with a line in error.
 */
int image_set_writable(enot_context *context, const char *path, char error[IMAGE_SET_ERROR_CAPACITY]);

/*
 * A name that ends in .npy: uint8 [count, height, width, channels]. Else a folder of PNG files, named as the set's names with
 * the ending .png in place of theirs, without names by their number from 0. File or folder appear whole or not at all.
 * 0, or -1 with a line in error.
 */
int image_set_write(const image_set *set, const char *path, char error[IMAGE_SET_ERROR_CAPACITY]);

#endif
