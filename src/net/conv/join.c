#include "net/conv/join.h"

#include <string.h>

#include "core/clones.h"
#include "net/conv/elements.h"

/* Position r of 2 size, from 0 on: between lower and upper, share of the upper; rest: share times 2 size - 1. */
typedef struct between {
    int64_t size, lower, upper, rest;
    real share;
} between;

static inline between between_at(int64_t r, int64_t size) {
    int64_t above = r * (size - 1), lower = above / (2 * size - 1), rest = above % (2 * size - 1);
    return (between){size, lower, lower + 1 < size ? lower + 1 : lower, rest, (real)rest / (real)(2 * size - 1)};
}

/* The same for r + 1, without a division of integers. */
static inline between between_next(between b) {
    b.rest += b.size - 1;
    if (b.rest >= 2 * b.size - 1) {
        b.rest -= 2 * b.size - 1;
        b.lower = b.upper;
        b.upper = b.lower + 1 < b.size ? b.lower + 1 : b.lower;
    }
    b.share = (real)b.rest / (real)(2 * b.size - 1);
    return b;
}

/* The four pixels of deep around an output pixel, and how much each counts. */
typedef struct blend {
    int64_t at[4];
    real share[4];
} blend;

static inline blend blend_at(image_shape deep, int64_t n, between row, between column) {
    int64_t lower = (n * deep.height + row.lower) * deep.width, upper = (n * deep.height + row.upper) * deep.width;
    return (blend){{(lower + column.lower) * deep.channels, (lower + column.upper) * deep.channels,
                    (upper + column.lower) * deep.channels, (upper + column.upper) * deep.channels},
                   {(1 - row.share) * (1 - column.share), (1 - row.share) * column.share,
                    row.share * (1 - column.share), row.share * column.share}};
}

/* An output pixel and those around it in deep, from the one to the others or back. */
typedef void blend_task(int64_t channels, const blend *b, const real *from, real *to);

static inline void blend_pixel(int64_t channels, const blend *b, const real *deep, real *y) {
    const real *p = deep + b->at[0], *q = deep + b->at[1], *r = deep + b->at[2], *s = deep + b->at[3];
#pragma omp simd
    for (int64_t i = 0; i < channels; i++)
        y[i] = (b->share[0] * p[i] + b->share[1] * q[i]) + (b->share[2] * r[i] + b->share[3] * s[i]);
}

static inline void unblend_pixel(int64_t channels, const blend *b, const real *dy, real *ddeep) {
    for (int k = 0; k < 4; k++) {
        real *to = ddeep + b->at[k], share = b->share[k];
#pragma omp simd
        for (int64_t i = 0; i < channels; i++) to[i] += share * dy[i];
    }
}

/* Of rows images, output pixel after output pixel, by which from and to move on. */
static inline void for_blends(image_shape deep, int64_t rows, blend_task *task, const real *from, int64_t from_stride,
                              real *to, int64_t to_stride) {
    for (int64_t line = 0; line < 2 * rows * deep.height; line++) {
        between row = between_at(line % (2 * deep.height), deep.height), column = between_at(0, deep.width);
        for (int64_t q = 0; q < 2 * deep.width; q++, column = between_next(column)) {
            blend b = blend_at(deep, line / (2 * deep.height), row, column);
            task(deep.channels, &b, from, to);
            from += from_stride;
            to += to_stride;
        }
    }
}

/* y = deep at twice its height and width; pixels of y lie stride apart. */
CLONES static void enlarge(image_shape deep_shape, int64_t rows, const real *deep, int64_t stride, real *y) {
    for_blends(deep_shape, rows, blend_pixel, deep, 0, y, stride);
}

CLONES static void enlarge_backward(image_shape deep_shape, int64_t rows, const real *dy, int64_t stride, real *ddeep) {
    memset(ddeep, 0, (size_t)(rows * image_shape_size(deep_shape)) * sizeof *ddeep);
    for_blends(deep_shape, rows, unblend_pixel, dy, stride, ddeep, 0);
}

/* to = or += from, of pixels whose channels lie together on both sides, strides apart. */
CLONES static void copy_pixels(int64_t pixels, int64_t channels, const real *from, int64_t from_stride, int add,
                               real *to, int64_t to_stride) {
    for (int64_t pixel = 0; pixel < pixels; pixel++, from += from_stride, to += to_stride) {
#pragma omp simd
        for (int64_t i = 0; i < channels; i++) to[i] = (add ? to[i] : 0) + from[i];
    }
}

/* With groups an image of y is the groups of skip, then those of deep, each an image of its own. */
void join_forward(image_shape skip_shape, image_shape deep_shape, int64_t group, int64_t rows, const real *skip,
                  const real *deep, real *y) {
    if (group == 0) {
        int64_t channels = skip_shape.channels + deep_shape.channels;
        copy_pixels(rows * skip_shape.height * skip_shape.width, skip_shape.channels, skip, skip_shape.channels, 0, y,
                    channels);
        enlarge(deep_shape, rows, deep, channels, y + skip_shape.channels);
        return;
    }
    int64_t skip_size = image_shape_size(skip_shape), deep_size = image_shape_size(deep_shape);
    image_shape deep_group = {deep_shape.height, deep_shape.width, group};
    for (int64_t n = 0; n < rows; n++) {
        real *image = y + n * (skip_size + 4 * deep_size);
        memcpy(image, skip + n * skip_size, (size_t)skip_size * sizeof *y);
        enlarge(deep_group, deep_shape.channels / group, deep + n * deep_size, group, image + skip_size);
    }
}

void join_backward(image_shape skip_shape, image_shape deep_shape, int64_t group, int64_t rows, const real *dy,
                   int add, real *dskip, real *ddeep) {
    if (group == 0) {
        int64_t channels = skip_shape.channels + deep_shape.channels;
        copy_pixels(rows * skip_shape.height * skip_shape.width, skip_shape.channels, dy, channels, add, dskip,
                    skip_shape.channels);
        enlarge_backward(deep_shape, rows, dy + skip_shape.channels, channels, ddeep);
        return;
    }
    int64_t skip_size = image_shape_size(skip_shape), deep_size = image_shape_size(deep_shape);
    image_shape deep_group = {deep_shape.height, deep_shape.width, group};
    for (int64_t n = 0; n < rows; n++) {
        const real *image = dy + n * (skip_size + 4 * deep_size);
        elements_scale(skip_size, 1, image, add, dskip + n * skip_size);
        enlarge_backward(deep_group, deep_shape.channels / group, image + skip_size, group, ddeep + n * deep_size);
    }
}
