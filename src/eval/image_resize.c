#include "eval/image_resize.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"

/* How much of the interval of new pixel `to` old pixel `from` covers; pixels of an axis fill [0, 1]. */
static double covered(int64_t to, int64_t side, int64_t from, int64_t length) {
    double first = fmax((double)to / (double)side, (double)from / (double)length);
    double last = fmin((double)(to + 1) / (double)side, (double)(from + 1) / (double)length);
    return fmax(last - first, 0) * (double)side;
}

/* The weight of old pixel `from` on the line through the old pixels' centres, constant beyond the outermost ones. */
static double interpolated(int64_t to, int64_t side, int64_t from, int64_t length) {
    double centre = ((double)to + .5) * (double)length / (double)side - .5;
    centre = fmin(fmax(centre, 0), (double)(length - 1));
    return fmax(1 - fabs(centre - (double)from), 0);
}

static void fill_weights(int64_t side, int64_t length, real *weights) {
    for (int64_t to = 0; to < side; to++)
        for (int64_t from = 0; from < length; from++)
            weights[to * length + from] =
                (real)(length > side ? covered(to, side, from, length) : interpolated(to, side, from, length));
}

enot_status image_resize_create(enot_context *context, image_shape shape, int64_t side, image_resize *resize) {
    *resize = (image_resize){.shape = shape, .side = side};
    TRY(MEMORY_NEW(context, side * shape.height, "weights of a smaller image", &resize->rows));
    TRY(MEMORY_NEW(context, side * shape.width, "weights of a smaller image", &resize->columns));
    fill_weights(side, shape.height, resize->rows);
    fill_weights(side, shape.width, resize->columns);
    return ENOT_OK;
}

void image_resize_destroy(image_resize *resize) {
    memory_destroy(resize->rows);
    memory_destroy(resize->columns);
    *resize = (image_resize){0};
}

/* out [side, size] = weights [side, length] in [length, size] */
static void combine(int64_t side, int64_t length, int64_t size, const real *restrict weights, const real *restrict in,
                    real *restrict out) {
    memset(out, 0, (size_t)(side * size) * sizeof *out);
    for (int64_t to = 0; to < side; to++)
        for (int64_t from = 0; from < length; from++) {
            real weight = weights[to * length + from];
            if (weight == 0) continue;
            for (int64_t j = 0; j < size; j++) out[to * size + j] += weight * in[from * size + j];
        }
}

void image_resize_apply(const image_resize *resize, const real *image, real *scratch, real *resized) {
    int64_t side = resize->side, width = resize->shape.width, channels = resize->shape.channels;
    combine(side, resize->shape.height, width * channels, resize->rows, image, scratch);
    for (int64_t y = 0; y < side; y++)
        combine(side, width, channels, resize->columns, scratch + y * width * channels, resized + y * side * channels);
}
