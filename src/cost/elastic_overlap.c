#include <tgmath.h>

#include "cost/cost.h"

/*
 * h(z) = rho/2 |z|^2 + lam/2 N(z), N the squared k-overlap norm (Argyriou, Foygel and Srebro 2012): the least sum of z_j^2 / theta_j over
 * 0 <= theta_j <= 1 that sum up to k. Displacements get about k coordinates other than 0. grad h*(u) has the shape
 * w_j theta_j / (theta_j + s) with w = u / rho, s = lam / rho and the theta that is best there.
 */
enum { K, RHO, LAM };

static enot_status prepare(enot_context *context, cost *c) {
    double k = c->parameters[K];
    if (k == floor(k)) return ENOT_OK;
    return context_fail(context, ENOT_ERR_ARGUMENT, "cost elastic_overlap: k is %g, but must be a whole number", k);
}

/* The least sum's mu, theta_j = min(1, |z_j| / mu) for z = x - y; 0 if no more than k coordinates differ. */
static real water_level(const cost *c, const real *x, const real *y) {
    real level = INFINITY;
    for (int64_t full = 0;;) { /* the level falls, so that ever more theta are 1 */
        real rest = 0, capacity = (real)(c->parameters[K] - (double)full);
        for (int64_t j = 0; j < c->dim; j++) rest += fabs(x[j] - y[j]) < level ? fabs(x[j] - y[j]) : 0;
        if (rest == 0 || capacity <= 0) return 0;
        level = rest / capacity;
        int64_t before = full;
        full = 0;
        for (int64_t j = 0; j < c->dim; j++) full += fabs(x[j] - y[j]) >= level;
        if (full <= before) return level;
    }
}

/* |z_j| / theta_j = max(|z_j|, mu) */
static real stretched(real size, real level) { return size > level ? size : level; }

static void value(const cost *c, int64_t rows, const real *x, const real *y, real *out) {
    real rho = (real)c->parameters[RHO], lam = (real)c->parameters[LAM];
    for (int64_t i = 0; i < rows; i++, x += c->dim, y += c->dim) {
        real level = water_level(c, x, y), sum = 0;
        for (int64_t j = 0; j < c->dim; j++) {
            real size = fabs(x[j] - y[j]);
            sum += size * (rho * size + lam * stretched(size, level));
        }
        out[i] = sum / 2;
    }
}

static void gradient(const cost *c, int64_t rows, const real *x, const real *y, real *out) {
    real rho = (real)c->parameters[RHO], lam = (real)c->parameters[LAM];
    for (int64_t i = 0; i < rows; i++, x += c->dim, y += c->dim) {
        real level = water_level(c, x, y);
        for (int64_t j = 0; j < c->dim; j++, out++) {
            real z = y[j] - x[j], size = fabs(z);
            *out = z == 0 ? 0 : copysign(rho * size + lam * stretched(size, level), z);
        }
    }
}

/* theta_j = slope |u_j| - s, held within 0 and 1: those at 1, and those between with the sum of their |u_j|. */
typedef struct shares {
    real slope;
    int64_t full, partial;
    real partial_sum;
} shares;

static real share_of(const shares *t, real strength, real u) {
    real theta = t->slope * fabs(u) - strength;
    return theta > 1 ? 1 : theta > 0 ? theta : 0;
}

static void count_shares(int64_t dim, const real *u, real strength, shares *t) {
    t->full = t->partial = 0;
    t->partial_sum = 0;
    for (int64_t j = 0; j < dim; j++) {
        real theta = share_of(t, strength, u[j]);
        t->full += theta == 1;
        if (theta <= 0 || theta == 1) continue;
        t->partial++;
        t->partial_sum += fabs(u[j]);
    }
}

/* The slope with which the theta sum up to k, by Newton's steps within a bracket; the sum is piecewise linear. */
static shares best_shares(const cost *c, const real *u) {
    enum { ROUNDS = 200 };
    real k = (real)c->parameters[K], strength = (real)(c->parameters[LAM] / c->parameters[RHO]), low = 0, high = INFINITY, sum = 0;
    int64_t nonzero = 0;
    for (int64_t j = 0; j < c->dim; j++) {
        sum += fabs(u[j]);
        nonzero += u[j] != 0;
    }
    shares t = {.slope = INFINITY, .full = nonzero};
    if ((real)nonzero <= k) return t;
    t.slope = (k + strength * (real)nonzero) / sum;
    for (int round = 0; round < ROUNDS; round++) {
        count_shares(c->dim, u, strength, &t);
        real reached = (real)t.full + t.slope * t.partial_sum - strength * (real)t.partial;
        if (reached < k) low = t.slope;
        else high = t.slope;
        real next = (k - (real)t.full + strength * (real)t.partial) / t.partial_sum;
        if (next == t.slope || reached == k) break;
        if (t.partial == 0 || !(next > low && next < high)) next = isfinite(high) ? (low + high) / 2 : 2 * low;
        if (next == t.slope) break;
        t.slope = next;
    }
    return t;
}

static void conjugate(const cost *c, int64_t rows, const real *u, real *out) {
    real rho = (real)c->parameters[RHO], strength = (real)(c->parameters[LAM] / c->parameters[RHO]);
    for (int64_t i = 0; i < rows; i++, u += c->dim) {
        shares t = best_shares(c, u);
        for (int64_t j = 0; j < c->dim; j++) {
            real theta = u[j] == 0 ? 0 : share_of(&t, strength, u[j]);
            *out++ = theta > 0 ? u[j] / rho * theta / (theta + strength) : 0;
        }
    }
}

/* Where 0 < theta < 1 that is (|u_j| - s / slope) sign(u_j) / rho, and the slope depends on all of these coordinates. */
static void conjugate_product(const cost *c, int64_t rows, const real *u, const real *v, real *out) {
    real rho = (real)c->parameters[RHO], strength = (real)(c->parameters[LAM] / c->parameters[RHO]);
    for (int64_t i = 0; i < rows; i++, u += c->dim, v += c->dim) {
        shares t = best_shares(c, u);
        real along = 0, shared = strength / ((real)(c->parameters[K] - (double)t.full) + strength * (real)t.partial);
        for (int64_t j = 0; j < c->dim; j++) {
            real theta = u[j] == 0 ? 0 : share_of(&t, strength, u[j]);
            if (theta > 0 && theta < 1) along += u[j] > 0 ? v[j] : -v[j];
        }
        for (int64_t j = 0; j < c->dim; j++) {
            real theta = u[j] == 0 ? 0 : share_of(&t, strength, u[j]);
            *out++ = theta == 0 ? 0 : theta == 1 ? v[j] / (rho * (1 + strength)) : (v[j] - (u[j] > 0 ? shared : -shared) * along) / rho;
        }
    }
}

static double degree(const cost *c) { return 2; }

const cost_kind cost_elastic_overlap = {
    .name = "elastic_overlap",
    .formula = "rho/2 |z|^2 + lam/2 of the squared k-overlap norm of z = x - y",
    .parameters = {{"k", 1, 1, 1e9, 1}, {"rho", 1, 0, 1e300, 0}, {"lam", 1, 0, 1e300, 1}},
    .translation_invariant = 1,
    .prepare = prepare,
    .degree = degree,
    .value = value,
    .gradient = gradient,
    .conjugate = conjugate,
    .conjugate_product = conjugate_product,
};
