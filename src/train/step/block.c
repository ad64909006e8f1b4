#include <string.h>

#include "train/step/expectile.h"
#include "train/step/parts.h"

/* A block on its way through the passes. */
typedef struct passage {
    step *s;
    step_worker *worker;
    int64_t first, count;
    mlp_block own[2], moved[2];
} passage;

static real *points_of(const passage *p, int side) { return p->s->sides[side].points + p->first * p->s->t->dim; }
static real *moved_of(const passage *p, int d) { return p->s->direction[d].moved + p->first * p->s->t->dim; }
static real *reached_of(const passage *p, int d) { return p->s->direction[d].reached + p->first * p->s->t->dim; }

/* Whether the side's points are moved too. */
static int maps(const step *s, int side) { return side < s->directions; }

/* The networks that map, at their points; with both directions they are critics there too. */
static void visit_own_points(const passage *p) {
    step *s = p->s;
    for (int side = 0; side < s->directions; side++) {
        transport_map(&p->own[side], s->t, points_of(p, side), moved_of(p, side));
        if (s->directions == 2)
            transport_read_potential(&p->own[side], s->t, points_of(p, side), s->sides[side].value + p->first);
    }
}

/* A critic that does not map, at y. */
static void visit_target_points(const passage *p) {
    transport_potential(&p->own[1], p->s->t, points_of(p, 1), p->s->sides[1].value + p->first);
}

/* Where a candidate is better than T(x) it takes its place. Returns how many. */
static int64_t search_rows(const passage *p, int d) {
    const step *s = p->s;
    step_direction *way = &p->s->direction[d];
    const step_side *to = &s->sides[1 - d];
    int64_t dim = s->t->dim, found = 0, index = 0;
    for (int64_t i = p->first; i < p->first + p->count; i++) {
        real least = transport_search(s->t, s->sides[d].points + i * dim, s->candidates, to->points, to->candidate,
                                      p->worker->repeated, p->worker->costs, &index);
        way->excess[i] = way->cost_moved[i] - way->moved_value[i] - least;
        if (!(way->excess[i] > 0)) {
            way->excess[i] = 0;
            continue;
        }
        memcpy(way->reached + i * dim, to->points + index * dim, (size_t)dim * sizeof *way->reached);
        way->cost_moved[i] = least + to->candidate[index];
        found++;
    }
    return found;
}

/* The critic where x is brought to; leaves its gradient there in worker->slope. */
static void visit_moved_points(const passage *p, int d) {
    const step *s = p->s;
    step_direction *way = &p->s->direction[d];
    transport_potential(&p->moved[d], s->t, moved_of(p, d), way->moved_value + p->first);
    transport_cost(s->t, p->count, points_of(p, d), moved_of(p, d), way->cost_moved + p->first);
    if (s->candidates) {
        memcpy(reached_of(p, d), moved_of(p, d), (size_t)(p->count * s->t->dim) * sizeof(real));
        if (search_rows(p, d)) transport_potential(&p->moved[d], s->t, reached_of(p, d), way->moved_value + p->first);
    }
    transport_potential_gradient(&p->moved[d], s->t, reached_of(p, d), p->worker->slope);
}

static void compute_costs(const passage *p, int d) {
    transport_cost(p->s->t, p->count, points_of(p, d), points_of(p, 1 - d), p->s->direction[d].cost_pair + p->first);
}

/* From c(x,T(x)), c(x,y), g(T(x)), g(y): the c-transform, the penalty, and what the critic's backward passes start from. */
static void expectile_rows(const passage *p, int d) {
    const step *s = p->s;
    const step_direction *way = &s->direction[d];
    const step_side *from = &s->sides[d], *to = &s->sides[1 - d];
    real sign = transport_sign(s->t), share = 1 / (real)s->batch;
    for (int64_t i = p->first; i < p->first + p->count; i++) {
        way->c_transform[i] = way->cost_moved[i] - way->moved_value[i];
        real excess = way->c_transform[i] - way->cost_pair[i] + to->value[i]; /* d1 = d2 in value */
        real push = expectile_push(s->expectile, s->coefficient, excess);
        way->penalty[i] = push * excess;
        way->seed[i] = sign * share * (push - to->weight[i]);
        way->moved_seed[i] = sign * share * (from->weight[i] - push);
    }
}

/* Where a candidate is better the pull is the secant's: towards it, as steep as the way there falls. */
static void pull_to_candidates(const passage *p, int d) {
    const step *s = p->s;
    const manifold *m = s->t->cost.kind->manifold;
    const real *excess = s->direction[d].excess + p->first;
    int64_t dim = s->t->dim;
    for (int64_t i = 0; i < p->count; i++) {
        const real *moved = moved_of(p, d) + i * dim, *reached = reached_of(p, d) + i * dim;
        real square = 0, *pull = p->worker->pull + i * dim;
        if (excess[i] == 0) continue;
        for (int64_t j = 0; j < dim; j++) pull[j] = moved[j] - reached[j];
        if (m && m->shorten) m->shorten(&s->t->cost, 1, pull);
        for (int64_t j = 0; j < dim; j++) square += pull[j] * pull[j];
        real factor = square > 0 ? excess[i] / (square * (real)s->batch) : 0;
        for (int64_t j = 0; j < dim; j++) pull[j] *= factor;
    }
}

/* Pulls d amortisation / d T(x) back to the mapping network. */
static void pull_amortisation(const passage *p, int d) {
    const step *s = p->s;
    real share = 1 / (real)s->batch, *pull = p->worker->pull;
    transport_cost_gradient(s->t, p->count, points_of(p, d), moved_of(p, d), pull);
    for (int64_t i = 0; i < p->count * s->t->dim; i++) pull[i] = share * (pull[i] - p->worker->slope[i]);
    if (s->candidates) pull_to_candidates(p, d);
    transport_pull(&p->own[d], s->t, pull);
}

/* The critic's loss at the moved points. */
static void seed_moved(const passage *p, int d) {
    mlp_scale_delta(&p->moved[d], p->s->direction[d].moved_seed + p->first);
}

/* The critic's loss at y. Where that network maps y as well, its backward pass with seed 1 is there already. */
static void seed_critic(const passage *p, int d) {
    const real *seed = p->s->direction[d].seed + p->first;
    const mlp_block *critic = &p->own[1 - d];
    if (p->s->directions == 2) {
        mlp_add_delta(critic, seed);
    } else {
        transport_potential_seed(critic, seed);
        mlp_backward(critic, 0);
    }
}

const mlp_operands *step_operands(const step *s, const step_worker *worker) { return s->bf16 ? &worker->operands : NULL; }

static passage begin(step *s, step_worker *w, step_traces *traces, int64_t first, int64_t count) {
    passage p = {.s = s, .worker = w, .first = first, .count = count};
    const mlp_operands *operands = step_operands(s, w);
    for (int i = 0; i < 2; i++) {
        mlp_scratch *own = maps(s, i) ? &w->own[i] : &w->moved;
        p.own[i] = (mlp_block){s->ops, &s->sides[i].weights, &traces->own[i], own, count, operands};
        p.moved[i] = (mlp_block){s->ops, &s->sides[1 - i].weights, &traces->moved[i], &w->moved, count, operands};
    }
    return p;
}

void step_block(step *s, step_worker *w, step_traces *traces, int64_t first, int64_t count) {
    passage p = begin(s, w, traces, first, count);
    visit_own_points(&p);
    for (int d = 0; d < s->directions; d++) {
        visit_moved_points(&p, d);
        if (!maps(s, 1 - d)) visit_target_points(&p);
        compute_costs(&p, d);
        expectile_rows(&p, d);
        pull_amortisation(&p, d);
        seed_moved(&p, d);
    }
    for (int d = 0; d < s->directions; d++) seed_critic(&p, d);
}

void step_value_candidates(step *s, step_worker *w, step_traces *traces, int64_t first, int64_t count) {
    passage p = begin(s, w, traces, first, count);
    for (int side = 2 - s->directions; side < 2; side++)
        transport_potential(&p.own[side], s->t, points_of(&p, side), s->sides[side].candidate + first);
}

int step_pairs(const step *s, const step_traces *traces, int side, mlp_pair pairs[MLP_PAIRS_MOST]) {
    const mlp_trace *own = &traces->own[side], *moved = &traces->moved[1 - side];
    int count = 1;
    if (maps(s, side))
        count = transport_pairs(s->t, own, pairs);
    else
        pairs[0] = (mlp_pair){own->delta, own->input, 1};
    if (maps(s, 1 - side)) pairs[count++] = (mlp_pair){moved->delta, moved->input, 1};
    return count;
}
