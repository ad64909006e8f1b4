#include <math.h>

#include "core/memory.h"
#include "data/samples.h"

/* Rows as long as that are no images that a network could be trained on here. */
#define SIDE_MOST 4096

static enot_status check(enot_context *context, const float *pixels, int64_t count, image_shape shape, enot_samples **samples) {
    if (!pixels || !samples || count < 1)
        return context_fail(context, ENOT_ERR_ARGUMENT, "enot_samples_from_images: needs pixels of at least one image");
    if (shape.height >= 1 && shape.height <= SIDE_MOST && shape.width >= 1 && shape.width <= SIDE_MOST &&
        (shape.channels == 1 || shape.channels == 3))
        return ENOT_OK;
    return context_fail(context, ENOT_ERR_ARGUMENT,
                        "images of %lld x %lld pixels with %lld channels: sides are from 1 to %d, channels 1 or 3",
                        (long long)shape.height, (long long)shape.width, (long long)shape.channels, SIDE_MOST);
}

static enot_status copy_pixels(enot_context *context, const float *pixels, enot_samples *samples) {
    int64_t numbers;
    if (__builtin_mul_overflow(samples->count, samples->dim, &numbers)) return context_fail_memory(context, SIZE_MAX, "images");
    TRY(MEMORY_NEW(context, numbers, "images", &samples->pixels));
    for (int64_t i = 0; i < numbers; i++) {
        if (!(pixels[i] >= -1 && pixels[i] <= 1))
            return context_fail(context, ENOT_ERR_DATA, "image %lld: the value %g is not within -1 and 1",
                                (long long)(i / samples->dim) + 1, (double)pixels[i]);
        samples->pixels[i] = pixels[i];
    }
    return samples_finish(context, samples);
}

enot_status enot_samples_from_images(enot_context *context, const float *pixels, int64_t count, int64_t height, int64_t width,
                                     int64_t channels, enot_samples **samples) {
    if (!context) return ENOT_ERR_ARGUMENT;
    image_shape shape = {height, width, channels};
    enot_samples *created;
    TRY(check(context, pixels, count, shape, samples));
    TRY(samples_create(context, "", &created));
    created->count = count;
    created->dim = image_shape_size(shape);
    created->image = shape;
    enot_status status = copy_pixels(context, pixels, created);
    if (status) {
        enot_samples_destroy(created);
        return status;
    }
    *samples = created;
    return ENOT_OK;
}
