#include "train/step_parts.h"

/* From c(x,T(x)), c(x,y), g(T(x)), g(y): the c-transform, the penalty, and the seed of the critic's backward pass at y. */
static void expectile_rows(step *s, int64_t first, int64_t count) {
    real sign = transport_sign(s->t), share = 1 / (real)s->batch;
    for (int64_t i = first; i < first + count; i++) {
        s->c_transform[i] = s->cost_moved[i] - s->moved_value[i];
        real excess = s->c_transform[i] - s->cost_pair[i] + s->target_value[i]; /* d1 = d2 in value */
        real weight = excess >= 0 ? s->expectile : 1 - s->expectile;
        s->penalty[i] = s->coefficient * 2 * weight * excess * excess;
        s->seed[i] = sign * share * (2 * s->coefficient * weight * excess - 1);
    }
}

/* pull = d amortisation / d T(x) */
static void amortisation_gradient(const step *s, int64_t first, int64_t count, step_worker *w) {
    int64_t dim = s->t->dim;
    real share = 1 / (real)s->batch;
    s->t->cost.kind->gradient(&s->t->cost, count, s->x + first * dim, s->moved + first * dim, w->pull);
    for (int64_t i = 0; i < count * dim; i++) w->pull[i] = share * (w->pull[i] - w->slope[i]);
}

void step_block(step *s, const step_batch *batch, step_worker *w, step_traces *traces, int64_t first, int64_t count) {
    int64_t dim = s->t->dim;
    real *x = s->x + first * dim, *y = s->y + first * dim, *moved = s->moved + first * dim;
    mlp_block map = {s->ops, &s->mapper, &traces->map, &w->mapper, count};
    mlp_block at_moved = {s->ops, &s->critic, &traces->moved, &w->critic, count};
    mlp_block at_target = {s->ops, &s->critic, &traces->target, &w->critic, count};

    batch->fill(batch->user, first, count, x, y);
    transport_map(&map, s->t, x, moved);
    transport_potential(&at_moved, s->t, moved, s->moved_value + first);
    transport_potential_gradient(&at_moved, s->t, moved, w->slope);
    transport_potential(&at_target, s->t, y, s->target_value + first);
    s->t->cost.kind->value(&s->t->cost, count, x, moved, s->cost_moved + first);
    s->t->cost.kind->value(&s->t->cost, count, x, y, s->cost_pair + first);
    expectile_rows(s, first, count);

    amortisation_gradient(s, first, count, w);
    transport_pull(&map, s->t, w->pull);

    transport_potential_seed(&at_target, s->seed + first);
    mlp_backward(&at_target, 0);
    for (int64_t i = 0; i < count; i++) w->pull[i] = -s->seed[first + i];
    mlp_scale_delta(&at_moved, w->pull);
}

int step_mapper_pairs(const step *s, const step_traces *traces, mlp_pair pairs[2]) {
    return transport_pairs(s->t, &traces->map, pairs);
}

int step_critic_pairs(const step_traces *traces, mlp_pair pairs[2]) {
    pairs[0] = (mlp_pair){traces->target.delta, traces->target.input, 1};
    pairs[1] = (mlp_pair){traces->moved.delta, traces->moved.input, 1};
    return 2;
}
