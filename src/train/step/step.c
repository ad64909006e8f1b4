#include "train/step/step.h"

#include <string.h>

#include "core/parallel.h"
#include "train/step/parts.h"

/* Parameters that one task adds up over the parts. */
#define SUM_CHUNK 8192

/* What the tasks of one call share. */
typedef struct run {
    step *s;
    const step_batch *batch;
    const step_network *networks[2]; /* by side */
    int64_t first_part, part_count;  /* now at work */
} run;

static int64_t parameters_of(const step *s, int side) { return s->sides[side].net->parameter_count; }

static int64_t tile_count(const step *s) { return mlp_tile_count(s->sides[0].net) + mlp_tile_count(s->sides[1].net); }

/* Tiles are counted through both networks. Makes index the tile's own. */
static int side_of_tile(const step *s, int64_t *index) {
    int64_t first = mlp_tile_count(s->sides[0].net);
    if (*index < first) return 0;
    *index -= first;
    return 1;
}

static void weights_task(void *user, int64_t index, int worker) {
    run *r = user;
    int side = side_of_tile(r->s, &index);
    mlp_weights_load_tile(r->s->ops, &r->s->sides[side].weights, r->networks[side]->parameters, index);
}

/* One tile of either network's gradient over rows of the traces. gradients: by side. */
static void gradient_tile(const step *s, int worker, const step_traces *traces, int64_t rows, int accumulate, int64_t index,
                          real *const gradients[2]) {
    int side = side_of_tile(s, &index);
    mlp_pair pairs[MLP_PAIRS_MOST];
    int count = step_pairs(s, traces, side, pairs);
    mlp_gradient_tile(s->ops, step_operands(s, &s->workers[worker]), s->sides[side].net, rows, pairs, count, accumulate,
                      index, gradients[side]);
}

/* Rows of the block that begins at first, in a part that ends at end. */
static int64_t block_count(const step *s, int64_t first, int64_t end) {
    return end - first < s->cut.block_rows ? end - first : s->cut.block_rows;
}

static void draw_rows(const run *r, int64_t first, int64_t count) {
    const step *s = r->s;
    r->batch->fill(r->batch->user, first, count, s->sides[0].points + first * s->t->dim, s->sides[1].points + first * s->t->dim);
}

/* Rows are drawn when their block begins, unless they are needed together before. */
static int drawn_together(const run *r) { return r->batch->weigh || r->s->candidates; }

static void fill_rows(const run *r, int64_t first, int64_t count) {
    if (!drawn_together(r)) draw_rows(r, first, count);
}

static void draw_task(void *user, int64_t index, int worker) {
    run *r = user;
    int64_t first = index * r->s->cut.block_rows;
    draw_rows(r, first, block_count(r->s, first, r->s->batch));
}

static int64_t blocks_of(const step *s, int64_t rows) { return (rows + s->cut.block_rows - 1) / s->cut.block_rows; }

static void candidates_task(void *user, int64_t index, int worker) {
    run *r = user;
    int64_t first = index * r->s->cut.block_rows;
    step_value_candidates(r->s, &r->s->workers[worker], &r->s->traces[worker], first, block_count(r->s, first, r->s->candidates));
}

static void prepare_rows(run *r) {
    step *s = r->s;
    if (!drawn_together(r)) return;
    parallel_for(s->context, blocks_of(s, s->batch), draw_task, r);
    if (r->batch->weigh)
        r->batch->weigh(r->batch->user, (const real *const[2]){s->sides[0].points, s->sides[1].points},
                        (real *const[2]){s->sides[0].weight, s->sides[1].weight});
    parallel_for(s->context, blocks_of(s, s->candidates), candidates_task, r);
}

/* All blocks of a narrow part, and its gradient. */
static void part_task(void *user, int64_t part, int worker) {
    run *r = user;
    step *s = r->s;
    int64_t begin = part * s->cut.part_rows, end = begin + s->cut.part_rows < s->batch ? begin + s->cut.part_rows : s->batch;
    real *mine = s->part_gradients + part * (parameters_of(s, 0) + parameters_of(s, 1));
    real *const gradients[2] = {mine, mine + parameters_of(s, 0)};
    for (int64_t first = begin; first < end; first += s->cut.block_rows) {
        int64_t count = block_count(s, first, end);
        fill_rows(r, first, count);
        step_block(s, &s->workers[worker], &s->traces[worker], first, count);
        for (int64_t tile = 0; tile < tile_count(s); tile++)
            gradient_tile(s, worker, &s->traces[worker], count, first > begin, tile, gradients);
    }
}

static void block_task(void *user, int64_t index, int worker) {
    run *r = user;
    step *s = r->s;
    int64_t first = (r->first_part + index) * s->cut.block_rows, count = block_count(s, first, s->batch);
    fill_rows(r, first, count);
    step_block(s, &s->workers[worker], &s->traces[index], first, count);
}

static void tile_task(void *user, int64_t index, int worker) {
    run *r = user;
    step *s = r->s;
    real *const gradients[2] = {r->networks[0]->gradient, r->networks[1]->gradient};
    for (int64_t i = 0; i < r->part_count; i++) {
        int64_t part = r->first_part + i, rows = block_count(s, part * s->cut.block_rows, s->batch);
        gradient_tile(s, worker, &s->traces[i], rows, part > 0, index, gradients);
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

/* out[first ...] of one side's gradient = the sum over the parts, in their order. */
static void sum_chunk(const step *s, int side, int64_t first, real *out) {
    int64_t left = parameters_of(s, side) - first, count = left < SUM_CHUNK ? left : SUM_CHUNK;
    int64_t stride = parameters_of(s, 0) + parameters_of(s, 1);
    const real *part = s->part_gradients + (side ? parameters_of(s, 0) : 0) + first;
    memcpy(out + first, part, (size_t)count * sizeof *out);
    for (int64_t p = 1; p < s->cut.parts; p++) s->ops->add(count, part + p * stride, out + first);
}

static int64_t chunks_of(const step *s, int side) { return (parameters_of(s, side) + SUM_CHUNK - 1) / SUM_CHUNK; }

static void sum_task(void *user, int64_t index, int worker) {
    run *r = user;
    int side = index >= chunks_of(r->s, 0);
    sum_chunk(r->s, side, (index - (side ? chunks_of(r->s, 0) : 0)) * SUM_CHUNK, r->networks[side]->gradient);
}

static void sum_all_parts(run *r) {
    step *s = r->s;
    parallel_for(s->context, s->cut.parts, part_task, r);
    parallel_for(s->context, chunks_of(s, 0) + chunks_of(s, 1), sum_task, r);
}

/* The mean over the directions. */
static step_losses mean_losses(const step *s) {
    double amortisation = 0, penalty = 0, dual = 0, share = 1 / ((double)s->batch * s->directions);
    for (int d = 0; d < s->directions; d++) {
        const step_direction *way = &s->direction[d];
        const step_side *from = &s->sides[d], *to = &s->sides[1 - d];
        for (int64_t i = 0; i < s->batch; i++) {
            amortisation += way->c_transform[i];
            penalty += way->penalty[i];
            dual += (double)from->weight[i] * (double)way->c_transform[i] + (double)to->weight[i] * (double)to->value[i];
        }
    }
    return (step_losses){amortisation * share, (penalty - dual) * share, dual * share};
}

void step_gradients(step *s, const step_batch *batch, const step_network *mapper, const step_network *critic,
                    step_losses *losses) {
    run r = {.s = s, .batch = batch, .networks = {mapper, critic}};
    parallel_for(s->context, tile_count(s), weights_task, &r);
    prepare_rows(&r);
    if (s->cut.parts_sum)
        sum_all_parts(&r);
    else
        sum_blocks(&r);
    *losses = mean_losses(s);
}

const char *step_precision(const step *s) { return s->bf16 ? s->bf16->name : "f32"; }
const real *step_moved(const step *s) { return s->direction[0].moved; }
const real *step_critic_values(const step *s) { return s->sides[1].value; }
const real *step_c_transform(const step *s) { return s->direction[0].c_transform; }
