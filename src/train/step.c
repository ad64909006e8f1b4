#include "train/step.h"

#include <string.h>

#include "core/parallel.h"
#include "train/step_parts.h"

/* Parameters that one task adds up over the parts. */
#define SUM_CHUNK 8192

/* What the tasks of one call share. */
typedef struct run {
    step *s;
    const step_batch *batch;
    const step_network *mapper, *critic;
    int64_t first_part, part_count; /* now at work */
} run;

static void weights_task(void *user, int64_t index, int worker) {
    run *r = user;
    step *s = r->s;
    int64_t mapper_tiles = mlp_tile_count(s->mapper_net);
    if (index < mapper_tiles)
        mlp_weights_load_tile(s->ops, &s->mapper, r->mapper->parameters, index);
    else
        mlp_weights_load_tile(s->ops, &s->critic, r->critic->parameters, index - mapper_tiles);
}

/* One tile of either network's gradient over rows of the traces. */
static void gradient_tile(step *s, const step_traces *traces, int64_t rows, int accumulate, int64_t index, real *mapper,
                          real *critic) {
    int64_t mapper_tiles = mlp_tile_count(s->mapper_net);
    mlp_pair pairs[2];
    if (index < mapper_tiles) {
        int count = step_mapper_pairs(s, traces, pairs);
        mlp_gradient_tile(s->ops, s->mapper_net, rows, pairs, count, accumulate, index, mapper);
    } else {
        int count = step_critic_pairs(traces, pairs);
        mlp_gradient_tile(s->ops, s->critic_net, rows, pairs, count, accumulate, index - mapper_tiles, critic);
    }
}

static int64_t tile_count(const step *s) { return mlp_tile_count(s->mapper_net) + mlp_tile_count(s->critic_net); }

static int64_t parameter_count(const step *s) { return s->mapper_net->parameter_count + s->critic_net->parameter_count; }

/* Rows of the block that begins at first, in a part that ends at end. */
static int64_t block_count(const step *s, int64_t first, int64_t end) {
    return end - first < s->cut.block_rows ? end - first : s->cut.block_rows;
}

/* All blocks of a narrow part, and its gradient. */
static void part_task(void *user, int64_t part, int worker) {
    run *r = user;
    step *s = r->s;
    int64_t begin = part * s->cut.part_rows, end = begin + s->cut.part_rows < s->batch ? begin + s->cut.part_rows : s->batch;
    real *mapper = s->part_gradients + part * parameter_count(s), *critic = mapper + s->mapper_net->parameter_count;
    for (int64_t first = begin; first < end; first += s->cut.block_rows) {
        int64_t count = block_count(s, first, end);
        step_block(s, r->batch, &s->workers[worker], &s->traces[worker], first, count);
        for (int64_t tile = 0; tile < tile_count(s); tile++)
            gradient_tile(s, &s->traces[worker], count, first > begin, tile, mapper, critic);
    }
}

static void block_task(void *user, int64_t index, int worker) {
    run *r = user;
    step *s = r->s;
    int64_t first = (r->first_part + index) * s->cut.block_rows;
    step_block(s, r->batch, &s->workers[worker], &s->traces[index], first, block_count(s, first, s->batch));
}

static void tile_task(void *user, int64_t index, int worker) {
    run *r = user;
    step *s = r->s;
    for (int64_t i = 0; i < r->part_count; i++) {
        int64_t part = r->first_part + i, rows = block_count(s, part * s->cut.block_rows, s->batch);
        gradient_tile(s, &s->traces[i], rows, part > 0, index, r->mapper->gradient, r->critic->gradient);
    }
}

/* Each tile of the gradient takes the blocks in their order, however many are at work at a time. */
static void sum_blocks(run *r) {
    step *s = r->s;
    for (r->first_part = 0; r->first_part < s->cut.parts; r->first_part += r->part_count) {
        int64_t left = s->cut.parts - r->first_part;
        r->part_count = left < s->trace_count ? left : s->trace_count;
        parallel_for(s->context, r->part_count, block_task, r);
        parallel_for(s->context, tile_count(s), tile_task, r);
    }
}

/* out[first, first + count) of one network's gradient = the sum over the parts, in their order. */
static void sum_parts(const step *s, int64_t offset, int64_t parameters, int64_t first, real *out) {
    int64_t left = parameters - first, count = left < SUM_CHUNK ? left : SUM_CHUNK;
    const real *part = s->part_gradients + offset + first;
    memcpy(out + first, part, (size_t)count * sizeof *out);
    for (int64_t p = 1; p < s->cut.parts; p++) s->ops->add(count, part + p * parameter_count(s), out + first);
}

static int64_t chunks(int64_t parameters) { return (parameters + SUM_CHUNK - 1) / SUM_CHUNK; }

static void sum_task(void *user, int64_t index, int worker) {
    run *r = user;
    int64_t mapper = r->s->mapper_net->parameter_count, critic = r->s->critic_net->parameter_count;
    if (index < chunks(mapper))
        sum_parts(r->s, 0, mapper, index * SUM_CHUNK, r->mapper->gradient);
    else
        sum_parts(r->s, mapper, critic, (index - chunks(mapper)) * SUM_CHUNK, r->critic->gradient);
}

static void sum_all_parts(run *r) {
    step *s = r->s;
    parallel_for(s->context, s->cut.parts, part_task, r);
    parallel_for(s->context, chunks(s->mapper_net->parameter_count) + chunks(s->critic_net->parameter_count), sum_task, r);
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
    run r = {.s = s, .batch = batch, .mapper = mapper, .critic = critic};
    parallel_for(s->context, tile_count(s), weights_task, &r);
    if (s->cut.parts_sum)
        sum_all_parts(&r);
    else
        sum_blocks(&r);
    *losses = sum_losses(s);
}

const real *step_moved(const step *s) { return s->moved; }
const real *step_critic_values(const step *s) { return s->target_value; }
const real *step_c_transform(const step *s) { return s->c_transform; }
