/* What batch normalisation does number by number. */
#include "core/clones.h"
#include "core/least.h"
#include "net/conv/elements.h"

/* Of helpers: part of their callers, whose clones for other instruction sets they would not follow otherwise. */
#define FORCED_INLINE static inline __attribute__((always_inline))

/*
 * Channels are taken in groups that stay in registers, and pixels in runs short enough for a sum in single precision.
 * Channels that divide GROUP stand beside those of the next pixels: 4 pixels of 16 channels are one of 64.
 */
#define GROUP 64
#define RUN 64

typedef struct layout {
    int64_t together, steps, stride; /* together: pixels of a step */
} layout;

FORCED_INLINE layout layout_of(int64_t pixels, int64_t channels) {
    int64_t together = GROUP % channels == 0 && pixels % (GROUP / channels) == 0 ? GROUP / channels : 1;
    return (layout){together, pixels / together, channels * together};
}

/* to[c] = from[c] for each of the pixels of a step. */
FORCED_INLINE void repeat(layout l, int64_t group, const real *from, real *to) {
    int64_t channels = group / l.together;
    for (int64_t i = 0; i < group; i += channels)
        for (int64_t c = 0; c < channels; c++) to[i + c] = from[c];
}

/* to[c] = the sum over the pixels of a step. */
FORCED_INLINE void fold(layout l, int64_t group, const double *sum, double *to) {
    int64_t channels = group / l.together;
    for (int64_t c = 0; c < channels; c++) to[c] = sum[c];
    for (int64_t i = channels; i < group; i += channels)
        for (int64_t c = 0; c < channels; c++) to[c] += sum[i + c];
}

/* call(argument, group) for all channels, group being a constant where it is GROUP. */
#define FOR_GROUPS(l, group, call)                                                                                     \
    for (int64_t first = 0; first < (l).stride; first += GROUP) {                                                      \
        if ((l).stride - first >= GROUP) {                                                                             \
            enum { group = GROUP };                                                                                    \
            call;                                                                                                      \
        } else {                                                                                                       \
            int64_t group = (l).stride - first;                                                                        \
            call;                                                                                                      \
        }                                                                                                              \
    }

FORCED_INLINE void add_run(int64_t group, real *run, double *sum) {
    for (int64_t c = 0; c < group; c++) sum[c] += (double)run[c];
    for (int64_t c = 0; c < group; c++) run[c] = 0;
}

/* sum[group] of x - center, or of its square */
FORCED_INLINE void sum_group(layout l, int64_t group, const real *x, const real *center, int squared, double *sum) {
    real run[GROUP] = {0};
    for (int64_t c = 0; c < group; c++) sum[c] = 0;
    for (int64_t first = 0; first < l.steps; first += RUN) {
        for (int64_t step = first; step < least(first + RUN, l.steps); step++) {
            const real *at = x + step * l.stride;
#pragma omp simd
            for (int64_t c = 0; c < group; c++) {
                real away = at[c] - center[c];
                run[c] += squared ? away * away : away;
            }
        }
        add_run(group, run, sum);
    }
}

FORCED_INLINE void moments_group(layout l, int64_t group, const real *x, double *mean, double *deviation) {
    real center[GROUP] = {0}, means[GROUP];
    double sum[GROUP];
    sum_group(l, group, x, center, 0, sum);
    fold(l, group, sum, mean);
    for (int64_t c = 0; c < group / l.together; c++) means[c] = (real)(mean[c] /= (double)(l.steps * l.together));
    repeat(l, group, means, center);
    sum_group(l, group, x, center, 1, sum);
    fold(l, group, sum, deviation);
}

CLONES void elements_moments(int64_t pixels, int64_t channels, const real *x, double *mean, double *deviation) {
    layout l = layout_of(pixels, channels);
    FOR_GROUPS(l, group, moments_group(l, group, x + first, mean + first, deviation + first))
}

FORCED_INLINE void normalise_group(layout l, int64_t group, const real *mean, const real *scale, const real *shift,
                                   const real *x, real *y) {
    real center[GROUP], factor[GROUP], offset[GROUP];
    repeat(l, group, mean, center);
    repeat(l, group, scale, factor);
    repeat(l, group, shift, offset);
    for (int64_t step = 0; step < l.steps; step++) {
        const real *from = x + step * l.stride;
        real *to = y + step * l.stride;
#pragma omp simd
        for (int64_t c = 0; c < group; c++) {
            real value = factor[c] * (from[c] - center[c]) + offset[c];
            to[c] = value > 0 ? value : 0;
        }
    }
}

CLONES void elements_normalise(int64_t pixels, int64_t channels, const real *mean, const real *scale, const real *shift,
                               const real *x, real *y) {
    layout l = layout_of(pixels, channels);
    FOR_GROUPS(l, group, normalise_group(l, group, mean + first, scale + first, shift + first, x + first, y + first))
}

FORCED_INLINE void sums_group(layout l, int64_t group, const real *mean, const real *x, const real *y, const real *dy,
                              double *sum, double *product) {
    real center[GROUP], sum_run[GROUP] = {0}, product_run[GROUP] = {0};
    double sums[GROUP] = {0}, products[GROUP] = {0};
    repeat(l, group, mean, center);
    for (int64_t first = 0; first < l.steps; first += RUN) {
        for (int64_t step = first; step < least(first + RUN, l.steps); step++) {
            int64_t at = step * l.stride;
#pragma omp simd
            for (int64_t c = 0; c < group; c++) {
                real passed = y[at + c] > 0 ? dy[at + c] : 0;
                sum_run[c] += passed;
                product_run[c] += passed * (x[at + c] - center[c]);
            }
        }
        add_run(group, sum_run, sums);
        add_run(group, product_run, products);
    }
    fold(l, group, sums, sum);
    fold(l, group, products, product);
}

CLONES void elements_normalise_sums(int64_t pixels, int64_t channels, const real *mean, const real *x, const real *y,
                                    const real *dy, double *sum, double *product) {
    layout l = layout_of(pixels, channels);
    FOR_GROUPS(l, group,
               sums_group(l, group, mean + first, x + first, y + first, dy + first, sum + first, product + first))
}

FORCED_INLINE void backward_group(layout l, int64_t group, const real *mean, const real *scale, const real *slope,
                                  const real *offset, const real *x, const real *y, const real *dy, real *dx) {
    real center[GROUP], factor[GROUP], inclination[GROUP], constant[GROUP];
    repeat(l, group, mean, center);
    repeat(l, group, scale, factor);
    repeat(l, group, slope, inclination);
    repeat(l, group, offset, constant);
    for (int64_t step = 0; step < l.steps; step++) {
        int64_t at = step * l.stride;
#pragma omp simd
        for (int64_t c = 0; c < group; c++) {
            real passed = y[at + c] > 0 ? dy[at + c] : 0;
            dx[at + c] = factor[c] * passed + inclination[c] * (x[at + c] - center[c]) + constant[c];
        }
    }
}

CLONES void elements_normalise_backward(int64_t pixels, int64_t channels, const real *mean, const real *scale,
                                        const real *slope, const real *offset, const real *x, const real *y,
                                        const real *dy, real *dx) {
    layout l = layout_of(pixels, channels);
    FOR_GROUPS(l, group,
               backward_group(l, group, mean + first, scale + first, slope + first, offset + first, x + first,
                              y + first, dy + first, dx + first))
}
