#include "images/image_set.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "arguments/text.h"
#include "images/image.h"
#include "images/set_builder.h"

static int add_all(set_builder *builder, enot_context *context, text_list *skipped, char error[IMAGE_SET_ERROR_CAPACITY]) {
    struct stat found;
    if (stat(builder->path, &found) != 0)
        return set_error(error, "%s: cannot open it: %s", builder->path, strerror(errno));
    if (S_ISDIR(found.st_mode)) return set_add_folder(builder, skipped, error);
    if (!S_ISREG(found.st_mode)) return set_error(error, "%s: neither a folder nor a regular file", builder->path);
    if (text_ends_with(builder->path, ".npy")) return set_add_npy(builder, context, error);
    return set_add_idx(builder, error);
}

int image_set_read(enot_context *context, const char *path, int64_t size, text_list *skipped, image_set *set,
                   char error[IMAGE_SET_ERROR_CAPACITY]) {
    *set = (image_set)IMAGE_SET_INIT;
    set_builder builder = {path, size, 0, set};
    if (size < 0 || size > (int64_t)sqrt(IMAGE_PIXELS_MOST))
        return set_error(error, "images of %lld x %lld pixels: a size is from 1 to %lld", (long long)size, (long long)size,
                         (long long)sqrt(IMAGE_PIXELS_MOST));
    if (add_all(&builder, context, skipped, error) == 0) {
        if (set->count > 0) return 0;
        set_error(error, "%s: there are no images in it", path);
    }
    image_set_free(set);
    return -1;
}

void image_set_free(image_set *set) {
    free(set->pixels);
    text_list_free(&set->names);
    *set = (image_set)IMAGE_SET_INIT;
}

int64_t image_set_dim(const image_set *set) {
    return set->height * set->width * set->channels;
}

void image_set_spread(float *values, int64_t count) {
    for (int64_t i = count - 1; i >= 0; i--) values[3 * i] = values[3 * i + 1] = values[3 * i + 2] = values[i];
}

int image_set_make_rgb(image_set *set) {
    if (set->channels == 3) return 0;
    int64_t values = set->count * image_set_dim(set), all;
    float *pixels = __builtin_mul_overflow(values, 3 * (int64_t)sizeof *pixels, &all) ? NULL : realloc(set->pixels, (size_t)all);
    if (pixels == NULL) return -1;
    image_set_spread(pixels, values);
    set->pixels = pixels;
    set->channels = 3;
    return 0;
}

void image_set_bytes(const float *values, int64_t count, uint8_t *bytes) {
    for (int64_t i = 0; i < count; i++) {
        double byte = round((values[i] + 1.0) * 127.5);
        bytes[i] = (uint8_t)(byte > 0 ? fmin(byte, 255) : 0); /* NaN too is 0 */
    }
}
