/*
 * Replays reference training trajectories (format "enot-golden-1", see docs/developing.md) and prints for each file how far
 * this library's own arithmetic strays from them. Exit 1 if any file is outside its tolerances.
 *
 *     golden FILE...
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/number.h"
#include "files/safetensors.h"
#include "train/optimizers/optimizer.h"
#include "train/step/step.h"

/* Tolerances: step0 relative to the tensor's largest value; losses relative to 1 + |loss|; final weights absolute. */
static const double STEP0_RELATIVE = 2e-5, STEP0_ABSOLUTE = 1e-6, LOSSES = 1e-3, FINAL_99 = 1e-5, FINAL_MOST = 5e-3;

typedef struct trajectory {
    enot_context *context;
    safetensors_file *file;
    transport t;
    cost_kind reference_kind;
    network f, g;
    step *step;
    optimizer optimizer;
    int64_t dim, batch, steps;
    int bidirectional;
    real *scale, *sources, *targets;
    double *losses;
    const real *x, *y; /* the batch of this step, mapped side first */
    double step0_excess;
} trajectory;

#define CHECK(expression)                                                                                 \
    do {                                                                                                  \
        if ((expression) != ENOT_OK) {                                                                    \
            fprintf(stderr, "golden: %s\n", enot_context_message(r->context));                            \
            return 0;                                                                                     \
        }                                                                                                 \
    } while (0)

static const char *text_of(trajectory *r, const char *key) {
    const char *value = safetensors_metadata(r->file, key);
    return value ? value : "";
}

static double number_of(trajectory *r, const char *key) {
    double value;
    const char *text = text_of(r, key);
    return number_parse(text, strlen(text), &value) == NUMBER_FINITE ? value : NAN;
}

static real *read_tensor(trajectory *r, const char *name, int64_t *count) {
    const safetensor *tensor = safetensors_find(r->file, name);
    if (!tensor) return NULL;
    *count = safetensor_elements(tensor);
    double *wide = malloc((size_t)*count * sizeof *wide);
    real *values = malloc((size_t)*count * sizeof *values);
    safetensor_to_double(tensor, 0, *count, wide);
    for (int64_t i = 0; i < *count; i++) values[i] = (real)wide[i];
    free(wide);
    return values;
}

/* Copies PREFIX.layers.i.{weight,bias} into a parameter vector; 0 if one is missing or of another size. */
static int read_network(trajectory *r, const char *prefix, const mlp *net, real *parameters) {
    for (int64_t l = 1; l <= net->layers; l++)
        for (int bias = 0; bias < 2; bias++) {
            char name[128];
            int64_t count, expected = bias ? net->width[l] : net->width[l] * net->width[l - 1];
            snprintf(name, sizeof name, "%s.layers.%d.%s", prefix, (int)l - 1, bias ? "bias" : "weight");
            real *values = read_tensor(r, name, &count);
            if (!values || count != expected) {
                fprintf(stderr, "golden: tensor %s is missing or of another size\n", name);
                free(values);
                return 0;
            }
            memcpy(parameters + (bias ? net->bias_at[l] : net->weight_at[l]), values, (size_t)count * sizeof *values);
            free(values);
        }
    return 1;
}

/*
 * OTT-JAX's elastic cost takes the proximal map of R with unit step, which is grad h* only if rho = 1; this library's is
 * grad h* for every rho. The replay follows the reference: both are soft thresholding, a factor rho apart.
 */
static void times_rho(const cost *c, int64_t rows, real *out) {
    for (int64_t i = 0; i < rows * c->dim; i++) out[i] *= (real)c->parameters[0];
}

static void elastic_reference_conjugate(const cost *c, int64_t rows, const real *u, real *out) {
    cost_elastic_l1.conjugate(c, rows, u, out);
    times_rho(c, rows, out);
}

static void elastic_reference_product(const cost *c, int64_t rows, const real *u, const real *v, real *out) {
    cost_elastic_l1.conjugate_product(c, rows, u, v, out);
    times_rho(c, rows, out);
}

static int open_cost(trajectory *r) {
    char text[128];
    const char *name = text_of(r, "cost");
    r->t.dim = r->dim;
    r->t.cost = (cost){.kind = &cost_dot_product, .dim = r->dim};
    if (strcmp(name, "dot_product") == 0) return 1;
    int length = snprintf(text, sizeof text, "%s", name);
    const char *keys[] = {"p", "rho", "lam"};
    for (int i = 0; i < 3; i++)
        if (safetensors_metadata(r->file, keys[i]))
            length += snprintf(text + length, sizeof text - (size_t)length, "%c%s=%s", strchr(text, ':') ? ',' : ':', keys[i],
                               text_of(r, keys[i]));
    CHECK(cost_parse(r->context, text, r->dim, NULL, &r->t.cost));
    r->reference_kind = *r->t.cost.kind;
    if (r->t.cost.kind == &cost_elastic_l1) {
        r->reference_kind.conjugate = elastic_reference_conjugate;
        r->reference_kind.conjugate_product = elastic_reference_product;
    }
    r->t.cost.kind = &r->reference_kind;
    return 1;
}

static int open_networks(trajectory *r) {
    int64_t hidden[64], count = 0;
    activation kind;
    for (const char *w = text_of(r, "widths"); *w && count < 64; w += *w == ',') hidden[count++] = strtol(w, (char **)&w, 10);
    CHECK(activation_parse(r->context, text_of(r, "activation"), &kind));
    int64_t output = r->t.form == ENOT_FORM_VECTOR_FIELD ? r->dim : 1;
    mlp net;
    CHECK(mlp_create(r->context, kind, r->dim, hidden, count, output, &net));
    CHECK(network_create(r->context, (architecture){.mlp = net}, ENOT_OPTIMIZER_ADAM, &r->f));
    CHECK(mlp_create(r->context, kind, r->dim, hidden, count, 1, &net));
    CHECK(network_create(r->context, (architecture){.mlp = net}, ENOT_OPTIMIZER_ADAM, &r->g));
    return read_network(r, "init.f", &r->f.net.mlp, r->f.parameters) && read_network(r, "init.g", &r->g.net.mlp, r->g.parameters);
}

static int open_trajectory(trajectory *r, const char *path) {
    CHECK(safetensors_open(r->context, path, &r->file));
    if (strcmp(text_of(r, "format"), "enot-golden-1") != 0) {
        fprintf(stderr, "golden: %s is not a reference trajectory (format enot-golden-1)\n", path);
        return 0;
    }
    const char *form = text_of(r, "form");
    r->t.form = strcmp(form, "potential") == 0     ? ENOT_FORM_POTENTIAL
                : strcmp(form, "dot_product") == 0 ? ENOT_FORM_DOT_PRODUCT
                                                   : ENOT_FORM_VECTOR_FIELD;
    r->dim = (int64_t)number_of(r, "dim");
    r->batch = (int64_t)number_of(r, "batch");
    r->steps = (int64_t)number_of(r, "steps");
    r->bidirectional = number_of(r, "bidirectional") == 1;
    r->optimizer = (optimizer){ENOT_OPTIMIZER_ADAM, number_of(r, "lr"), number_of(r, "b1"), number_of(r, "b2"),
                               number_of(r, "eps"), 0, ENOT_SCHEDULE_COSINE, number_of(r, "schedule_alpha"), 0, r->steps, 0, 0};
    int64_t count;
    r->sources = read_tensor(r, "source.batches", &count);
    r->targets = read_tensor(r, "target.batches", &count);
    r->losses = calloc((size_t)r->steps * 3, sizeof *r->losses);
    CHECK(MEMORY_NEW(r->context, r->dim, "the input scale", &r->scale));
    for (int64_t j = 0; j < r->dim; j++) r->scale[j] = 1;
    r->t.scale = r->scale;
    if (!open_cost(r) || !open_networks(r)) return 0;
    CHECK(step_create(r->context, &r->t, &r->f.net.mlp, &r->g.net.mlp, r->batch, number_of(r, "expectile"),
                      number_of(r, "expectile_coef"), 0, ENOT_PRECISION_F32, 0, &r->step));
    return 1;
}

static void close_trajectory(trajectory *r) {
    step_destroy(r->step);
    network_destroy(&r->f);
    network_destroy(&r->g);
    safetensors_close(r->file);
    memory_destroy(r->scale);
    free(r->sources);
    free(r->targets);
    free(r->losses);
}

static void fill(void *user, int64_t first, int64_t count, real *x, real *y) {
    trajectory *r = user;
    memcpy(x, r->x + first * r->dim, (size_t)(count * r->dim) * sizeof *x);
    memcpy(y, r->y + first * r->dim, (size_t)(count * r->dim) * sizeof *y);
}

/* Largest deviation of values from the tensor, as a multiple of the tolerance. */
static double excess(trajectory *r, const char *name, const real *values, int64_t offset) {
    int64_t count;
    const safetensor *tensor = safetensors_find(r->file, name);
    if (!tensor) return INFINITY;
    count = safetensor_elements(tensor);
    double *expected = malloc((size_t)count * sizeof *expected), largest = 0, worst = 0;
    safetensor_to_double(tensor, 0, count, expected);
    for (int64_t i = 0; i < count; i++) largest = fmax(largest, fabs(expected[i]));
    for (int64_t i = 0; i < count; i++) {
        double distance = fabs((double)values[offset + i] - expected[i]);
        worst = isnan(distance) ? INFINITY : fmax(worst, distance / (STEP0_RELATIVE * largest + STEP0_ABSOLUTE));
    }
    free(expected);
    return worst;
}

static double gradient_excess(trajectory *r, const char *role, const network *n) {
    double worst = 0;
    for (int64_t l = 1; l <= n->net.mlp.layers; l++) {
        char name[128];
        snprintf(name, sizeof name, "step0.grad.%s.layers.%d.weight", role, (int)l - 1);
        worst = fmax(worst, excess(r, name, n->gradient, n->net.mlp.weight_at[l]));
        snprintf(name, sizeof name, "step0.grad.%s.layers.%d.bias", role, (int)l - 1);
        worst = fmax(worst, excess(r, name, n->gradient, n->net.mlp.bias_at[l]));
    }
    return worst;
}

static void replay(trajectory *r) {
    for (int64_t t = 0; t < r->steps; t++) {
        int swapped = r->bidirectional && t % 2 == 1;
        network *mapper = swapped ? &r->g : &r->f, *critic = swapped ? &r->f : &r->g;
        int64_t at = t * r->batch * r->dim;
        r->x = (swapped ? r->targets : r->sources) + at;
        r->y = (swapped ? r->sources : r->targets) + at;
        step_losses losses;
        step_gradients(r->step, &(step_batch){fill, NULL, r},
                       &(step_network){&mapper->net.mlp, mapper->parameters, mapper->gradient},
                       &(step_network){&critic->net.mlp, critic->parameters, critic->gradient}, &losses);
        if (t == 0) {
            r->step0_excess = fmax(excess(r, "step0.transport", step_moved(r->step), 0),
                                   fmax(excess(r, "step0.g_target", step_critic_values(r->step), 0),
                                        excess(r, "step0.c_transform", step_c_transform(r->step), 0)));
            r->step0_excess = fmax(r->step0_excess, gradient_excess(r, "f", &r->f));
            r->step0_excess = fmax(r->step0_excess, gradient_excess(r, "g", &r->g));
        }
        optimizer_update(r->context, &r->optimizer, ops_select(), mapper);
        optimizer_update(r->context, &r->optimizer, ops_select(), critic);
        memcpy(r->losses + 3 * t, &losses, sizeof losses);
    }
}

static double loss_deviation(trajectory *r) {
    double *expected = calloc((size_t)r->steps * 3, sizeof *expected), worst = 0;
    safetensor_to_double(safetensors_find(r->file, "losses"), 0, r->steps * 3, expected);
    for (int64_t i = 0; i < 3 * r->steps; i++) {
        double distance = fabs(r->losses[i] - expected[i]) / (1 + fabs(expected[i]));
        worst = isnan(distance) ? INFINITY : fmax(worst, distance);
    }
    free(expected);
    return worst;
}

static int compare_doubles(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Sorted deviations of all final weights; the caller frees. */
static double *final_deviations(trajectory *r, int64_t *count) {
    network *networks[2] = {&r->f, &r->g};
    *count = r->f.weight_count + r->g.weight_count;
    double *deviations = malloc((size_t)*count * sizeof *deviations), *next = deviations;
    for (int i = 0; i < 2; i++) {
        real *expected = networks[i]->gradient; /* no longer needed */
        if (!read_network(r, i ? "final.g" : "final.f", &networks[i]->net.mlp, expected)) {
            free(deviations);
            return NULL;
        }
        for (int64_t j = 0; j < networks[i]->weight_count; j++)
            *next++ = fabs((double)networks[i]->parameters[j] - (double)expected[j]);
    }
    qsort(deviations, (size_t)*count, sizeof *deviations, compare_doubles);
    return deviations;
}

static int check_file(enot_context *context, const char *path) {
    trajectory r = {.context = context};
    int64_t count = 0;
    double *deviations = NULL;
    int passed = open_trajectory(&r, path);
    if (passed) {
        replay(&r);
        deviations = final_deviations(&r, &count);
        passed = deviations != NULL;
    }
    if (passed) {
        double losses = loss_deviation(&r), high = deviations[(int64_t)ceil(0.99 * (double)count) - 1];
        double most = deviations[count - 1];
        passed = r.step0_excess <= 1 && losses <= LOSSES && high <= FINAL_99 && most <= FINAL_MOST;
        printf("%-4s %s: step0 %.2g of its tolerance, losses %.2g, final weights %.2g at the 99th percentile, %.2g at most\n",
               passed ? "ok" : "FAIL", path, r.step0_excess, losses, high, most);
    }
    free(deviations);
    close_trajectory(&r);
    return passed;
}

int main(int argc, char **argv) {
    enot_context *context;
    if (argc < 2 || enot_context_create(&context) != ENOT_OK) {
        fprintf(stderr, "usage: golden FILE...\n");
        return 2;
    }
    int failed = 0;
    for (int i = 1; i < argc; i++) failed |= !check_file(context, argv[i]);
    enot_context_destroy(context);
    return failed;
}
