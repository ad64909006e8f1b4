#include "net/conv/elements.h"

#include "core/clones.h"

/* Of helpers: part of their callers, whose clones for other instruction sets they would not follow otherwise. */
#define FORCED_INLINE static inline __attribute__((always_inline))

CLONES void elements_scale(int64_t count, real factor, const real *from, int add, real *to) {
    if (add) {
#pragma omp simd
        for (int64_t i = 0; i < count; i++) to[i] += factor * from[i];
    } else {
#pragma omp simd
        for (int64_t i = 0; i < count; i++) to[i] = factor * from[i];
    }
}

CLONES void elements_add_scaled(int64_t count, real factor, const real *x, const real *branch, real *y) {
#pragma omp simd
    for (int64_t i = 0; i < count; i++) y[i] = x[i] + factor * branch[i];
}

CLONES void elements_leaky(int64_t count, real slope, const real *x, real *y) {
#pragma omp simd
    for (int64_t i = 0; i < count; i++) y[i] = x[i] > 0 ? x[i] : slope * x[i];
}

CLONES void elements_leaky_backward(int64_t count, real slope, const real *x, const real *dy, int add, real *dx) {
    if (add) {
#pragma omp simd
        for (int64_t i = 0; i < count; i++) dx[i] += x[i] > 0 ? dy[i] : slope * dy[i];
    } else {
#pragma omp simd
        for (int64_t i = 0; i < count; i++) dx[i] = x[i] > 0 ? dy[i] : slope * dy[i];
    }
}

/* Channels are summed in groups that stay in registers, pixels in runs short enough for a sum in single precision. */
#define GROUP 64
#define RUN 64

static inline int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

FORCED_INLINE void add_run(int64_t group, real *run, double *sum) {
    for (int64_t c = 0; c < group; c++) sum[c] += (double)run[c];
    for (int64_t c = 0; c < group; c++) run[c] = 0;
}

/* sum[group] of x - center, or of its square */
FORCED_INLINE void sum_group(int64_t pixels, int64_t channels, int64_t group, const real *x, const real *center,
                             int squared, double *sum) {
    real run[GROUP] = {0};
    for (int64_t c = 0; c < group; c++) sum[c] = 0;
    for (int64_t pixel = 0; pixel < pixels; pixel++) {
        const real *at = x + pixel * channels;
#pragma omp simd
        for (int64_t c = 0; c < group; c++) {
            real away = at[c] - center[c];
            run[c] += squared ? away * away : away;
        }
        if (pixel % RUN == RUN - 1) add_run(group, run, sum);
    }
    add_run(group, run, sum);
}

CLONES void elements_moments(int64_t pixels, int64_t channels, const real *x, double *mean, double *deviation) {
    for (int64_t first = 0; first < channels; first += GROUP) {
        int64_t group = least(GROUP, channels - first);
        real center[GROUP] = {0};
        sum_group(pixels, channels, group, x + first, center, 0, mean + first);
        for (int64_t c = 0; c < group; c++) center[c] = (real)(mean[first + c] /= (double)pixels);
        sum_group(pixels, channels, group, x + first, center, 1, deviation + first);
    }
}

CLONES void elements_normalise(int64_t pixels, int64_t channels, const real *mean, const real *scale, const real *shift,
                               const real *x, real *y) {
    for (int64_t pixel = 0; pixel < pixels; pixel++) {
        const real *from = x + pixel * channels;
        real *to = y + pixel * channels;
#pragma omp simd
        for (int64_t c = 0; c < channels; c++) {
            real value = scale[c] * (from[c] - mean[c]) + shift[c];
            to[c] = value > 0 ? value : 0;
        }
    }
}

FORCED_INLINE void sums_group(int64_t pixels, int64_t channels, int64_t group, const real *mean, const real *x,
                              const real *y, const real *dy, double *sum, double *product) {
    real sum_run[GROUP] = {0}, product_run[GROUP] = {0};
    for (int64_t c = 0; c < group; c++) sum[c] = product[c] = 0;
    for (int64_t pixel = 0; pixel < pixels; pixel++) {
        int64_t at = pixel * channels;
#pragma omp simd
        for (int64_t c = 0; c < group; c++) {
            real passed = y[at + c] > 0 ? dy[at + c] : 0;
            sum_run[c] += passed;
            product_run[c] += passed * (x[at + c] - mean[c]);
        }
        if (pixel % RUN != RUN - 1) continue;
        add_run(group, sum_run, sum);
        add_run(group, product_run, product);
    }
    add_run(group, sum_run, sum);
    add_run(group, product_run, product);
}

CLONES void elements_normalise_sums(int64_t pixels, int64_t channels, const real *mean, const real *x, const real *y,
                                    const real *dy, double *sum, double *product) {
    for (int64_t c = 0; c < channels; c += GROUP)
        sums_group(pixels, channels, least(GROUP, channels - c), mean + c, x + c, y + c, dy + c, sum + c, product + c);
}

CLONES void elements_normalise_backward(int64_t pixels, int64_t channels, const real *mean, const real *scale,
                                        const real *slope, const real *offset, const real *x, const real *y,
                                        const real *dy, real *dx) {
    for (int64_t pixel = 0; pixel < pixels; pixel++) {
        int64_t at = pixel * channels;
#pragma omp simd
        for (int64_t c = 0; c < channels; c++) {
            real passed = y[at + c] > 0 ? dy[at + c] : 0;
            dx[at + c] = scale[c] * passed + slope[c] * (x[at + c] - mean[c]) + offset[c];
        }
    }
}
