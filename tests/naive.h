/* Networks, costs and losses of the documentation written down once more, in double and without a thought for speed. */
#ifndef ENOT_TESTS_NAIVE_H
#define ENOT_TESTS_NAIVE_H

#include "net/transport.h"
#include "numeric.h"

enum { NAIVE_WIDTH = 192, NAIVE_LAYERS = 8 };

/* s(z) and s'(z) */
static inline double naive_activation(activation kind, double z, double *slope) {
    double s = 1 / (1 + exp(-z));
    switch (kind) {
    case ACTIVATION_ELU:
    case ACTIVATION_CELU: *slope = z > 0 ? 1 : exp(z); return z > 0 ? z : expm1(z);
    case ACTIVATION_SILU: *slope = s * (1 + z * (1 - s)); return z * s;
    case ACTIVATION_GELU:
        *slope = (1 + erf(z / sqrt(2))) / 2 + z * exp(-z * z / 2) / sqrt(2 * M_PI);
        return z * (1 + erf(z / sqrt(2))) / 2;
    case ACTIVATION_SOFTPLUS: *slope = s; return log1p(exp(z));
    case ACTIVATION_TANH: *slope = 1 - tanh(z) * tanh(z); return tanh(z);
    case ACTIVATION_RELU: *slope = z > 0; return z > 0 ? z : 0;
    case ACTIVATION_LEAKY_RELU: *slope = z >= 0 ? 1 : .2; return z >= 0 ? z : .2 * z;
    case ACTIVATION_COUNT: break;
    }
    return NAN;
}

/* output = net(x); gradient (NULL: none) [input] = gradient of sum <output, seed> in x. */
static inline void naive_mlp(const mlp *net, const double *parameters, const double *x, const double *seed, double *output,
                             double *gradient) {
    double a[NAIVE_LAYERS + 1][NAIVE_WIDTH], slope[NAIVE_LAYERS + 1][NAIVE_WIDTH];
    memcpy(a[0], x, (size_t)net->width[0] * sizeof *x);
    for (int64_t l = 1; l <= net->layers; l++)
        for (int64_t i = 0; i < net->width[l]; i++) {
            double z = parameters[net->bias_at[l] + i];
            for (int64_t j = 0; j < net->width[l - 1]; j++)
                z += parameters[net->weight_at[l] + i * net->width[l - 1] + j] * a[l - 1][j];
            slope[l][i] = 1;
            a[l][i] = l < net->layers ? naive_activation(net->kind, z, &slope[l][i]) : z;
        }
    memcpy(output, a[net->layers], (size_t)net->width[net->layers] * sizeof *output);
    if (!gradient) return;
    double back[2][NAIVE_WIDTH];
    memcpy(back[net->layers % 2], seed, (size_t)net->width[net->layers] * sizeof *seed);
    for (int64_t l = net->layers; l >= 1; l--)
        for (int64_t j = 0; j < net->width[l - 1]; j++) {
            double sum = 0;
            for (int64_t i = 0; i < net->width[l]; i++)
                sum += parameters[net->weight_at[l] + i * net->width[l - 1] + j] * slope[l][i] * back[l % 2][i];
            back[(l - 1) % 2][j] = sum;
        }
    memcpy(gradient, back[0], (size_t)net->width[0] * sizeof *gradient);
}

static inline double naive_norm(int64_t dim, const double *z, double p) {
    double sum = 0;
    for (int64_t j = 0; j < dim; j++) sum += pow(fabs(z[j]), p);
    return pow(sum, 1 / p);
}

static inline double naive_dot(int64_t dim, const double *x, const double *y) {
    double sum = 0;
    for (int64_t j = 0; j < dim; j++) sum += x[j] * y[j];
    return sum;
}

/* z' M z; weights: M is diagonal */
static inline double naive_quadratic_form(const cost_array *m, int64_t dim, const double *z) {
    double sum = 0;
    for (int64_t i = 0; i < dim; i++)
        for (int64_t j = 0; j < dim; j++) sum += z[i] * z[j] * (m->rows == dim ? m->values[i * dim + j] : i == j ? m->values[i] : 0);
    return sum;
}

/* |z|^2 less what of it lies in the span of the rows, by Gram and Schmidt. */
static inline double naive_outside(const cost_array *rows, int64_t dim, const double *z) {
    double basis[NAIVE_LAYERS][NAIVE_WIDTH], outside = naive_dot(dim, z, z);
    for (int64_t k = 0; k < rows->rows; k++) {
        memcpy(basis[k], rows->values + k * dim, (size_t)dim * sizeof *z);
        for (int64_t l = 0; l < k; l++) {
            double along = naive_dot(dim, basis[k], basis[l]);
            for (int64_t j = 0; j < dim; j++) basis[k][j] -= along * basis[l][j];
        }
        double length = sqrt(naive_dot(dim, basis[k], basis[k]));
        for (int64_t j = 0; j < dim; j++) basis[k][j] /= length;
        outside -= pow(naive_dot(dim, basis[k], z), 2);
    }
    return outside;
}

/* The squared norm by the formula of Argyriou, Foygel and Srebro 2012, Proposition 2.1. */
static inline double naive_overlap(int64_t k, int64_t dim, const double *z) {
    double w[NAIVE_WIDTH + 2] = {INFINITY};
    for (int64_t i = 1; i <= dim; i++) { /* w[1] >= w[2] >= ... */
        int64_t at = i;
        for (; at > 1 && w[at - 1] < fabs(z[i - 1]); at--) w[at] = w[at - 1];
        w[at] = fabs(z[i - 1]);
    }
    for (int64_t r = 0; r < k; r++) {
        double rest = 0, head = 0;
        for (int64_t i = k - r; i <= dim; i++) rest += w[i];
        for (int64_t i = 1; i < k - r; i++) head += w[i] * w[i];
        if (w[k - r - 1] > rest / (double)(r + 1) && rest / (double)(r + 1) >= w[k - r]) return head + rest * rest / (double)(r + 1);
    }
    return NAN;
}

static inline double naive_stvs(double t, double size) {
    double a = log(size / (2 * t) + sqrt(1 + pow(size / (2 * t), 2)));
    return t * t * (a + .5 - exp(-2 * a) / 2);
}

/* |P z|^2 / |P|_F^2, P being the array or the normals of rank and seed. */
static inline double naive_projected(const cost *c, const double *z) {
    const cost_array *a = &c->array;
    double square = 0, size = 0;
    for (int64_t k = 0; k < (a->values ? a->rows : (int64_t)c->parameters[0]); k++) {
        random_row draws = random_row_start((uint64_t)c->parameters[1], RANDOM_STREAM_PROJECTION, (uint64_t)k);
        double row[NAIVE_WIDTH];
        for (int64_t j = 0; j < c->dim; j++) row[j] = a->values ? a->values[k * c->dim + j] : random_normal(&draws);
        square += pow(naive_dot(c->dim, row, z), 2);
        size += naive_dot(c->dim, row, row);
    }
    return square / size;
}

/* c(x, y) */
static inline double naive_cost(const cost *c, const double *x, const double *y) {
    double z[NAIVE_WIDTH], first = c->parameters[0], second = c->parameters[1];
    for (int64_t j = 0; j < c->dim; j++) z[j] = x[j] - y[j];
    if (c->kind == &cost_dot_product) return -naive_dot(c->dim, x, y);
    if (c->kind == &cost_sqeuclidean) return naive_dot(c->dim, z, z);
    if (c->kind == &cost_euclidean) return sqrt(naive_dot(c->dim, z, z));
    if (c->kind == &cost_pnorm) return pow(naive_norm(c->dim, z, first), first) / first;
    if (c->kind == &cost_sq_pnorm) return pow(naive_norm(c->dim, z, first), 2) / 2;
    if (c->kind == &cost_elastic_l1) return first / 2 * naive_dot(c->dim, z, z) + second * naive_norm(c->dim, z, 1);
    if (c->kind == &cost_mean_squared)
        return (naive_dot(c->dim, z, z) + first * naive_norm(c->dim, z, 1)) / (double)c->dim;
    if (c->kind == &cost_projected) return naive_projected(c, z);
    if (c->kind == &cost_huber) {
        double sum = 0;
        for (int64_t j = 0; j < c->dim; j++)
            sum += fabs(z[j]) <= first ? z[j] * z[j] / 2 : first * (fabs(z[j]) - first / 2);
        return sum;
    }
    if (c->kind == &cost_mahalanobis) return naive_quadratic_form(&c->array, c->dim, z);
    if (c->kind == &cost_concave) return pow(naive_dot(c->dim, z, z), first / 2);
    if (c->kind == &cost_elastic_stvs) {
        double sum = naive_dot(c->dim, z, z) / 2;
        for (int64_t j = 0; j < c->dim; j++) sum += naive_stvs(second / first, fabs(z[j]));
        return first * sum;
    }
    if (c->kind == &cost_elastic_overlap)
        return second / 2 * naive_dot(c->dim, z, z) + c->parameters[2] / 2 * naive_overlap((int64_t)first, c->dim, z);
    if (c->kind == &cost_elastic_subspace) return first / 2 * naive_dot(c->dim, z, z) + second / 2 * naive_outside(&c->array, c->dim, z);
    if (c->kind == &cost_periodic) {
        double sum = 0;
        for (int64_t j = 0; j < c->dim; j++) {
            double period = c->array.values ? c->array.values[j] : first, least = fabs(z[j]);
            for (int turn = -9; turn <= 9; turn++) least = fmin(least, fabs(z[j] + turn * period));
            sum += least * least;
        }
        return sum;
    }
    double long_x = sqrt(naive_dot(c->dim, x, x)), long_y = sqrt(naive_dot(c->dim, y, y)), sum[NAIVE_WIDTH];
    if (c->kind == &cost_cosine) return 1 - naive_dot(c->dim, x, y) / (long_x * long_y);
    for (int64_t j = 0; j < c->dim; j++) { /* the angle, after Kahan */
        z[j] = x[j] / long_x - y[j] / long_y;
        sum[j] = x[j] / long_x + y[j] / long_y;
    }
    double angle = 2 * atan2(sqrt(naive_dot(c->dim, z, z)), sqrt(naive_dot(c->dim, sum, sum)));
    return c->kind == &cost_geodesic ? angle * angle / 2 : angle;
}

/* out = grad h*(u) */
static inline void naive_conjugate(const cost *c, const double *u, double *out) {
    double p = c->parameters[0], q = p / (p - 1);
    for (int64_t j = 0; j < c->dim; j++) {
        double size = fabs(u[j]);
        if (c->kind == &cost_sqeuclidean) size /= 2;
        if (c->kind == &cost_pnorm) size = pow(size, q - 1);
        if (c->kind == &cost_sq_pnorm) size = pow(naive_norm(c->dim, u, q), 2 - q) * pow(size, q - 1);
        if (c->kind == &cost_elastic_l1) size = fmax(0, size - c->parameters[1]) / c->parameters[0];
        if (c->kind == &cost_mean_squared) size = fmax(0, size * (double)c->dim - c->parameters[0]) / 2;
        if (c->kind == &cost_elastic_stvs) size = size > c->parameters[1] ? (size - pow(c->parameters[1], 2) / size) / c->parameters[0] : 0;
        out[j] = copysign(size, u[j]);
    }
}

/* What networks see of x before the scale; on a torus whose columns are all periodic pairs of cosine and sine. Returns how much. */
static inline int64_t naive_embed(const cost *c, const double *x, double *out) {
    if (c->kind != &cost_periodic) {
        memcpy(out, x, (size_t)c->dim * sizeof *x);
        return c->dim;
    }
    for (int64_t j = 0; j < c->dim; j++) {
        double radius = c->parameters[0] / (2 * M_PI);
        out[2 * j] = radius * cos(x[j] / radius);
        out[2 * j + 1] = radius * sin(x[j] / radius);
    }
    return 2 * c->dim;
}

static inline void naive_project(const cost *c, double *point) {
    double length = sqrt(naive_dot(c->dim, point, point)), period = c->parameters[0];
    for (int64_t j = 0; j < c->dim; j++) {
        if (c->kind == &cost_arccos || c->kind == &cost_geodesic) point[j] /= length;
        if (c->kind == &cost_periodic) point[j] -= period * floor(point[j] / period);
    }
}

/* moved = T(x) of a network that maps */
static inline void naive_map(const transport *t, const mlp *net, const double *parameters, const double *x, double *moved) {
    double scaled[NAIVE_WIDTH] = {0}, output[NAIVE_WIDTH], change[NAIVE_WIDTH], one = 1;
    int64_t inputs = naive_embed(&t->cost, x, scaled);
    for (int64_t j = 0; j < inputs; j++) scaled[j] *= (double)t->scale[j];
    if (t->form == ENOT_FORM_VECTOR_FIELD) {
        naive_mlp(net, parameters, scaled, NULL, change, NULL);
    } else {
        naive_mlp(net, parameters, scaled, &one, output, change);
        for (int64_t j = 0; j < t->dim; j++) change[j] *= (double)t->scale[j];
    }
    if (t->form == ENOT_FORM_POTENTIAL) {
        double gradient[NAIVE_WIDTH];
        memcpy(gradient, change, sizeof gradient);
        naive_conjugate(&t->cost, gradient, change);
        for (int64_t j = 0; j < t->dim; j++) change[j] = -change[j];
    }
    for (int64_t j = 0; j < t->dim; j++) moved[j] = x[j] + change[j];
    naive_project(&t->cost, moved);
}

/* g(y) of a critic; slope (NULL: not wanted, nor to be had on a torus) = grad g(y). */
static inline double naive_critic(const transport *t, const mlp *net, const double *parameters, const double *y, double *slope) {
    double scaled[NAIVE_WIDTH] = {0}, output, one = 1;
    int minus = t->form == ENOT_FORM_DOT_PRODUCT;
    int64_t inputs = naive_embed(&t->cost, y, scaled);
    for (int64_t j = 0; j < inputs; j++) scaled[j] *= (double)t->scale[j];
    naive_mlp(net, parameters, scaled, &one, &output, slope);
    for (int64_t j = 0; slope && j < t->dim; j++) {
        slope[j] *= (double)t->scale[j];
        if (minus) slope[j] = -(slope[j] + y[j]);
    }
    return minus ? -(output + naive_dot(t->dim, y, y) / 2) : output;
}

#endif
