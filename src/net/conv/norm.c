/*
 * Batch normalisation and ReLU: y = max(0, g (x - m) / s + b), s = sqrt(v + epsilon), m and v the mean and biased
 * variance of each channel (Ioffe and Szegedy 2015). Backward, e being dy where y > 0, N the pixels of the batch and h
 * = (x - m) / s: db = sum e,  dg = sum e h,  dx = g / s (e - db / N - h dg / N).
 */
#include <math.h>

#include "net/conv/elements.h"
#include "net/conv/pass_memory.h"

typedef struct norm {
    const conv_pass *pass;
    const conv_layer *layer;
    int64_t channels, pixels;              /* pixels: of one image */
    real *mean, *inverse;                  /* inverse: 1 / s */
    real *scale, *shift_or_slope, *offset; /* as elements.h wants them */
} norm;

static norm norm_of(const conv_pass *pass, const conv_layer *layer) {
    image_shape shape = pass->net->values[layer->input];
    real *mean = pass->moments + layer->statistic_at, *free = pass->coefficients;
    int64_t c = shape.channels;
    return (norm){pass, layer, c, shape.height * shape.width, mean, mean + c, free, free + c, free + 2 * c};
}

static double *sums_of(const norm *n, int64_t part, int which) {
    return n->pass->part_sums + (2 * part + which) * n->channels;
}

void conv_norm_measure(const conv_pass *pass, const conv_layer *layer, int64_t index) {
    norm n = norm_of(pass, layer);
    conv_part part = conv_pass_part(pass, index);
    elements_moments(part.rows * n.pixels, n.channels, conv_pass_value(pass, layer->input, part.first),
                     sums_of(&n, index, 0), sums_of(&n, index, 1));
}

/* Mean and sum of squared distances from it, of one channel over all parts (Chan, Golub and LeVeque 1983). */
static void merge_parts(const norm *n, int64_t c, double *mean, double *deviation) {
    double sum = 0;
    for (int64_t p = 0; p < n->pass->parts; p++) sum += (double)conv_pass_part(n->pass, p).rows * sums_of(n, p, 0)[c];
    *mean = sum / (double)n->pass->rows;
    *deviation = 0;
    for (int64_t p = 0; p < n->pass->parts; p++) {
        double pixels = (double)(conv_pass_part(n->pass, p).rows * n->pixels), away = sums_of(n, p, 0)[c] - *mean;
        *deviation += sums_of(n, p, 1)[c] + pixels * away * away;
    }
}

static void move_towards(real *statistic, double value) {
    *statistic += (real)(CONV_NORM_MOMENTUM * (value - (double)*statistic));
}

static void merge(norm *n, real *running) {
    double count = (double)(n->pass->rows * n->pixels);
    for (int64_t c = 0; c < n->channels; c++) {
        double mean, deviation;
        merge_parts(n, c, &mean, &deviation);
        n->mean[c] = (real)mean;
        n->inverse[c] = (real)(1 / sqrt(deviation / count + CONV_NORM_EPSILON));
        if (!running) continue;
        move_towards(&running[c], mean);
        move_towards(&running[n->channels + c], deviation / (count > 1 ? count - 1 : 1));
    }
}

static void recall(norm *n, const real *running) {
    for (int64_t c = 0; c < n->channels; c++) {
        n->mean[c] = running[c];
        n->inverse[c] = (real)(1 / sqrt((double)running[n->channels + c] + CONV_NORM_EPSILON));
    }
}

void conv_norm_settle(const conv_pass *pass, const conv_layer *layer, real *statistics, int training) {
    norm n = norm_of(pass, layer);
    real *running = statistics ? statistics + layer->statistic_at : NULL;
    if (training)
        merge(&n, running);
    else
        recall(&n, running);
    for (int64_t c = 0; c < n.channels; c++) {
        n.scale[c] = pass->parameters[layer->weight_at + c] * n.inverse[c];
        n.shift_or_slope[c] = pass->parameters[layer->bias_at + c];
    }
}

void conv_norm_apply(const conv_pass *pass, const conv_layer *layer, int64_t index) {
    norm n = norm_of(pass, layer);
    conv_part part = conv_pass_part(pass, index);
    elements_normalise(part.rows * n.pixels, n.channels, n.mean, n.scale, n.shift_or_slope,
                       conv_pass_value(pass, layer->input, part.first),
                       conv_pass_value(pass, layer->output, part.first));
}

void conv_norm_measure_backward(const conv_pass *pass, const conv_layer *layer, int64_t index) {
    norm n = norm_of(pass, layer);
    conv_part part = conv_pass_part(pass, index);
    elements_normalise_sums(part.rows * n.pixels, n.channels, n.mean, conv_pass_value(pass, layer->input, part.first),
                            conv_pass_value(pass, layer->output, part.first),
                            conv_pass_gradient(pass, layer->output, part.first), sums_of(&n, index, 0),
                            sums_of(&n, index, 1));
}

static double sum_over_parts(const norm *n, int which, int64_t c) {
    double sum = 0;
    for (int64_t p = 0; p < n->pass->parts; p++) sum += sums_of(n, p, which)[c];
    return sum;
}

/* Of one channel: the gradients of g and b, and how dx comes about. */
static void gather(const norm *n, int64_t c, real *gradient, int accumulate) {
    double inverse = (double)n->inverse[c], pixels = (double)(n->pass->rows * n->pixels);
    double shift_gradient = sum_over_parts(n, 0, c), scale_gradient = inverse * sum_over_parts(n, 1, c);
    double scale = (double)n->pass->parameters[n->layer->weight_at + c] * inverse;
    n->scale[c] = (real)scale;
    n->shift_or_slope[c] = n->pass->trained ? (real)(-scale * inverse * scale_gradient / pixels) : 0;
    n->offset[c] = n->pass->trained ? (real)(-scale * shift_gradient / pixels) : 0;
    if (!gradient) return;
    real *weight = &gradient[n->layer->weight_at + c], *bias = &gradient[n->layer->bias_at + c];
    *weight = (real)scale_gradient + (accumulate ? *weight : 0);
    *bias = (real)shift_gradient + (accumulate ? *bias : 0);
}

void conv_norm_settle_backward(const conv_pass *pass, const conv_layer *layer, real *gradient, int accumulate) {
    norm n = norm_of(pass, layer);
    for (int64_t c = 0; c < n.channels; c++) gather(&n, c, gradient, accumulate);
}

void conv_norm_apply_backward(const conv_pass *pass, const conv_layer *layer, int64_t index) {
    norm n = norm_of(pass, layer);
    conv_part part = conv_pass_part(pass, index);
    elements_normalise_backward(
        part.rows * n.pixels, n.channels, n.mean, n.scale, n.shift_or_slope, n.offset,
        conv_pass_value(pass, layer->input, part.first), conv_pass_value(pass, layer->output, part.first),
        conv_pass_gradient(pass, layer->output, part.first), conv_pass_gradient(pass, layer->input, part.first));
}
