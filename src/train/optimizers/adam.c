#include "core/parallel.h"
#include "train/optimizers/parts.h"

/* Parameters a task: the vectors of one task fit the second-level cache. */
#define CHUNK 16384

void adam_range(const update *u, int64_t first, int64_t count) {
    network *n = u->n;
    const ops_adam_state state = {n->gradient + first, n->moment1 + first, n->moment2 + first, n->parameters + first,
                                  n->average + first};
    u->ops->adam(count, &u->constants, &state);
}

void adam_vectors(const update *u, int64_t l) {
    const mlp *net = &u->n->net.mlp;
    adam_range(u, net->bias_at[l], net->width[l]);
    if (!optimizer_takes_matrix(net, l)) adam_range(u, net->weight_at[l], net->width[l] * net->width[l - 1]);
}

static void adam_chunk(void *user, int64_t index, int worker) {
    const update *u = user;
    int64_t first = index * CHUNK, left = architecture_parameters(&u->n->net) - first;
    adam_range(u, first, left < CHUNK ? left : CHUNK);
}

static void adam_update(update *u) {
    parallel_for(u->context, (architecture_parameters(&u->n->net) + CHUNK - 1) / CHUNK, adam_chunk, u);
}

const optimizer_method optimizer_adam = {.update = adam_update};
