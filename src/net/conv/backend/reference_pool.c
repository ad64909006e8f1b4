#include "core/memory.h"
#include "net/conv/backend/reference.h"

/* Offsets of the four pixels that one pixel of the halved images comes from, and its own. */
typedef struct square {
    int64_t at[4], out;
} square;

typedef struct reference {
    pool_shape shape;
    int64_t channels, groups; /* that lie together in a pixel; of an image */
} reference;

static void destroy(void *state) { memory_destroy(state); }

static enot_status create(enot_context *context, const pool_shape *shape, const conv_uses *uses, void **state) {
    reference *s;
    TRY(MEMORY_NEW(context, 1, "a pool", &s));
    int64_t channels = shape->group > 0 ? shape->group : shape->image.channels;
    *s = (reference){*shape, channels, shape->image.channels / channels};
    *state = s;
    return ENOT_OK;
}

static int64_t scratch_size(const void *state) { return 0; }

/* Squares lie row after row, those of all groups and images one after another. */
static int64_t squares_of(const reference *s, int64_t rows) {
    return rows * s->groups * (s->shape.image.height / 2) * (s->shape.image.width / 2);
}

static square square_of(const reference *s, int64_t index) {
    int64_t width = s->shape.image.width / 2, line = 2 * width * s->channels;
    int64_t first = 2 * (index / width) * line + 2 * (index % width) * s->channels;
    return (square){{first, first + s->channels, first + line, first + line + s->channels}, index * s->channels};
}

static int largest_of(const real *x, const square *q, int64_t channel) {
    int largest = 0;
    for (int k = 1; k < 4; k++)
        if (x[q->at[k] + channel] > x[q->at[largest] + channel]) largest = k;
    return largest;
}

static int forward(void *state, conv_worker worker, conv_part part, const real *x, real *y) {
    const reference *s = state;
    for (int64_t i = 0; i < squares_of(s, part.rows); i++) {
        square q = square_of(s, i);
        for (int64_t c = 0; c < s->channels; c++)
            y[q.out + c] = s->shape.largest
                               ? x[q.at[largest_of(x, &q, c)] + c]
                               : (x[q.at[0] + c] + x[q.at[1] + c] + x[q.at[2] + c] + x[q.at[3] + c]) / 4;
    }
    return 0;
}

static int backward(void *state, conv_worker worker, conv_part part, const real *x, const real *dy, int add, real *dx) {
    const reference *s = state;
    for (int64_t i = 0; i < squares_of(s, part.rows); i++) {
        square q = square_of(s, i);
        for (int64_t c = 0; c < s->channels; c++) {
            int largest = largest_of(x, &q, c);
            for (int k = 0; k < 4; k++) {
                real share = s->shape.largest ? (real)(k == largest) : (real).25;
                dx[q.at[k] + c] = share * dy[q.out + c] + (add ? dx[q.at[k] + c] : 0);
            }
        }
    }
    return 0;
}

const pool_ops reference_pool = {create, destroy, scratch_size, forward, backward};
