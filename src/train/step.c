#include "train/step.h"

#include <string.h>

#include "core/memory.h"
#include "core/parallel.h"

/* Scratch of one thread. */
typedef struct worker {
    mlp_scratch mapper, critic;
    real *pull, *slope; /* [block, dim] */
} worker;

struct step {
    const ops *ops;
    const transport *t;
    const mlp *mapper_net, *critic_net;
    enot_context *context;
    int threads;
    int64_t batch, block_rows;
    real expectile, coefficient;

    mlp_trace map, moved_critic, target_critic; /* f at x, g at T(x), g at y */
    real *x, *y, *moved;                        /* [batch, dim] */
    real *cost_moved, *cost_pair;               /* [batch]: c(x, T(x)), c(x, y) */
    real *moved_value, *target_value;           /* [batch]: g(T(x)), g(y) */
    real *c_transform, *penalty;                /* [batch]: c(x, T(x)) - g(T(x)), lambda (L(d1) + L(d2)) */
    real *seed;                                 /* [batch]: d loss / d net(y) */
    worker *workers;                            /* [threads] */
};

/* Rows that pass through all layers together: few enough to stay near the processor, enough for a fast product. */
static int64_t choose_block_rows(int64_t batch) { return batch <= 256 ? 64 : 128; }

static enot_status create_rows(enot_context *context, step *s) {
    real **vectors[] = {&s->cost_moved, &s->cost_pair, &s->moved_value, &s->target_value, &s->c_transform, &s->penalty, &s->seed};
    real **matrices[] = {&s->x, &s->y, &s->moved};
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++)
        TRY(MEMORY_NEW(context, s->batch, "a training step", vectors[i]));
    for (size_t i = 0; i < sizeof matrices / sizeof *matrices; i++)
        TRY(MEMORY_NEW(context, s->batch * s->t->dim, "a training step", matrices[i]));
    return ENOT_OK;
}

static enot_status create_workers(enot_context *context, step *s) {
    TRY(MEMORY_NEW(context, s->threads, "a training step", &s->workers));
    for (int i = 0; i < s->threads; i++) {
        worker *w = &s->workers[i];
        TRY(mlp_scratch_create(context, s->mapper_net, s->block_rows, &w->mapper));
        TRY(mlp_scratch_create(context, s->critic_net, s->block_rows, &w->critic));
        TRY(MEMORY_NEW(context, s->block_rows * s->t->dim, "a training step", &w->pull));
        TRY(MEMORY_NEW(context, s->block_rows * s->t->dim, "a training step", &w->slope));
    }
    return ENOT_OK;
}

enot_status step_create(enot_context *context, const transport *t, const mlp *mapper, const mlp *critic, int64_t batch,
                        double expectile, double coefficient, step **out) {
    step *s;
    TRY(MEMORY_NEW(context, 1, "a training step", &s));
    *s = (step){.ops = ops_select(), .t = t, .mapper_net = mapper, .critic_net = critic, .context = context,
                .threads = context->threads,
                .batch = batch, .block_rows = choose_block_rows(batch), .expectile = (real)expectile,
                .coefficient = (real)coefficient};
    enot_status status = create_rows(context, s);
    if (!status) status = create_workers(context, s);
    if (!status) status = mlp_trace_create(context, mapper, batch, t->form != ENOT_FORM_VECTOR_FIELD, &s->map);
    if (!status) status = mlp_trace_create(context, critic, batch, 0, &s->moved_critic);
    if (!status) status = mlp_trace_create(context, critic, batch, 0, &s->target_critic);
    if (status) {
        step_destroy(s);
        return status;
    }
    *out = s;
    return ENOT_OK;
}

void step_destroy(step *s) {
    if (!s) return;
    for (int i = 0; s->workers && i < s->threads; i++) {
        mlp_scratch_destroy(s->mapper_net, &s->workers[i].mapper);
        mlp_scratch_destroy(s->critic_net, &s->workers[i].critic);
        memory_destroy(s->workers[i].pull);
        memory_destroy(s->workers[i].slope);
    }
    memory_destroy(s->workers);
    mlp_trace_destroy(s->mapper_net, &s->map);
    mlp_trace_destroy(s->critic_net, &s->moved_critic);
    mlp_trace_destroy(s->critic_net, &s->target_critic);
    real *rows[] = {s->x, s->y, s->moved, s->cost_moved, s->cost_pair, s->moved_value, s->target_value, s->c_transform,
                    s->penalty, s->seed};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) memory_destroy(rows[i]);
    memory_destroy(s);
}

/* What the tasks of one call share. */
typedef struct run {
    step *s;
    const step_batch *batch;
    const step_network *mapper, *critic;
} run;

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
static void amortisation_gradient(const step *s, int64_t first, int64_t count, worker *w) {
    int64_t dim = s->t->dim;
    real share = 1 / (real)s->batch;
    s->t->cost.kind->gradient(&s->t->cost, count, s->x + first * dim, s->moved + first * dim, w->pull);
    for (int64_t i = 0; i < count * dim; i++) w->pull[i] = share * (w->pull[i] - w->slope[i]);
}

static void block_task(void *user, int64_t index, int worker_index) {
    run *r = user;
    step *s = r->s;
    worker *w = &s->workers[worker_index];
    int64_t dim = s->t->dim, first = index * s->block_rows;
    int64_t count = s->batch - first < s->block_rows ? s->batch - first : s->block_rows;
    real *x = s->x + first * dim, *y = s->y + first * dim, *moved = s->moved + first * dim;
    mlp_block map = {s->ops, r->mapper->net, r->mapper->parameters, &s->map, &w->mapper, first, count};
    mlp_block at_moved = {s->ops, r->critic->net, r->critic->parameters, &s->moved_critic, &w->critic, first, count};
    mlp_block at_target = {s->ops, r->critic->net, r->critic->parameters, &s->target_critic, &w->critic, first, count};

    r->batch->fill(r->batch->user, first, count, x, y);
    transport_map(&map, s->t, x, moved);
    transport_potential(&at_moved, s->t, moved, s->moved_value + first);
    transport_potential_gradient(&at_moved, s->t, moved, w->slope);
    transport_potential(&at_target, s->t, y, s->target_value + first);
    s->t->cost.kind->value(&s->t->cost, count, x, moved, s->cost_moved + first);
    s->t->cost.kind->value(&s->t->cost, count, x, y, s->cost_pair + first);
    expectile_rows(s, first, count);

    amortisation_gradient(s, first, count, w);
    transport_pull(&map, s->t, w->pull);

    memcpy(s->target_critic.delta[r->critic->net->layers] + first, s->seed + first, (size_t)count * sizeof *s->seed);
    mlp_backward(&at_target, 0);
    for (int64_t i = 0; i < count; i++) w->pull[i] = -s->seed[first + i];
    mlp_scale_delta(&at_moved, w->pull);
}

static void gradient_task(void *user, int64_t index, int worker_index) {
    run *r = user;
    step *s = r->s;
    int64_t mapper_tiles = mlp_gradient_tiles(r->mapper->net);
    if (index < mapper_tiles) {
        mlp_pair pairs[2];
        int count = transport_pairs(s->t, &s->map, pairs);
        mlp_gradient_tile(s->ops, r->mapper->net, s->batch, pairs, count, index, r->mapper->gradient);
        return;
    }
    mlp_pair pairs[2] = {{s->target_critic.delta, s->target_critic.input, 1}, {s->moved_critic.delta, s->moved_critic.input, 1}};
    mlp_gradient_tile(s->ops, r->critic->net, s->batch, pairs, 2, index - mapper_tiles, r->critic->gradient);
}

static step_losses sum_losses(const step *s) {
    double amortisation = 0, penalty = 0, dual = 0;
    for (int64_t i = 0; i < s->batch; i++) {
        amortisation += s->c_transform[i];
        penalty += s->penalty[i];
        dual += (double)s->c_transform[i] + (double)s->target_value[i];
    }
    double share = 1 / (double)s->batch;
    return (step_losses){amortisation * share, (penalty - dual) * share, dual * share};
}

void step_gradients(step *s, const step_batch *batch, const step_network *mapper, const step_network *critic,
                    step_losses *losses) {
    run r = {s, batch, mapper, critic};
    parallel_for(s->context, (s->batch + s->block_rows - 1) / s->block_rows, block_task, &r);
    parallel_for(s->context, mlp_gradient_tiles(mapper->net) + mlp_gradient_tiles(critic->net), gradient_task, &r);
    *losses = sum_losses(s);
}

const real *step_moved(const step *s) { return s->moved; }
const real *step_critic_values(const step *s) { return s->target_value; }
const real *step_c_transform(const step *s) { return s->c_transform; }
