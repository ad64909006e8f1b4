/* A set of images that grows by one picture after another. */
#ifndef CLI_SET_BUILDER_H
#define CLI_SET_BUILDER_H

#include "images/image_set.h"
#include "images/raster.h"

typedef struct set_builder {
    const char *path; /* of the set, for messages */
    int64_t size;     /* see image_set_read */
    int64_t capacity; /* values that pixels has room for */
    image_set *set;
} set_builder;

/* Writes a line to error and returns -1. */
int set_error(char error[IMAGE_SET_ERROR_CAPACITY], const char *format, ...) __attribute__((format(printf, 2, 3)));

/* name: of the picture's file, NULL if it has none of its own. 0, or -1 with a line in error. */
int set_builder_add(set_builder *builder, const char *name, const raster *picture, char error[IMAGE_SET_ERROR_CAPACITY]);

/* count grey values to three equal ones each, in place. */
void image_set_spread(float *values, int64_t count);

/* The sources of image_set_read: each adds all of its pictures. 0, or -1 with a line in error. */
int set_add_folder(set_builder *builder, text_list *skipped, char error[IMAGE_SET_ERROR_CAPACITY]);
int set_add_npy(set_builder *builder, enot_context *context, char error[IMAGE_SET_ERROR_CAPACITY]);
int set_add_idx(set_builder *builder, char error[IMAGE_SET_ERROR_CAPACITY]);

#endif
