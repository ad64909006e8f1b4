#include "eval/comparison.h"

#include "core/memory.h"
#include "eval/image_features.h"

/* Images brought to features at a time. */
#define BLOCK_IMAGES 64

int64_t comparison_dim(const coordinates *c) { return image_shape_is_set(c->image) ? IMAGE_FEATURES : c->dim; }

static enot_status enter_images(enot_context *context, const coordinates *c, const double *rows, int64_t count, double *out) {
    real *images;
    enot_status status = ENOT_OK;
    TRY(MEMORY_NEW(context, BLOCK_IMAGES * c->dim, "an evaluation", &images));
    for (int64_t first = 0; first < count && !status; first += BLOCK_IMAGES) {
        int64_t block = count - first < BLOCK_IMAGES ? count - first : BLOCK_IMAGES;
        for (int64_t i = 0; i < block * c->dim; i++) images[i] = (real)rows[first * c->dim + i];
        status = image_features(context, c->image, block, images, out + first * IMAGE_FEATURES);
    }
    memory_destroy(images);
    return status;
}

enot_status comparison_enter(enot_context *context, const coordinates *c, const double *rows, int64_t count, double *out) {
    if (image_shape_is_set(c->image)) return enter_images(context, c, rows, count, out);
    for (int64_t i = 0; i < count * c->dim; i++) out[i] = rows[i] / c->column[i % c->dim];
    return ENOT_OK;
}
