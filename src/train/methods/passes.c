#include "train/methods/passes.h"

#include <string.h>

#include "core/memory.h"
#include "core/parallel.h"

/* Parts of a batch that sum a gradient each, at most. */
#define PARTS 8

/* Parameters that one task adds up over the parts. */
#define SUM_CHUNK 8192

/* What a block keeps from one pass to the next. */
typedef struct part_block {
    mlp_trace trace;
    mlp_scratch scratch;
} part_block;

struct passes {
    enot_context *context;
    const ops *ops;
    const bf16_ops *bf16; /* NULL: products are of reals */
    const transport *t;
    const mlp *net;
    int64_t batch, blocks, parts, part_blocks; /* part_blocks: blocks of a part */
    int threads, sloped; /* sloped: passes_potential has run backward already */
    mlp_weights weights;
    part_block *block;      /* [blocks] */
    part_block *worker;     /* [threads], of passes_evaluate */
    mlp_operands *operands; /* [threads] if products are of bf16 */
    real *part_gradients;   /* [parts, parameters] */
};

/* What the tasks of one call share; a call fills what it needs. */
typedef struct job {
    passes *p;
    const real *points, *v, *seed, *parameters;
    real *out, *values, *gradient;
    int (*pairs)(const passes *p, const part_block *block, mlp_pair pairs[2]); /* returns how many */
    int accumulate;
} job;

static int64_t rows_of(const passes *p, int64_t block) {
    int64_t left = p->batch - block * PASSES_ROWS;
    return left < PASSES_ROWS ? left : PASSES_ROWS;
}

static const mlp_operands *operands_of(const passes *p, int worker) { return p->bf16 ? &p->operands[worker] : NULL; }

static mlp_block block_of(passes *p, int64_t index, int worker) {
    part_block *b = &p->block[index];
    return (mlp_block){p->ops, &p->weights, &b->trace, &b->scratch, rows_of(p, index), operands_of(p, worker)};
}

static void run(passes *p, parallel_task task, job *j) {
    j->p = p;
    parallel_for(p->context, p->blocks, task, j);
}

/* ---- memory ---- */

static enot_status create_block(enot_context *context, const passes *p, int second_order, part_block *b) {
    TRY(mlp_trace_create(context, p->net, PASSES_ROWS, second_order, &b->trace));
    return mlp_scratch_create(context, p->net, PASSES_ROWS, second_order, &b->scratch);
}

static enot_status create_parts(enot_context *context, passes *p, int maps) {
    int second_order = maps && p->t->form != ENOT_FORM_VECTOR_FIELD;
    TRY(mlp_weights_create(context, p->net, p->bf16, &p->weights));
    TRY(MEMORY_NEW(context, p->blocks, "a training step", &p->block));
    TRY(MEMORY_NEW(context, p->threads, "a training step", &p->worker));
    TRY(MEMORY_NEW(context, p->threads, "a training step", &p->operands));
    for (int64_t i = 0; i < p->blocks; i++) TRY(create_block(context, p, second_order, &p->block[i]));
    for (int i = 0; i < p->threads; i++) {
        TRY(create_block(context, p, 0, &p->worker[i]));
        if (p->bf16) TRY(mlp_operands_create(context, p->bf16, p->net, PASSES_ROWS, &p->operands[i]));
    }
    return MEMORY_NEW(context, p->parts * p->net->parameter_count, "a training step", &p->part_gradients);
}

enot_status passes_create(enot_context *context, const transport *t, const mlp *net, int64_t batch, int maps,
                          enot_precision precision, passes **out) {
    passes *p;
    TRY(MEMORY_NEW(context, 1, "a training step", &p));
    *p = (passes){.context = context, .ops = ops_select(), .t = t, .net = net, .batch = batch, .threads = context->threads,
                  .bf16 = precision == ENOT_PRECISION_BF16 ? bf16_select(context) : NULL};
    p->blocks = (batch + PASSES_ROWS - 1) / PASSES_ROWS;
    p->part_blocks = (p->blocks + PARTS - 1) / PARTS;
    p->parts = (p->blocks + p->part_blocks - 1) / p->part_blocks;
    enot_status status = create_parts(context, p, maps);
    if (status) {
        passes_destroy(p);
        return status;
    }
    *out = p;
    return ENOT_OK;
}

static void destroy_blocks(part_block *blocks, int64_t count) {
    for (int64_t i = 0; blocks && i < count; i++) {
        mlp_trace_destroy(&blocks[i].trace);
        mlp_scratch_destroy(&blocks[i].scratch);
    }
    memory_destroy(blocks);
}

void passes_destroy(passes *p) {
    if (!p) return;
    destroy_blocks(p->block, p->blocks);
    destroy_blocks(p->worker, p->threads);
    for (int i = 0; p->operands && i < p->threads; i++) mlp_operands_destroy(&p->operands[i]);
    mlp_weights_destroy(&p->weights);
    memory_destroy(p->operands);
    memory_destroy(p->part_gradients);
    memory_destroy(p);
}

/* ---- applying ---- */

static void load_task(void *user, int64_t index, int worker) {
    job *j = user;
    mlp_weights_load_tile(j->p->ops, &j->p->weights, j->parameters, index);
}

void passes_load(passes *p, const real *parameters) {
    job j = {.p = p, .parameters = parameters};
    parallel_for(p->context, mlp_tile_count(p->net), load_task, &j);
}

static void map_task(void *user, int64_t index, int worker) {
    job *j = user;
    int64_t at = index * PASSES_ROWS * j->p->t->dim;
    mlp_block block = block_of(j->p, index, worker);
    transport_map(&block, j->p->t, j->points + at, j->out + at);
}

void passes_map(passes *p, const real *x, real *moved) { run(p, map_task, &(job){.points = x, .out = moved}); }

static void potential_task(void *user, int64_t index, int worker) {
    job *j = user;
    int64_t first = index * PASSES_ROWS, at = first * j->p->t->dim;
    mlp_block block = block_of(j->p, index, worker);
    transport_potential(&block, j->p->t, j->points + at, j->values + first);
    if (j->out) transport_potential_gradient(&block, j->p->t, j->points + at, j->out + at);
}

void passes_potential(passes *p, const real *y, real *values, real *slope) {
    p->sloped = slope != NULL;
    run(p, potential_task, &(job){.points = y, .values = values, .out = slope});
}

void passes_evaluate(passes *p, int worker, int64_t count, const real *y, real *values, real *slope) {
    part_block *w = &p->worker[worker];
    mlp_block block = {p->ops, &p->weights, &w->trace, &w->scratch, count, operands_of(p, worker)};
    transport_potential(&block, p->t, y, values);
    transport_potential_gradient(&block, p->t, y, slope);
}

/* ---- gradients ---- */

static int map_pairs(const passes *p, const part_block *block, mlp_pair pairs[2]) {
    return transport_pairs(p->t, &block->trace, pairs);
}

static int potential_pairs(const passes *p, const part_block *block, mlp_pair pairs[2]) {
    pairs[0] = (mlp_pair){block->trace.delta, block->trace.input, 1};
    return 1;
}

/* One part's gradient, its blocks in their order. */
static void part_task(void *user, int64_t part, int worker) {
    job *j = user;
    passes *p = j->p;
    int64_t begin = part * p->part_blocks, end = begin + p->part_blocks < p->blocks ? begin + p->part_blocks : p->blocks;
    for (int64_t i = begin; i < end; i++) {
        mlp_pair pairs[2];
        int count = j->pairs(p, &p->block[i], pairs);
        for (int64_t tile = 0; tile < mlp_tile_count(p->net); tile++)
            mlp_gradient_tile(p->ops, operands_of(p, worker), p->net, rows_of(p, i), pairs, count, i > begin, tile,
                              p->part_gradients + part * p->net->parameter_count);
    }
}

static void sum_task(void *user, int64_t index, int worker) {
    job *j = user;
    const passes *p = j->p;
    int64_t first = index * SUM_CHUNK, left = p->net->parameter_count - first, count = left < SUM_CHUNK ? left : SUM_CHUNK;
    real *out = j->gradient + first;
    if (!j->accumulate) memset(out, 0, (size_t)count * sizeof *out);
    for (int64_t part = 0; part < p->parts; part++)
        p->ops->add(count, p->part_gradients + part * p->net->parameter_count + first, out);
}

static void sum_gradient(passes *p, job *j) {
    parallel_for(p->context, p->parts, part_task, j);
    parallel_for(p->context, (p->net->parameter_count + SUM_CHUNK - 1) / SUM_CHUNK, sum_task, j);
}

static void pull_task(void *user, int64_t index, int worker) {
    job *j = user;
    mlp_block block = block_of(j->p, index, worker);
    transport_pull(&block, j->p->t, j->v + index * PASSES_ROWS * j->p->t->dim);
}

void passes_pull(passes *p, const real *v, int accumulate, real *gradient) {
    job j = {.v = v, .gradient = gradient, .accumulate = accumulate, .pairs = map_pairs};
    run(p, pull_task, &j);
    sum_gradient(p, &j);
}

static void pull_points_task(void *user, int64_t index, int worker) {
    job *j = user;
    int64_t at = index * PASSES_ROWS * j->p->t->dim;
    mlp_block block = block_of(j->p, index, worker);
    transport_pull_points(&block, j->p->t, j->v + at, j->out + at);
}

void passes_pull_points(passes *p, const real *v, real *out) { run(p, pull_points_task, &(job){.v = v, .out = out}); }

static void push_task(void *user, int64_t index, int worker) {
    job *j = user;
    mlp_block block = block_of(j->p, index, worker);
    real seed[PASSES_ROWS], sign = transport_sign(j->p->t);
    for (int64_t i = 0; i < block.count; i++) seed[i] = sign * j->seed[index * PASSES_ROWS + i];
    if (j->p->sloped) {
        mlp_scale_delta(&block, seed);
    } else {
        transport_potential_seed(&block, seed);
        mlp_backward(&block, 0);
    }
}

void passes_push(passes *p, const real *seed, int accumulate, real *gradient) {
    job j = {.seed = seed, .gradient = gradient, .accumulate = accumulate, .pairs = potential_pairs};
    run(p, push_task, &j);
    sum_gradient(p, &j);
}

double passes_operations(const passes *p) { return mlp_pass_operations(p->net, p->batch); }
