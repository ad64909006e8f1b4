#include "eval/image_features.h"

#include "core/memory.h"
#include "core/parallel.h"
#include "eval/image_layers.h"
#include "eval/image_resize.h"

typedef struct features_job {
    image_shape shape;
    const real *images;
    double *features;
    image_layers layers;
    image_resize resize;
    int64_t scratch_size; /* of one thread */
    real *scratch;        /* [threads, scratch_size] */
} features_job;

enum { PIXELS = IMAGE_SIDE * IMAGE_SIDE, CELL = IMAGE_SIDE / IMAGE_GRID };

/* resized [PIXELS, channels] to image [PIXELS, IMAGE_COLOURS] */
static void spread_channels(int64_t channels, const real *resized, real *image) {
    for (int64_t i = 0; i < PIXELS; i++)
        for (int64_t c = 0; c < IMAGE_COLOURS; c++) image[i * IMAGE_COLOURS + c] = resized[i * channels + c % channels];
}

static void find_colours(const real *image, double *colours) {
    for (int64_t y = 0; y < IMAGE_SIDE; y++)
        for (int64_t x = 0; x < IMAGE_SIDE; x++)
            for (int64_t c = 0; c < IMAGE_COLOURS; c++)
                colours[(y / CELL * IMAGE_GRID + x / CELL) * IMAGE_COLOURS + c] +=
                    (double)image[(y * IMAGE_SIDE + x) * IMAGE_COLOURS + c] / (CELL * CELL);
}

static void scale_part(int64_t count, int16_t scale, double *part) {
    for (int64_t i = 0; i < count; i++) part[i] *= scale * IMAGE_FILTERS_UNIT;
}

static void image_task(void *user, int64_t index, int worker) {
    const features_job *job = user;
    int64_t channels = job->shape.channels;
    real *memory = job->scratch + worker * job->scratch_size;
    image_scratch scratch = image_scratch_at(memory);
    real *image = memory + image_scratch_size(), *resized = image + PIXELS * IMAGE_COLOURS,
         *rows = resized + PIXELS * channels;
    double *colours = job->features + index * IMAGE_FEATURES;
    double *edges = colours + IMAGE_FEATURES_COLOURS, *patterns = edges + IMAGE_FEATURES_EDGES;
    const int16_t *scales = job->layers.filters->scales;

    for (int64_t i = 0; i < IMAGE_FEATURES; i++) colours[i] = 0;
    image_resize_apply(&job->resize, job->images + index * job->shape.height * job->shape.width * channels, rows,
                       resized);
    spread_channels(channels, resized, image);
    find_colours(image, colours);
    image_layers_apply(&job->layers, image, &scratch, edges, patterns);
    scale_part(IMAGE_FEATURES_COLOURS, scales[0], colours);
    scale_part(IMAGE_FEATURES_EDGES, scales[1], edges);
    scale_part(IMAGE_FEATURES_PATTERNS, scales[2], patterns);
}

static enot_status prepare(enot_context *context, features_job *job) {
    int64_t channels = job->shape.channels;
    TRY(image_layers_create(context, &image_filters_stored, &job->layers));
    TRY(image_resize_create(context, job->shape, IMAGE_SIDE, &job->resize));
    job->scratch_size =
        image_scratch_size() + PIXELS * (IMAGE_COLOURS + channels) + IMAGE_SIDE * job->shape.width * channels;
    job->scratch_size = (job->scratch_size + PANEL - 1) / PANEL * PANEL; /* every thread's panels are aligned */
    return MEMORY_NEW(context, context->threads * job->scratch_size, "features of images", &job->scratch);
}

enot_status image_features(enot_context *context, image_shape shape, int64_t count, const real *images,
                           double *features) {
    if (shape.height < 1 || shape.width < 1 || (shape.channels != 1 && shape.channels != IMAGE_COLOURS))
        return context_fail(
            context, ENOT_ERR_ARGUMENT,
            "features of images of %lld x %lld pixels and %lld channels: give at least one pixel, and 1 channel or 3",
            (long long)shape.height, (long long)shape.width, (long long)shape.channels);
    features_job job = {.shape = shape, .images = images, .features = features};
    enot_status status = prepare(context, &job);
    if (status == ENOT_OK) parallel_for(context, count, image_task, &job);
    image_layers_destroy(&job.layers);
    image_resize_destroy(&job.resize);
    memory_destroy(job.scratch);
    return status;
}
