#include "net/conv/resample.h"

#include <string.h>

#include "core/clones.h"
#include "net/conv/elements.h"

/* Offsets of the four pixels that one pixel of the halved images comes from, and its own. */
typedef struct square {
    int64_t at[4], out;
} square;

static inline int64_t squares_of(image_shape shape, int64_t rows) {
    return rows * (shape.height / 2) * (shape.width / 2);
}

static inline square square_of(image_shape shape, int64_t pixel) {
    int64_t column = pixel % (shape.width / 2), row = pixel / (shape.width / 2); /* row: of all images together */
    int64_t line = shape.width * shape.channels, first = 2 * row * line + 2 * column * shape.channels;
    return (square){{first, first + shape.channels, first + line, first + line + shape.channels},
                    pixel * shape.channels};
}

static inline real larger(real a, real b) { return a > b ? a : b; }

CLONES void resample_max(image_shape shape, int64_t rows, const real *x, real *y) {
    for (int64_t pixel = 0; pixel < squares_of(shape, rows); pixel++) {
        square s = square_of(shape, pixel);
        const real *a = x + s.at[0], *b = x + s.at[1], *c = x + s.at[2], *d = x + s.at[3];
#pragma omp simd
        for (int64_t i = 0; i < shape.channels; i++) y[s.out + i] = larger(larger(a[i], b[i]), larger(c[i], d[i]));
    }
}

/* dx[i] = or += dy[i] where x[i] is the largest, y, and no pixel before took it. */
static inline void pass_to_largest(int64_t channels, const real *x, const real *y, const real *dy, int add, real *taken,
                                   real *dx) {
#pragma omp simd
    for (int64_t i = 0; i < channels; i++) {
        real share = x[i] == y[i] ? 1 - taken[i] : 0;
        taken[i] += share;
        dx[i] = (add ? dx[i] : 0) + share * dy[i];
    }
}

#define GROUP 64

CLONES void resample_max_backward(image_shape shape, int64_t rows, const real *x, const real *y, const real *dy,
                                  int add, real *dx) {
    for (int64_t pixel = 0; pixel < squares_of(shape, rows); pixel++) {
        square s = square_of(shape, pixel);
        for (int64_t c = 0; c < shape.channels; c += GROUP) {
            int64_t group = shape.channels - c < GROUP ? shape.channels - c : GROUP;
            real taken[GROUP] = {0};
            for (int k = 0; k < 4; k++)
                pass_to_largest(group, x + s.at[k] + c, y + s.out + c, dy + s.out + c, add, taken, dx + s.at[k] + c);
        }
    }
}

CLONES void resample_mean(image_shape shape, int64_t rows, const real *x, real *y) {
    for (int64_t pixel = 0; pixel < squares_of(shape, rows); pixel++) {
        square s = square_of(shape, pixel);
        const real *a = x + s.at[0], *b = x + s.at[1], *c = x + s.at[2], *d = x + s.at[3];
#pragma omp simd
        for (int64_t i = 0; i < shape.channels; i++) y[s.out + i] = (real).25 * ((a[i] + b[i]) + (c[i] + d[i]));
    }
}

CLONES void resample_mean_backward(image_shape shape, int64_t rows, const real *dy, int add, real *dx) {
    for (int64_t pixel = 0; pixel < squares_of(shape, rows); pixel++) {
        square s = square_of(shape, pixel);
        for (int k = 0; k < 4; k++) {
            real *to = dx + s.at[k];
#pragma omp simd
            for (int64_t i = 0; i < shape.channels; i++) to[i] = (add ? to[i] : 0) + (real).25 * dy[s.out + i];
        }
    }
}

/* Position r of 2 size: between lower and upper, share of the upper. */
typedef struct between {
    int64_t lower, upper;
    real share;
} between;

static inline between between_at(int64_t r, int64_t size) {
    int64_t above = r * (size - 1), lower = above / (2 * size - 1);
    between b = {lower, lower + 1 < size ? lower + 1 : lower, (real)(above % (2 * size - 1)) / (real)(2 * size - 1)};
    return b;
}

/* The four pixels of deep around output pixel (r, q), and how much each counts. */
typedef struct blend {
    int64_t at[4];
    real share[4];
} blend;

static inline blend blend_at(image_shape deep, int64_t n, between row, int64_t q) {
    between column = between_at(q, deep.width);
    int64_t lower = (n * deep.height + row.lower) * deep.width, upper = (n * deep.height + row.upper) * deep.width;
    return (blend){{(lower + column.lower) * deep.channels, (lower + column.upper) * deep.channels,
                    (upper + column.lower) * deep.channels, (upper + column.upper) * deep.channels},
                   {(1 - row.share) * (1 - column.share), (1 - row.share) * column.share,
                    row.share * (1 - column.share), row.share * column.share}};
}

static inline void blend_pixel(int64_t channels, const blend *b, const real *deep, real *y) {
    const real *p = deep + b->at[0], *q = deep + b->at[1], *r = deep + b->at[2], *s = deep + b->at[3];
#pragma omp simd
    for (int64_t i = 0; i < channels; i++)
        y[i] = (b->share[0] * p[i] + b->share[1] * q[i]) + (b->share[2] * r[i] + b->share[3] * s[i]);
}

/* Channels last: pixels of y lie channels apart, of which skip's come first. */
CLONES static void join_pixels(image_shape skip_shape, image_shape deep_shape, int64_t rows, const real *skip,
                               const real *deep, real *y) {
    int64_t channels = skip_shape.channels + deep_shape.channels;
    for (int64_t line = 0; line < rows * skip_shape.height; line++) {
        int64_t n = line / skip_shape.height;
        between row = between_at(line % skip_shape.height, deep_shape.height);
        for (int64_t q = 0; q < skip_shape.width; q++) {
            int64_t pixel = line * skip_shape.width + q;
            blend b = blend_at(deep_shape, n, row, q);
            memcpy(y + pixel * channels, skip + pixel * skip_shape.channels, (size_t)skip_shape.channels * sizeof *y);
            blend_pixel(deep_shape.channels, &b, deep, y + pixel * channels + skip_shape.channels);
        }
    }
}

/* With groups an image of y is the groups of skip, then those of deep, each an image of its own. */
void resample_join(image_shape skip_shape, image_shape deep_shape, int64_t group, int64_t rows, const real *skip,
                   const real *deep, real *y) {
    if (group == 0) {
        join_pixels(skip_shape, deep_shape, rows, skip, deep, y);
        return;
    }
    int64_t skip_size = image_shape_size(skip_shape), deep_size = image_shape_size(deep_shape);
    image_shape nothing = {skip_shape.height, skip_shape.width, 0};
    image_shape deep_group = {deep_shape.height, deep_shape.width, group};
    for (int64_t n = 0; n < rows; n++) {
        real *image = y + n * (skip_size + 4 * deep_size);
        memcpy(image, skip + n * skip_size, (size_t)skip_size * sizeof *y);
        join_pixels(nothing, deep_group, deep_shape.channels / group, skip, deep + n * deep_size, image + skip_size);
    }
}

static inline void unblend_pixel(int64_t channels, const blend *b, const real *dy, real *ddeep) {
    for (int k = 0; k < 4; k++) {
        real *to = ddeep + b->at[k], share = b->share[k];
#pragma omp simd
        for (int64_t i = 0; i < channels; i++) to[i] += share * dy[i];
    }
}

static inline void set_or_add(int64_t count, const real *from, int add, real *to) {
#pragma omp simd
    for (int64_t i = 0; i < count; i++) to[i] = (add ? to[i] : 0) + from[i];
}

CLONES static void part_pixels(image_shape skip_shape, image_shape deep_shape, int64_t rows, const real *dy, int add,
                               real *dskip, real *ddeep) {
    int64_t channels = skip_shape.channels + deep_shape.channels;
    memset(ddeep, 0, (size_t)(rows * image_shape_size(deep_shape)) * sizeof *ddeep);
    for (int64_t line = 0; line < rows * skip_shape.height; line++) {
        int64_t n = line / skip_shape.height;
        between row = between_at(line % skip_shape.height, deep_shape.height);
        for (int64_t q = 0; q < skip_shape.width; q++) {
            int64_t pixel = line * skip_shape.width + q;
            blend b = blend_at(deep_shape, n, row, q);
            const real *from = dy + pixel * channels;
            set_or_add(skip_shape.channels, from, add, dskip + pixel * skip_shape.channels);
            unblend_pixel(deep_shape.channels, &b, from + skip_shape.channels, ddeep);
        }
    }
}

void resample_join_backward(image_shape skip_shape, image_shape deep_shape, int64_t group, int64_t rows, const real *dy,
                            int add, real *dskip, real *ddeep) {
    if (group == 0) {
        part_pixels(skip_shape, deep_shape, rows, dy, add, dskip, ddeep);
        return;
    }
    int64_t skip_size = image_shape_size(skip_shape), deep_size = image_shape_size(deep_shape);
    image_shape nothing = {skip_shape.height, skip_shape.width, 0};
    image_shape deep_group = {deep_shape.height, deep_shape.width, group};
    for (int64_t n = 0; n < rows; n++) {
        const real *image = dy + n * (skip_size + 4 * deep_size);
        elements_scale(skip_size, 1, image, add, dskip + n * skip_size);
        part_pixels(nothing, deep_group, deep_shape.channels / group, image + skip_size, add, dskip,
                    ddeep + n * deep_size);
    }
}
