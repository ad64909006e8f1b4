#include "train/methods/dual.h"

#include "core/memory.h"

enot_status dual_create(enot_context *context, const method_problem *p, dual *d) {
    int64_t batch = p->settings->batch;
    *d = (dual){.problem = p};
    real **vectors[] = {&d->cost, &d->moved_value, &d->value, &d->raise, &d->lower};
    TRY(passes_create(context, p->t, &p->g->net.mlp, batch, 0, p->settings->precision, &d->critic));
    for (int i = 0; i < 5; i++) TRY(MEMORY_NEW(context, batch, "a training step", vectors[i]));
    for (int64_t i = 0; i < batch; i++) {
        d->lower[i] = 1 / (real)batch;
        d->raise[i] = -d->lower[i];
    }
    return ENOT_OK;
}

void dual_destroy(dual *d) {
    passes_destroy(d->critic);
    real *all[] = {d->cost, d->moved_value, d->value, d->raise, d->lower};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) memory_destroy(all[i]);
}

double dual_visit(dual *d, const real *x, const real *moved, real *slope) {
    const cost *cost = &d->problem->t->cost;
    int64_t batch = d->problem->settings->batch;
    double sum = 0;
    passes_load(d->critic, d->problem->g->parameters);
    passes_potential(d->critic, moved, d->moved_value, slope);
    cost->kind->value(cost, batch, x, moved, d->cost);
    for (int64_t i = 0; i < batch; i++) sum += (double)(d->cost[i] - d->moved_value[i]);
    return sum / (double)batch;
}

double dual_ascend(dual *d, const real *y, int accumulate) {
    real *gradient = d->problem->g->gradient;
    int64_t batch = d->problem->settings->batch;
    double sum = 0;
    passes_push(d->critic, d->lower, accumulate, gradient);
    passes_potential(d->critic, y, d->value, NULL);
    passes_push(d->critic, d->raise, 1, gradient);
    for (int64_t i = 0; i < batch; i++) sum += (double)d->value[i];
    return sum / (double)batch;
}
