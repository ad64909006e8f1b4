#include "train/step/image_step.h"

#include <string.h>

#include "core/memory.h"
#include "net/conv/pass.h"
#include "train/step/expectile.h"

struct image_step {
    const transport *t;
    int64_t batch;
    real expectile, coefficient;
    conv_pass *mapper, *critic;   /* of batch rows, and of twice as many */
    real *displacement;           /* [batch, dim]: net(x) */
    real *judged;                 /* [2, batch, dim]: T(x), then y */
    real *values;                 /* [2, batch]: g there */
    real *ones, *weight;          /* [2, batch]: seeds of the critic, and d loss / d g */
    real *slope;                  /* [2, batch, dim]: gradient of g */
    real *pull;                   /* [batch, dim]: d amortisation / d T(x) */
    real *cost_moved, *cost_pair; /* [batch]: c(x, T(x)), c(x, y) */
};

enot_status image_step_create(enot_context *context, const transport *t, const conv_net *mapper, const conv_net *critic, int64_t batch,
                              double expectile, double coefficient, image_step **out) {
    static const char *const PURPOSE = "a training step";
    image_step *s;
    int64_t numbers = batch * t->dim;
    TRY(MEMORY_NEW(context, 1, PURPOSE, &s));
    *s = (image_step){.t = t, .batch = batch, .expectile = (real)expectile, .coefficient = (real)coefficient};
    enot_status status = conv_pass_create(context, mapper, batch, 1, &s->mapper);
    if (!status) status = conv_pass_create(context, critic, 2 * batch, 1, &s->critic);
    if (!status) status = MEMORY_NEW(context, numbers, PURPOSE, &s->displacement);
    if (!status) status = MEMORY_NEW(context, 2 * numbers, PURPOSE, &s->judged);
    if (!status) status = MEMORY_NEW(context, 2 * numbers, PURPOSE, &s->slope);
    if (!status) status = MEMORY_NEW(context, numbers, PURPOSE, &s->pull);
    if (!status) status = MEMORY_NEW(context, 2 * batch, PURPOSE, &s->values);
    if (!status) status = MEMORY_NEW(context, 2 * batch, PURPOSE, &s->ones);
    if (!status) status = MEMORY_NEW(context, 2 * batch, PURPOSE, &s->weight);
    if (!status) status = MEMORY_NEW(context, batch, PURPOSE, &s->cost_moved);
    if (!status) status = MEMORY_NEW(context, batch, PURPOSE, &s->cost_pair);
    if (status) {
        image_step_destroy(s);
        return status;
    }
    for (int64_t i = 0; i < 2 * batch; i++) s->ones[i] = 1;
    *out = s;
    return ENOT_OK;
}

void image_step_destroy(image_step *s) {
    if (!s) return;
    real *numbers[] = {s->displacement, s->judged, s->slope, s->pull, s->values, s->ones, s->weight, s->cost_moved, s->cost_pair};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) memory_destroy(numbers[i]);
    conv_pass_destroy(s->mapper);
    conv_pass_destroy(s->critic);
    memory_destroy(s);
}

double image_step_bytes(const enot_context *context, const conv_net *mapper, const conv_net *critic, int64_t batch) {
    double images = (double)batch * (double)image_shape_size(mapper->values[0]) * sizeof(real);
    return 6 * images + conv_pass_bytes(context, mapper, batch, 1) + conv_pass_bytes(context, critic, 2 * batch, 1);
}

static enot_status visit(image_step *s, const real *x, const real *y, const image_network *mapper, const image_network *critic) {
    int64_t numbers = s->batch * s->t->dim;
    TRY(conv_pass_load(s->mapper, mapper->parameters));
    TRY(conv_pass_load(s->critic, critic->parameters));
    TRY(conv_pass_forward(s->mapper, mapper->statistics, 1, x, s->displacement));
    for (int64_t i = 0; i < numbers; i++) s->judged[i] = x[i] + s->displacement[i];
    memcpy(s->judged + numbers, y, (size_t)numbers * sizeof *y);
    transport_cost(s->t, s->batch, x, s->judged, s->cost_moved);
    transport_cost(s->t, s->batch, x, y, s->cost_pair);
    return conv_pass_forward(s->critic, critic->statistics, 1, s->judged, s->values);
}

/* What the critic's loss is in g at T(x) and at y, row by row. */
static step_losses weigh(image_step *s) {
    const real *moved = s->values, *target = s->values + s->batch;
    real share = 1 / (real)s->batch;
    double amortisation = 0, penalty = 0, dual = 0;
    for (int64_t i = 0; i < s->batch; i++) {
        real c_transform = s->cost_moved[i] - moved[i];
        real excess = c_transform - s->cost_pair[i] + target[i];
        real push = expectile_push(s->expectile, s->coefficient, excess);
        s->weight[i] = share * (1 - push);
        s->weight[s->batch + i] = share * (push - 1);
        amortisation += c_transform;
        penalty += push * excess;
        dual += c_transform + target[i];
    }
    double part = 1 / (double)s->batch;
    return (step_losses){amortisation * part, (penalty - dual) * part, dual * part};
}

enot_status image_step_gradients(image_step *s, const real *x, const real *y, image_network mapper, image_network critic,
                                 step_losses *losses) {
    TRY(visit(s, x, y, &mapper, &critic));
    *losses = weigh(s);
    TRY(conv_pass_backward(s->critic, s->ones, s->weight, (conv_gradients){critic.gradient, 0, s->slope}));
    transport_cost_gradient(s->t, s->batch, x, s->judged, s->pull);
    for (int64_t i = 0; i < s->batch * s->t->dim; i++) s->pull[i] = (s->pull[i] - s->slope[i]) / (real)s->batch;
    return conv_pass_backward(s->mapper, s->pull, NULL, (conv_gradients){mapper.gradient, 0, NULL});
}

const real *image_step_moved(const image_step *s) { return s->judged; }
