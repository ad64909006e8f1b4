#include "train/optimizers/optimizer.h"

#include <math.h>

#include "core/memory.h"
#include "train/optimizers/parts.h"

static const double PI = 3.14159265358979323846;

static const optimizer_method *const METHODS[] = {
    [ENOT_OPTIMIZER_ADAM] = &optimizer_adam,
    [ENOT_OPTIMIZER_ADAMW] = &optimizer_adam,
    [ENOT_OPTIMIZER_SOAP] = &optimizer_soap,
    [ENOT_OPTIMIZER_MUON] = &optimizer_muon,
};

static enot_status create_vectors(enot_context *context, network *n) {
    int64_t count = n->weight_count;
    TRY(MEMORY_NEW(context, (NETWORK_STATE_VECTORS + 1) * count, "a network", &n->parameters));
    n->moment1 = n->parameters + count;
    n->moment2 = n->moment1 + count;
    n->average = n->moment2 + count;
    n->gradient = n->average + count;
    return ENOT_OK;
}

static enot_status create_own(enot_context *context, network *n) {
    if (n->method->size == 0) return ENOT_OK;
    TRY(memory_create(context, 1, n->method->size, "the optimiser", &n->own));
    return n->method->create(context, &n->net.mlp, n->own);
}

enot_status network_create(enot_context *context, architecture net, enot_optimizer kind, network *out) {
    *out = (network){.net = net, .weight_count = architecture_weights(&net), .method = METHODS[kind]};
    enot_status status = create_vectors(context, out);
    if (!status) status = create_own(context, out);
    if (status) network_destroy(out);
    return status;
}

void network_destroy(network *n) {
    if (n->own) n->method->destroy(n->own);
    memory_destroy(n->own);
    memory_destroy(n->parameters);
    architecture_destroy(&n->net);
    *n = (network){0};
}

real *network_own(const network *n, int64_t *count) {
    *count = 0;
    return n->method->state ? n->method->state(n->own, count) : NULL;
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

/* Early on the average forgets faster, so that it does not drag the first weights along (Adam's correction does the same). */
static double averaging_at(const optimizer *o, int64_t updates) {
    double young = (double)updates / (double)(updates + 10);
    return o->averaging < young ? o->averaging : young;
}

static void average_statistics(network *n, real averaging) {
    for (int64_t i = architecture_parameters(&n->net); i < n->weight_count; i++)
        n->average[i] += (1 - averaging) * (n->parameters[i] - n->average[i]);
}

void optimizer_update(enot_context *context, const optimizer *o, const ops *ops, network *n) {
    double rate = optimizer_rate(o, n->updates);
    n->updates++;
    double decay1 = 1 - pow(o->beta1, (double)n->updates), decay2 = 1 - pow(o->beta2, (double)n->updates);
    double weight_decay = o->kind == ENOT_OPTIMIZER_ADAMW ? o->weight_decay : 0;
    real averaging = (real)averaging_at(o, n->updates);
    n->method->update(&(update){context, o, ops, n,
                                {(real)rate, (real)o->beta1, (real)o->beta2, (real)o->epsilon, (real)weight_decay,
                                 (real)(1 / decay1), (real)(1 / decay2), averaging}});
    average_statistics(n, averaging);
}
