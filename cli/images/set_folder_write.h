/* A set of images as a folder of PNG files. */
#ifndef CLI_SET_FOLDER_WRITE_H
#define CLI_SET_FOLDER_WRITE_H

#include "images/image_set.h"

/* See image_set_writable and image_set_write. */
int set_folder_writable(enot_context *context, const char *path, char error[IMAGE_SET_ERROR_CAPACITY]);
int set_folder_write(const image_set *set, const char *path, char error[IMAGE_SET_ERROR_CAPACITY]);

#endif
