#include "train/optimizer.h"

#include <math.h>

#include "core/memory.h"
#include "core/parallel.h"

static const double PI = 3.14159265358979323846;

enot_status network_create(enot_context *context, mlp net, network *out) {
    *out = (network){.net = net};
    enot_status status =
        MEMORY_NEW(context, (NETWORK_STATE_VECTORS + 1) * net.parameter_count, "a network", &out->parameters);
    if (status) {
        network_destroy(out);
        return status;
    }
    out->moment1 = out->parameters + net.parameter_count;
    out->moment2 = out->moment1 + net.parameter_count;
    out->average = out->moment2 + net.parameter_count;
    out->gradient = out->average + net.parameter_count;
    return ENOT_OK;
}

void network_destroy(network *n) {
    memory_destroy(n->parameters);
    mlp_destroy(&n->net);
    *n = (network){0};
}

double optimizer_rate(const optimizer *o, int64_t step) {
    if (step < o->warmup_steps) return o->learning_rate * (double)(step + 1) / (double)(o->warmup_steps + 1);
    int64_t length = o->steps - o->warmup_steps;
    double done = length > 0 ? (double)(step - o->warmup_steps) / (double)length : 1, left = 1;
    if (done > 1) done = 1;
    if (o->schedule == ENOT_SCHEDULE_COSINE) left = (1 + cos(PI * done)) / 2;
    if (o->schedule == ENOT_SCHEDULE_LINEAR) left = 1 - done;
    return o->learning_rate * ((1 - o->schedule_final) * left + o->schedule_final);
}

/* Parameters a task: the vectors of one task fit the second-level cache. */
#define CHUNK 16384

typedef struct update {
    const optimizer *o;
    const ops *ops;
    network *n;
    ops_adam constants;
} update;

static void update_chunk(void *user, int64_t index, int worker) {
    update *u = user;
    network *n = u->n;
    int64_t first = index * CHUNK, left = n->net.parameter_count - first, count = left < CHUNK ? left : CHUNK;
    const ops_adam_state state = {n->gradient + first, n->moment1 + first, n->moment2 + first, n->parameters + first,
                                  n->average + first};
    u->ops->adam(count, &u->constants, &state);
}

/* Early on the average forgets faster, so that it does not drag the first weights along (Adam's correction does the same). */
static double averaging_at(const optimizer *o, int64_t updates) {
    double young = (double)updates / (double)(updates + 10);
    return o->averaging < young ? o->averaging : young;
}

void optimizer_update(enot_context *context, const optimizer *o, const ops *ops, network *n) {
    double rate = optimizer_rate(o, n->updates);
    n->updates++;
    double decay1 = 1 - pow(o->beta1, (double)n->updates), decay2 = 1 - pow(o->beta2, (double)n->updates);
    double weight_decay = o->kind == ENOT_OPTIMIZER_ADAMW ? o->weight_decay : 0;
    update u = {o, ops, n,
                {(real)rate, (real)o->beta1, (real)o->beta2, (real)o->epsilon, (real)weight_decay, (real)(1 / decay1),
                 (real)(1 / decay2), (real)averaging_at(o, n->updates)}};
    parallel_for(context, (n->net.parameter_count + CHUNK - 1) / CHUNK, update_chunk, &u);
}
