#include "train/methods/lbfgs.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"

#define MEMORY 10     /* pairs of steps and changes of the gradient that stand for the Hessian */
#define TRIALS 12     /* steps tried along a direction */
#define DESCENT 1e-4  /* part of the slope's promise that a step must keep (Armijo) */

/* One problem on its way. All vectors [dim]. */
typedef struct search {
    real *gradient, *direction;
    real *steps, *changes;    /* [MEMORY, dim], a ring */
    real curvature[MEMORY];   /* <step, change> */
    int64_t pairs;            /* ever kept; the newest is pairs - 1 */
    real value, slope, length; /* slope: <gradient, direction>; length: of the step to be tried */
    int64_t iterations, trials;
    int open;
} search;

struct lbfgs {
    int64_t problems, dim;
    search *search;    /* [problems] */
    real *numbers;     /* what the searches' vectors are cut from */
    int64_t *open;     /* [problems]: numbers of the open ones */
    real *trial, *trial_gradient; /* [problems, dim], of the open ones */
    real *trial_value; /* [problems] */
};

enot_status lbfgs_create(enot_context *context, int64_t problems, int64_t dim, lbfgs **out) {
    lbfgs *l;
    int64_t each = (2 + 2 * MEMORY) * dim;
    TRY(MEMORY_NEW(context, 1, "a solver", &l));
    *l = (lbfgs){.problems = problems, .dim = dim};
    enot_status status = MEMORY_NEW(context, problems, "a solver", &l->search);
    if (!status) status = MEMORY_NEW(context, problems * each, "a solver", &l->numbers);
    if (!status) status = MEMORY_NEW(context, problems, "a solver", &l->open);
    if (!status) status = MEMORY_NEW(context, 2 * problems * dim, "a solver", &l->trial);
    if (!status) status = MEMORY_NEW(context, problems, "a solver", &l->trial_value);
    if (status) {
        lbfgs_destroy(l);
        return status;
    }
    l->trial_gradient = l->trial + problems * dim;
    *out = l;
    return ENOT_OK;
}

void lbfgs_destroy(lbfgs *l) {
    if (!l) return;
    void *all[] = {l->search, l->numbers, l->open, l->trial, l->trial_value};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) memory_destroy(all[i]);
    memory_destroy(l);
}

static search search_new(const lbfgs *l, int64_t problem) {
    real *numbers = l->numbers + problem * (2 + 2 * MEMORY) * l->dim;
    return (search){.gradient = numbers, .direction = numbers + l->dim, .steps = numbers + 2 * l->dim,
                    .changes = numbers + (2 + MEMORY) * l->dim, .open = 1};
}

static real dot(int64_t dim, const real *a, const real *b) {
    real sum = 0;
    for (int64_t j = 0; j < dim; j++) sum += a[j] * b[j];
    return sum;
}

static real largest(int64_t dim, const real *a) {
    real most = 0;
    for (int64_t j = 0; j < dim; j++) most = fabs(a[j]) > most ? (real)fabs(a[j]) : most;
    return most;
}

/* to += factor from */
static void add(int64_t dim, real factor, const real *from, real *to) {
    for (int64_t j = 0; j < dim; j++) to[j] += factor * from[j];
}

/* direction = - H gradient, by the two loops of Nocedal 1980; H begins as <step, change> / |change|^2 of the newest pair. */
static void choose_direction(search *s, int64_t dim) {
    real share[MEMORY], *d = s->direction;
    int64_t oldest = s->pairs > MEMORY ? s->pairs - MEMORY : 0;
    for (int64_t j = 0; j < dim; j++) d[j] = -s->gradient[j];
    for (int64_t k = s->pairs - 1; k >= oldest; k--) {
        int64_t at = k % MEMORY;
        share[at] = dot(dim, s->steps + at * dim, d) / s->curvature[at];
        add(dim, -share[at], s->changes + at * dim, d);
    }
    if (s->pairs > 0) {
        int64_t newest = (s->pairs - 1) % MEMORY;
        const real *change = s->changes + newest * dim;
        real scale = s->curvature[newest] / dot(dim, change, change);
        for (int64_t j = 0; j < dim; j++) d[j] *= scale;
    }
    for (int64_t k = oldest; k < s->pairs; k++) {
        int64_t at = k % MEMORY;
        add(dim, share[at] - dot(dim, s->changes + at * dim, d) / s->curvature[at], s->steps + at * dim, d);
    }
}

/* A new direction and the length of its first trial: 1, or without any memory at most a step of length 1. */
static void turn(search *s, int64_t dim) {
    choose_direction(s, dim);
    s->slope = dot(dim, s->gradient, s->direction);
    if (!(s->slope < 0)) {
        s->pairs = 0;
        choose_direction(s, dim);
        s->slope = dot(dim, s->gradient, s->direction);
    }
    s->length = 1;
    if (s->pairs == 0) s->length = 1 / (real)fmax(1, sqrt((double)-s->slope));
    s->trials = 0;
}

/* The pair is kept only if it speaks of a positive curvature. */
static void remember(search *s, int64_t dim, const real *new_gradient) {
    int64_t at = s->pairs % MEMORY;
    real *step = s->steps + at * dim, *change = s->changes + at * dim;
    for (int64_t j = 0; j < dim; j++) {
        step[j] = s->length * s->direction[j];
        change[j] = new_gradient[j] - s->gradient[j];
    }
    real curvature = dot(dim, step, change);
    if (!(curvature > (real)1e-6 * (real)sqrt((double)(dot(dim, step, step) * dot(dim, change, change))))) return;
    s->curvature[at] = curvature;
    s->pairs++;
}

/* Rounding must not turn a step down that goes nowhere because the minimum is reached. */
static int goes_down(const search *s, real value) {
    real rounding = (sizeof(real) == 4 ? (real)1e-6 : (real)1e-14) * (real)(1 + fabs((double)s->value));
    return value <= s->value + (real)DESCENT * s->length * s->slope + rounding;
}

/* The minimum of the parabola through what is known, within a tenth and a half of the length. */
static void shorten(search *s, real value) {
    real bend = 2 * (value - s->value - s->length * s->slope), best = -s->slope * s->length * s->length / bend;
    if (!(best > s->length / 10)) best = s->length / 10;
    s->length = best < s->length / 2 ? best : s->length / 2;
    if (++s->trials >= TRIALS) s->open = 0;
}

/* What the trial of an open problem came to. */
static void judge(search *s, int64_t dim, int64_t iterations, real tolerance, const real *trial, real value,
                  const real *gradient, real *point) {
    if (!goes_down(s, value)) {
        shorten(s, value);
        return;
    }
    remember(s, dim, gradient);
    memcpy(point, trial, (size_t)dim * sizeof *point);
    memcpy(s->gradient, gradient, (size_t)dim * sizeof *gradient);
    s->value = value;
    s->open = ++s->iterations < iterations && largest(dim, gradient) > tolerance;
    if (s->open) turn(s, dim);
}

static void begin(lbfgs *l, int64_t count, real tolerance, lbfgs_objective objective, void *user, const real *points) {
    for (int64_t i = 0; i < count; i++) l->open[i] = i;
    objective(user, count, l->open, points, l->trial_value, l->trial_gradient);
    for (int64_t i = 0; i < count; i++) {
        search *s = &l->search[i];
        *s = search_new(l, i);
        s->value = l->trial_value[i];
        memcpy(s->gradient, l->trial_gradient + i * l->dim, (size_t)l->dim * sizeof *s->gradient);
        s->open = largest(l->dim, s->gradient) > tolerance;
        if (s->open) turn(s, l->dim);
    }
}

/* Numbers and trial points of the open problems. Returns how many there are. */
static int64_t gather(lbfgs *l, int64_t count, const real *points) {
    int64_t open = 0;
    for (int64_t i = 0; i < count; i++) {
        const search *s = &l->search[i];
        if (!s->open) continue;
        for (int64_t j = 0; j < l->dim; j++)
            l->trial[open * l->dim + j] = points[i * l->dim + j] + s->length * s->direction[j];
        l->open[open++] = i;
    }
    return open;
}

int64_t lbfgs_minimise(lbfgs *l, int64_t count, int64_t iterations, real tolerance, lbfgs_objective objective, void *user,
                       real *points) {
    int64_t open, evaluated = count, dim = l->dim;
    begin(l, count, tolerance, objective, user, points);
    while ((open = gather(l, count, points)) > 0) {
        objective(user, open, l->open, l->trial, l->trial_value, l->trial_gradient);
        for (int64_t k = 0; k < open; k++)
            judge(&l->search[l->open[k]], dim, iterations, tolerance, l->trial + k * dim, l->trial_value[k],
                  l->trial_gradient + k * dim, points + l->open[k] * dim);
        evaluated += open;
    }
    return evaluated;
}
