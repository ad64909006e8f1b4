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
    int64_t channels, pixels, group;       /* pixels: of one image */
    real *mean, *inverse;                  /* inverse: 1 / s */
    real *scale, *shift_or_slope, *offset; /* as elements.h wants them */
} norm;

static norm norm_of(const conv_pass *pass, const conv_layer *layer) {
    image_shape shape = pass->net->values[layer->input];
    real *mean = pass->moments + layer->statistic_at, *free = pass->coefficients;
    int64_t c = shape.channels;
    return (norm){pass, layer,    c,    shape.height * shape.width, conv_pass_group(pass, layer->input),
                  mean, mean + c, free, free + c,                   free + 2 * c};
}

/* Sums over one image, of a channel and those after it. */
static double *sums_of(const norm *n, int64_t image, int which, int64_t channel) {
    return n->pass->image_sums + (2 * image + which) * n->channels + channel;
}

/* Channels channel .. channel + group - 1 of one image. */
typedef struct piece {
    int64_t image, channel;
    const real *x, *y, *dy;
    real *to, *dx;
} piece;

typedef void piece_task(const norm *n, const piece *p);

static piece piece_of(const norm *n, int64_t image, int64_t channel) {
    const conv_layer *layer = n->layer;
    int64_t at = channel * n->pixels;
    piece p = {.image = image, .channel = channel};
    p.x = conv_pass_value(n->pass, layer->input, image) + at;
    p.y = p.to = conv_pass_value(n->pass, layer->output, image) + at;
    if (!n->pass->with_gradients) return p;
    p.dy = conv_pass_gradient(n->pass, layer->output, image) + at;
    p.dx = conv_pass_gradient(n->pass, layer->input, image) + at;
    return p;
}

static void for_pieces(const conv_pass *pass, const conv_layer *layer, int64_t index, piece_task *task) {
    norm n = norm_of(pass, layer);
    conv_part part = conv_pass_part(pass, index);
    for (int64_t image = part.first; image < part.first + part.rows; image++)
        for (int64_t channel = 0; channel < n.channels; channel += n.group) {
            piece p = piece_of(&n, image, channel);
            task(&n, &p);
        }
}

static void measure_piece(const norm *n, const piece *p) {
    elements_moments(n->pixels, n->group, p->x, sums_of(n, p->image, 0, p->channel),
                     sums_of(n, p->image, 1, p->channel));
}

void conv_norm_measure(const conv_pass *pass, const conv_layer *layer, int64_t index) {
    for_pieces(pass, layer, index, measure_piece);
}

/* Mean and sum of squared distances from it, of one channel over all images (Chan, Golub and LeVeque 1983). */
static void merge_images(const norm *n, int64_t c, double *mean, double *deviation) {
    double sum = 0;
    for (int64_t i = 0; i < n->pass->rows; i++) sum += *sums_of(n, i, 0, c);
    *mean = sum / (double)n->pass->rows;
    *deviation = 0;
    for (int64_t i = 0; i < n->pass->rows; i++) {
        double away = *sums_of(n, i, 0, c) - *mean;
        *deviation += *sums_of(n, i, 1, c) + (double)n->pixels * away * away;
    }
}

static void move_towards(real *statistic, double value) {
    *statistic += (real)(CONV_NORM_MOMENTUM * (value - (double)*statistic));
}

static void merge(norm *n, real *running) {
    double count = (double)(n->pass->rows * n->pixels);
    for (int64_t c = 0; c < n->channels; c++) {
        double mean, deviation;
        merge_images(n, c, &mean, &deviation);
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

static void apply_piece(const norm *n, const piece *p) {
    int64_t c = p->channel;
    elements_normalise(n->pixels, n->group, n->mean + c, n->scale + c, n->shift_or_slope + c, p->x, p->to);
}

void conv_norm_apply(const conv_pass *pass, const conv_layer *layer, int64_t index) {
    for_pieces(pass, layer, index, apply_piece);
}

static void measure_piece_backward(const norm *n, const piece *p) {
    elements_normalise_sums(n->pixels, n->group, n->mean + p->channel, p->x, p->y, p->dy,
                            sums_of(n, p->image, 0, p->channel), sums_of(n, p->image, 1, p->channel));
}

void conv_norm_measure_backward(const conv_pass *pass, const conv_layer *layer, int64_t index) {
    for_pieces(pass, layer, index, measure_piece_backward);
}

static double sum_over_images(const norm *n, int which, int64_t c) {
    double sum = 0;
    for (int64_t i = 0; i < n->pass->rows; i++) sum += *sums_of(n, i, which, c);
    return sum;
}

/* Of one channel: the gradients of g and b, and how dx comes about. */
static void gather(const norm *n, int64_t c, real *gradient, int accumulate) {
    double inverse = (double)n->inverse[c], pixels = (double)(n->pass->rows * n->pixels);
    double shift_gradient = sum_over_images(n, 0, c), scale_gradient = inverse * sum_over_images(n, 1, c);
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

static void apply_piece_backward(const norm *n, const piece *p) {
    int64_t c = p->channel;
    elements_normalise_backward(n->pixels, n->group, n->mean + c, n->scale + c, n->shift_or_slope + c, n->offset + c,
                                p->x, p->y, p->dy, p->dx);
}

void conv_norm_apply_backward(const conv_pass *pass, const conv_layer *layer, int64_t index) {
    for_pieces(pass, layer, index, apply_piece_backward);
}
