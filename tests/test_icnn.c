/* The benchmark's convex network in panels, against its formula in double on the same tensors. */
#include "core/memory.h"
#include "measures/icnn.h"
#include "measures/normals.h"
#include "numeric.h"

static const double TOLERANCE = sizeof(real) == 8 ? 1e-13 : 2e-6; /* of the largest number */

/* Widths that fill their panels and ones that do not. */
typedef struct shape {
    int64_t dim, layers, rank, width[3];
} shape;

static const shape SHAPES[] = {{1, 2, 1, {1, 1}}, {2, 3, 1, {64, 64, 32}}, {5, 3, 2, {33, 40, 7}}, {70, 3, 1, {128, 100, 64}}};
enum { SHAPE_COUNT = sizeof SHAPES / sizeof *SHAPES, COUNT = 40, DIM_MAX = 96 };

/* count numbers of the given size around 0, or half of that size above it. */
static double *numbers(enot_context *context, int64_t count, double size, int positive) {
    static uint64_t seed = 0;
    double *made;
    assert_int_equal(MEMORY_NEW(context, count, "numbers", &made), ENOT_OK);
    random_row row = random_row_start(++seed, RANDOM_STREAM_INIT, 0);
    for (int64_t i = 0; i < count; i++) made[i] = size * (random_uniform(&row) - (positive ? 0 : .5));
    return made;
}

static icnn_tensors make_tensors(enot_context *context, const shape *s) {
    icnn_tensors t = {.dim = s->dim, .layer_count = s->layers, .curvature = .01};
    for (int64_t i = 0; i < s->layers; i++) {
        int64_t width = s->width[i], before = i > 0 ? s->width[i - 1] : 0;
        t.layers[i] = (icnn_tensor_layer){
            .width = width,
            .rank = s->rank,
            .quadratic = numbers(context, s->rank * width * s->dim, 1 / sqrt((double)s->dim), 0),
            .linear = numbers(context, width * s->dim, 2, 0),
            .bias = numbers(context, width, 2, 0),
            .convex = i > 0 ? numbers(context, width * before, 1 / (double)before, 1) : NULL,
        };
    }
    t.final = numbers(context, s->width[s->layers - 1], 1, 1);
    return t;
}

/* A value and its derivative along one axis. */
typedef struct dual {
    double value, slope;
} dual;

/* W_i[o] x + b_i[o] + sum_r (x Q_i[:, r, o])^2 */
static dual quadratic(const icnn_tensors *t, const icnn_tensor_layer *layer, int64_t o, const double *x, int64_t axis) {
    dual sum = {layer->bias[o], layer->linear[o * t->dim + axis]};
    for (int64_t d = 0; d < t->dim; d++) sum.value += layer->linear[o * t->dim + d] * x[d];
    for (int64_t r = 0; r < layer->rank; r++) {
        const double *q = layer->quadratic + (r * layer->width + o) * t->dim;
        double factor = 0;
        for (int64_t d = 0; d < t->dim; d++) factor += q[d] * x[d];
        sum.value += factor * factor;
        sum.slope += 2 * factor * q[axis];
    }
    return sum;
}

static dual celu(dual z) { return z.value > 0 ? z : (dual){expm1(z.value), exp(z.value) * z.slope}; }

static double slope_along(const icnn_tensors *t, const double *x, int64_t axis) {
    dual z[128], next[128];
    for (int64_t i = 0; i < t->layer_count; i++) {
        const icnn_tensor_layer *layer = &t->layers[i];
        for (int64_t o = 0; o < layer->width; o++) {
            next[o] = quadratic(t, layer, o, x, axis);
            for (int64_t k = 0; i > 0 && k < layer[-1].width; k++) {
                next[o].value += layer->convex[o * layer[-1].width + k] * z[k].value;
                next[o].slope += layer->convex[o * layer[-1].width + k] * z[k].slope;
            }
            if (i > 0) next[o] = celu(next[o]);
        }
        memcpy(z, next, sizeof z);
    }
    double sum = t->curvature * x[axis];
    for (int64_t o = 0; o < t->layers[t->layer_count - 1].width; o++) sum += t->final[o] * z[o].slope;
    return sum;
}

typedef struct fixture {
    enot_context *context;
    icnn_tensors tensors;
    icnn net;
    int64_t dim;
    double x[COUNT * DIM_MAX];
    _Alignas(64) real points[ICNN_ROWS * DIM_MAX], gradient[ICNN_ROWS * DIM_MAX];
} fixture;

static panels panels_in(real *at) { return (panels){at, ICNN_ROWS}; }

static void open_net(fixture *at, const shape *s) {
    memset(at, 0, sizeof *at);
    assert_int_equal(enot_context_create(&at->context), ENOT_OK);
    at->tensors = make_tensors(at->context, s);
    at->dim = s->dim;
    assert_int_equal(icnn_pack(at->context, &at->tensors, &at->net), ENOT_OK);
    real rows[COUNT * DIM_MAX];
    normals_rows(at->net.ops, 7, RANDOM_STREAM_MEASURE_NORMALS, 0, COUNT, s->dim, rows);
    for (int64_t i = 0; i < COUNT * s->dim; i++) at->x[i] = rows[i];
    panels_from_rows(rows, COUNT, s->dim, NULL, panels_in(at->points));
}

static void close_net(fixture *at) {
    icnn_release(&at->net);
    icnn_tensors_release(&at->tensors);
    enot_context_destroy(at->context);
}

static void gradient_is_that_of_the_formula(void **state) {
    fixture at;
    for (int k = 0; k < SHAPE_COUNT; k++) {
        open_net(&at, &SHAPES[k]);
        icnn_gradient(&at.net, COUNT, panels_in(at.points), panels_in(at.gradient));
        real got[COUNT * DIM_MAX];
        double want[COUNT * DIM_MAX], largest = 0;
        panels_to_rows(panels_in(at.gradient), COUNT, at.dim, got);
        for (int64_t i = 0; i < COUNT * at.dim; i++) {
            want[i] = slope_along(&at.tensors, at.x + i / at.dim * at.dim, i % at.dim);
            largest = fmax(largest, fabs(want[i]));
        }
        for (int64_t i = 0; i < COUNT * at.dim; i++)
            if (!(fabs((double)got[i] - want[i]) <= TOLERANCE * largest))
                fail_msg("shape %d, number %d: %.10g, not %.10g", k, (int)i, (double)got[i], want[i]);
        close_net(&at);
    }
}

static void a_points_gradient_does_not_depend_on_the_others(void **state) {
    fixture at;
    for (int k = 0; k < SHAPE_COUNT; k++) {
        open_net(&at, &SHAPES[k]);
        real all[COUNT * DIM_MAX], some[COUNT * DIM_MAX];
        icnn_gradient(&at.net, COUNT, panels_in(at.points), panels_in(at.gradient));
        panels_to_rows(panels_in(at.gradient), COUNT, at.dim, all);
        for (int64_t count = 1; count < COUNT; count += 5) {
            icnn_gradient(&at.net, count, panels_in(at.points), panels_in(at.gradient));
            panels_to_rows(panels_in(at.gradient), count, at.dim, some);
            assert_memory_equal(some, all, (size_t)(count * at.dim) * sizeof *all);
        }
        close_net(&at);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradient_is_that_of_the_formula),
        cmocka_unit_test(a_points_gradient_does_not_depend_on_the_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
