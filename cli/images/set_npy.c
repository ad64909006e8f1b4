/* Images in a .npy file. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "images/image.h"
#include "images/set_builder.h"

enum { BLOCK_VALUES = 1 << 20 };

typedef struct npy_images {
    const char *path;
    enot_context *context;
    enot_reader *reader;
    int64_t height, width, channels;
    int channels_first;
    double least, greatest; /* of the file's values */
    double half, shift;     /* value / half - shift is in [-1, 1] */
    double *rows;           /* [capacity, dim] as in the file */
    float *values;          /* [height, width, channels], one image */
    int64_t capacity;
} npy_images;

static int fail(const npy_images *images, char error[IMAGE_SET_ERROR_CAPACITY]) {
    return set_error(error, "%s", enot_context_message(images->context));
}

static int is_channel_count(int64_t extent) {
    return extent == 1 || extent == 3;
}

/* [h, w], [h, w, c] or [c, h, w]; the second if both of the latter fit. */
static int find_layout(npy_images *images, char error[IMAGE_SET_ERROR_CAPACITY]) {
    int64_t extents[ENOT_AXES_MOST];
    int axes = enot_reader_shape(images->reader, extents);
    int channels_last = axes == 3 && is_channel_count(extents[2]);
    images->channels_first = axes == 3 && !channels_last && is_channel_count(extents[0]);
    if (axes != 2 && !channels_last && !images->channels_first)
        return set_error(error, "%s: the array must be of shape [n, h, w], [n, h, w, c] or [n, c, h, w], c 1 or 3", images->path);
    images->height = extents[images->channels_first];
    images->width = extents[images->channels_first + 1];
    images->channels = axes == 2 ? 1 : extents[images->channels_first ? 0 : 2];
    if (images->height <= IMAGE_PIXELS_MOST / images->width) return 0;
    return set_error(error, "%s: images of %lld x %lld pixels cannot be read: at most %d million pixels can", images->path,
                     (long long)images->width, (long long)images->height, IMAGE_PIXELS_MOST / 1000000);
}

static int allocate(npy_images *images, char error[IMAGE_SET_ERROR_CAPACITY]) {
    int64_t dim = enot_reader_dim(images->reader);
    images->capacity = dim < BLOCK_VALUES ? BLOCK_VALUES / dim : 1;
    images->rows = malloc((size_t)(images->capacity * dim) * sizeof *images->rows);
    images->values = malloc((size_t)dim * sizeof *images->values);
    return images->rows != NULL && images->values != NULL ? 0 : set_error(error, "%s: out of memory", images->path);
}

static int open_reader(npy_images *images, char error[IMAGE_SET_ERROR_CAPACITY]) {
    enot_reader_close(images->reader);
    images->reader = NULL;
    return enot_reader_open(images->context, images->path, NULL, &images->reader) == ENOT_OK ? 0 : fail(images, error);
}

/* Up to capacity images; *count = 0 at the end. */
static int next_rows(npy_images *images, int64_t *count, char error[IMAGE_SET_ERROR_CAPACITY]) {
    enot_status status = enot_reader_next(images->context, images->reader, images->capacity, images->rows, count);
    return status == ENOT_OK ? 0 : fail(images, error);
}

static int find_extremes(npy_images *images, char error[IMAGE_SET_ERROR_CAPACITY]) {
    int64_t count, dim = enot_reader_dim(images->reader);
    images->least = DBL_MAX;
    images->greatest = -DBL_MAX;
    do {
        if (next_rows(images, &count, error) != 0) return -1;
        for (int64_t i = 0; i < count * dim; i++) {
            images->least = fmin(images->least, images->rows[i]);
            images->greatest = fmax(images->greatest, images->rows[i]);
        }
    } while (count > 0);
    return 0;
}

static void use_range(npy_images *images, double low, double high) {
    images->half = (high - low) / 2;
    images->shift = 1 + low / images->half;
}

/*
 * See image_set_read. A greatest value between 1 and 2 is that of [0, 1] with overshoot, as smooth resizing leaves it: read as
 * 0 to 255 all of it would be black.
 */
static int choose_float_range(npy_images *images, char error[IMAGE_SET_ERROR_CAPACITY]) {
    double least = images->least, greatest = images->greatest;
    if (least < 0 && least >= -1 && greatest <= 1)
        use_range(images, -1, 1);
    else if (least >= 0 && greatest <= 1)
        use_range(images, 0, 1);
    else if (least >= 0 && greatest >= 2 && greatest <= 255)
        use_range(images, 0, 255);
    else
        return set_error(error, "%s: values from %.6g to %.6g: clip them to [-1, 1], [0, 1] or 0 to 255", images->path, least,
                         greatest);
    return 0;
}

static int choose_range(npy_images *images, char error[IMAGE_SET_ERROR_CAPACITY]) {
    const char *type = enot_reader_type(images->reader);
    if (strcmp(type, "uint8") == 0) {
        use_range(images, 0, 255);
        return 0;
    }
    if (strncmp(type, "float", 5) != 0)
        return set_error(error, "%s: images of type %s: convert them with astype(numpy.uint8)", images->path, type);
    if (find_extremes(images, error) != 0 || choose_float_range(images, error) != 0) return -1;
    return open_reader(images, error);
}

static void take_image(const npy_images *images, const double *row) {
    int64_t pixels = images->height * images->width, channels = images->channels;
    int64_t pixel_stride = images->channels_first ? 1 : channels, channel_stride = images->channels_first ? pixels : 1;
    for (int64_t i = 0; i < pixels; i++)
        for (int64_t c = 0; c < channels; c++)
            images->values[i * channels + c] =
                (float)(row[i * pixel_stride + c * channel_stride] / images->half - images->shift);
}

static int add_images(set_builder *builder, npy_images *images, char error[IMAGE_SET_ERROR_CAPACITY]) {
    raster picture = {images->height, images->width, images->channels, NULL, images->values};
    int64_t count, dim = enot_reader_dim(images->reader);
    do {
        if (next_rows(images, &count, error) != 0) return -1;
        for (int64_t i = 0; i < count; i++) {
            take_image(images, images->rows + i * dim);
            if (set_builder_add(builder, NULL, &picture, error) != 0) return -1;
        }
    } while (count > 0);
    return 0;
}

int set_add_npy(set_builder *builder, enot_context *context, char error[IMAGE_SET_ERROR_CAPACITY]) {
    npy_images images = {.path = builder->path, .context = context};
    int result = open_reader(&images, error);
    if (result == 0) result = find_layout(&images, error);
    if (result == 0) result = allocate(&images, error);
    if (result == 0) result = choose_range(&images, error);
    if (result == 0) result = add_images(builder, &images, error);
    enot_reader_close(images.reader);
    free(images.rows);
    free(images.values);
    return result;
}
