#include "measures/icnn.h"

#include <math.h>
#include <string.h>

#include "core/clones.h"

#define LANES ICNN_LANES

/* One number of each point that goes through the network. */
typedef double lanes __attribute__((vector_size(LANES * sizeof(double)), aligned(sizeof(double)), may_alias));

/* Rows of a matrix that are worked on together, so that additions need not wait for one another. */
#define ROWS 4
#define UNROLL _Pragma("GCC unroll 4")

/* out [rows, LANES] += matrix [rows, columns] in [columns, LANES] */
CLONES static void multiply(const double *restrict matrix, int64_t rows, int64_t columns, const double *restrict in,
                            double *restrict out) {
    const lanes *from = (const lanes *)in;
    lanes *to = (lanes *)out;
    int64_t i = 0;
    for (; i + ROWS <= rows; i += ROWS) {
        lanes sums[ROWS] = {0};
        for (int64_t j = 0; j < columns; j++)
            UNROLL for (int r = 0; r < ROWS; r++) sums[r] += matrix[(i + r) * columns + j] * from[j];
        UNROLL for (int r = 0; r < ROWS; r++) to[i + r] += sums[r];
    }
    for (; i < rows; i++) {
        lanes sum = {0};
        for (int64_t j = 0; j < columns; j++) sum += matrix[i * columns + j] * from[j];
        to[i] += sum;
    }
}

/* out [columns, LANES] += matrix^T [columns, rows] in [rows, LANES] */
CLONES static void multiply_transposed(const double *restrict matrix, int64_t rows, int64_t columns,
                                       const double *restrict in, double *restrict out) {
    const lanes *from = (const lanes *)in;
    lanes *to = (lanes *)out;
    int64_t i = 0;
    for (; i + ROWS <= rows; i += ROWS)
        for (int64_t j = 0; j < columns; j++) {
            lanes sum = to[j];
            UNROLL for (int r = 0; r < ROWS; r++) sum += matrix[(i + r) * columns + j] * from[i + r];
            to[j] = sum;
        }
    for (; i < rows; i++)
        for (int64_t j = 0; j < columns; j++) to[j] += matrix[i * columns + j] * from[i];
}

static double celu(double x) { return x > 0 ? x : expm1(x); }
static double celu_slope(double x) { return x > 0 ? 1 : exp(x); }

/* factors [rank * width, LANES] = x Q; quad [width, LANES] += quad_i(x). */
static void add_quadratic(const icnn_layer *layer, int64_t dim, const double *x, double *factors, double *quad) {
    int64_t size = layer->width * LANES;
    memset(factors, 0, (size_t)(layer->rank * size) * sizeof *factors);
    multiply(layer->quadratic, layer->rank * layer->width, dim, x, factors);
    multiply(layer->linear, layer->width, dim, x, quad);
    for (int64_t o = 0; o < size; o++) {
        quad[o] += layer->bias[o / LANES];
        for (int64_t r = 0; r < layer->rank; r++) quad[o] += factors[r * size + o] * factors[r * size + o];
    }
}

/* gradient += (d quad_i / dx)^T seed; factors are used up. */
static void add_quadratic_gradient(const icnn_layer *layer, int64_t dim, const double *seed, double *factors,
                                   double *gradient) {
    int64_t size = layer->width * LANES;
    for (int64_t k = 0; k < layer->rank * size; k++) factors[k] *= 2 * seed[k % size];
    multiply_transposed(layer->quadratic, layer->rank * layer->width, dim, factors, gradient);
    multiply_transposed(layer->linear, layer->width, dim, seed, gradient);
}

/* What the way forward leaves for the way back: of each layer the factors x Q and the value before its activation. */
typedef struct trace {
    double *factors[ICNN_LAYERS_MAX], *before[ICNN_LAYERS_MAX];
} trace;

static void forward(const icnn *net, const double *x, trace *t, double *arena) {
    double z[ICNN_WIDTH_MAX * LANES];
    for (int64_t i = 0; i < net->layer_count; i++) {
        const icnn_layer *layer = &net->layers[i];
        int64_t size = layer->width * LANES;
        t->factors[i] = arena;
        t->before[i] = arena + layer->rank * size;
        arena = t->before[i] + size;
        memset(t->before[i], 0, (size_t)size * sizeof *arena);
        add_quadratic(layer, net->dim, x, t->factors[i], t->before[i]);
        if (i > 0) multiply(layer->convex, layer->width, layer[-1].width, z, t->before[i]);
        for (int64_t k = 0; k < size; k++) z[k] = i > 0 ? celu(t->before[i][k]) : t->before[i][k];
    }
}

static void backward(const icnn *net, const trace *t, double *gradient) {
    double seed[ICNN_WIDTH_MAX * LANES], next[ICNN_WIDTH_MAX * LANES];
    int64_t last = net->layer_count - 1;
    for (int64_t k = 0; k < net->layers[last].width * LANES; k++) seed[k] = net->final[k / LANES];
    for (int64_t i = last; i >= 0; i--) {
        const icnn_layer *layer = &net->layers[i];
        for (int64_t k = 0; i > 0 && k < layer->width * LANES; k++) seed[k] *= celu_slope(t->before[i][k]);
        add_quadratic_gradient(layer, net->dim, seed, t->factors[i], gradient);
        if (i == 0) break;
        size_t size = (size_t)(layer[-1].width * LANES) * sizeof *next;
        memset(next, 0, size);
        multiply_transposed(layer->convex, layer->width, layer[-1].width, seed, next);
        memcpy(seed, next, size);
    }
}

void icnn_add_gradient(const icnn *net, const double *x, double *gradient) {
    double arena[ICNN_UNITS_MAX * LANES];
    trace t;
    forward(net, x, &t, arena);
    backward(net, &t, gradient);
    for (int64_t k = 0; k < net->dim * LANES; k++) gradient[k] += net->curvature * x[k];
}
