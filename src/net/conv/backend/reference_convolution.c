/* y[o] = b[o] + the sum over kernel positions (i, j) and inputs c of w[o, c, i, j] x[r + i - padding, q + j - padding,
 * c]. */
#include <string.h>

#include "core/memory.h"
#include "net/conv/backend/reference.h"

/* Where a pixel's channels are: channel c of pixel p of image n at n image + p group + c / group plane + c % group. */
typedef struct places {
    int64_t group, plane, image;
} places;

static places places_of(int64_t pixels, int64_t channels, int64_t group) {
    int64_t together = group > 0 ? group : channels;
    return (places){together, pixels * together, pixels * channels};
}

static int64_t channel_at(const places *p, int64_t channel) {
    return channel / p->group * p->plane + channel % p->group;
}

typedef struct reference {
    convolution_shape shape;
    places input, output;
    real *weight, *bias;
} reference;

static void destroy(void *state) {
    reference *s = state;
    if (!s) return;
    memory_destroy(s->weight);
    memory_destroy(s->bias);
    memory_destroy(s);
}

static enot_status create(enot_context *context, const convolution_shape *shape, const conv_uses *uses,
                          void **state) {
    reference *s;
    TRY(MEMORY_NEW(context, 1, "a convolution", &s));
    s->shape = *shape;
    s->input = places_of(shape->height * shape->width, shape->inputs, shape->input_group);
    s->output = places_of(convolution_out_height(shape) * convolution_out_width(shape), shape->outputs,
                          shape->output_group);
    enot_status status = MEMORY_NEW(context, convolution_weights(shape), "a convolution's weights", &s->weight);
    if (status == ENOT_OK) status = MEMORY_NEW(context, shape->outputs, "a convolution's biases", &s->bias);
    if (status != ENOT_OK) {
        destroy(s);
        return status;
    }
    *state = s;
    return ENOT_OK;
}

static int64_t scratch_size(const void *state) { return 0; }
static int64_t gradient_count(const void *state) { return convolution_weights(&((const reference *)state)->shape); }

static int load(void *state, const real *weight, const real *bias) {
    reference *s = state;
    memcpy(s->weight, weight, (size_t)convolution_weights(&s->shape) * sizeof *weight);
    if (s->shape.with_bias) memcpy(s->bias, bias, (size_t)s->shape.outputs * sizeof *bias);
    return 0;
}

/* Images, results and weights. The convolution and its gradients are one sum over all that meet: sum += one * other. */
typedef enum role { X, Y, W } role;

typedef struct meeting {
    const reference *s;
    role sum, one, other;
    real *to;
    const real *factor, *other_factor;
} meeting;

static int64_t weight_index(const convolution_shape *c, int64_t output, int64_t input, int64_t w_at) {
    return (output * c->inputs + input) * c->kernel_height * c->kernel_width + w_at;
}

/* One output pixel and one position of the kernel that meets an input pixel. x_at, y_at: first channel; w_at: w[0, 0,
 * i, j]. */
static void meet(const meeting *m, int64_t x_at, int64_t y_at, int64_t w_at) {
    const reference *s = m->s;
    for (int64_t o = 0; o < s->shape.outputs; o++)
        for (int64_t c = 0; c < s->shape.inputs; c++) {
            const int64_t at[] = {[X] = x_at + channel_at(&s->input, c),
                                  [Y] = y_at + channel_at(&s->output, o),
                                  [W] = weight_index(&s->shape, o, c, w_at)};
            m->to[at[m->sum]] += m->factor[at[m->one]] * m->other_factor[at[m->other]];
        }
}

static void meet_row(const meeting *m, int64_t x_row, int64_t y_at, int64_t q, int64_t i) {
    const convolution_shape *c = &m->s->shape;
    for (int64_t j = 0; j < c->kernel_width; j++) {
        int64_t column = q + j - c->padding;
        if (column < 0 || column >= c->width) continue;
        meet(m, x_row + column * m->s->input.group, y_at, i * c->kernel_width + j);
    }
}

static void meet_all(const meeting *m, int64_t rows) {
    const reference *s = m->s;
    const convolution_shape *c = &s->shape;
    int64_t height = convolution_out_height(c), width = convolution_out_width(c);
    for (int64_t pixel = 0; pixel < rows * height * width; pixel++) {
        int64_t n = pixel / (height * width), r = pixel / width % height, q = pixel % width;
        for (int64_t i = 0; i < c->kernel_height; i++) {
            int64_t line = r + i - c->padding;
            if (line < 0 || line >= c->height) continue;
            meet_row(m, n * s->input.image + line * c->width * s->input.group,
                     n * s->output.image + (r * width + q) * s->output.group, q, i);
        }
    }
}

static int64_t out_pixels(const convolution_shape *c, int64_t rows) {
    return rows * convolution_out_height(c) * convolution_out_width(c);
}

/* The channel of a number of the outputs. */
static int64_t output_of(const reference *s, int64_t i) {
    return i % s->output.image / s->output.plane * s->output.group + i % s->output.group;
}

static int forward(void *state, conv_worker worker, int64_t rows, const real *x, real *y) {
    const reference *s = state;
    for (int64_t i = 0; i < out_pixels(&s->shape, rows) * s->shape.outputs; i++) y[i] = s->bias[output_of(s, i)];
    meet_all(&(meeting){s, Y, W, X, y, s->weight, x}, rows);
    return 0;
}

static int backward_input(void *state, conv_worker worker, int64_t rows, const real *dy, real *dx) {
    const reference *s = state;
    memset(dx, 0, (size_t)(rows * s->shape.height * s->shape.width * s->shape.inputs) * sizeof *dx);
    meet_all(&(meeting){s, X, W, Y, dx, s->weight, dy}, rows);
    return 0;
}

static int backward_weights(void *state, conv_worker worker, int64_t rows, const real *x, const real *dy,
                            real *gradient, real *bias_gradient) {
    const reference *s = state;
    memset(gradient, 0, (size_t)convolution_weights(&s->shape) * sizeof *gradient);
    meet_all(&(meeting){s, W, X, Y, gradient, x, dy}, rows);
    if (!s->shape.with_bias) return 0;
    memset(bias_gradient, 0, (size_t)s->shape.outputs * sizeof *bias_gradient);
    for (int64_t i = 0; i < out_pixels(&s->shape, rows) * s->shape.outputs; i++)
        bias_gradient[output_of(s, i)] += dy[i];
    return 0;
}

static int unpack(void *state, const real *gradient, real *weight_gradient) {
    memcpy(weight_gradient, gradient, (size_t)gradient_count(state) * sizeof *gradient);
    return 0;
}

const convolution_ops reference_convolution = {create,  destroy,        scratch_size,     gradient_count, load,
                                               forward, backward_input, backward_weights, unpack};
