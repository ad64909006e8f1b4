/*
 * The gradients of one ENOT step (docs/mathematics.md, "The loss"). The network that maps descends the amortised
 * c-transform, the critic the expectile-regularised dual. Blocks of rows go through all passes on their own; then tiles of
 * weights sum over the batch. Both cuts follow from the sizes alone, so the bits do not depend on the number of threads.
 */
#ifndef ENOT_TRAIN_STEP_H
#define ENOT_TRAIN_STEP_H

#include <math.h>

#include "net/transport.h"

typedef struct step_losses {
    double amortisation; /* mean c(x, T(x)) - g(T(x)) */
    double potential;    /* expectile regularisation + negative dual */
    double dual;         /* mean of the approximate c-transform + mean g(y): estimate of the transport cost */
} step_losses;

static inline int step_losses_finite(const step_losses *l) {
    return isfinite(l->amortisation) && isfinite(l->potential) && isfinite(l->dual);
}

typedef struct step_batch {
    /* Fills rows first .. first + count - 1 of both sides; called from several threads at once. */
    void (*fill)(void *user, int64_t first, int64_t count, real *x, real *y);
    /* weights[side][batch]: of the rows points[side][batch, dim] in the dual, their mean about 1. NULL: all are 1. */
    void (*weigh)(void *user, const real *const points[2], real *const weights[2]);
    void *user;
} step_batch;

/* One of the two networks: what it is, its weights, where its gradient goes. Its shape is that given to step_create. */
typedef struct step_network {
    const mlp *net;
    const real *parameters;
    real *gradient;
} step_network;

typedef struct step step;

/*
 * mapper and critic: shapes only, kept by reference, as are t and the context. expectile tau in (.5, 1], coefficient
 * lambda >= 0. both_directions: the critic maps y as well, the mapper is its critic, and each network's gradient is that of the
 * sum of both directions' losses; the two share the passes over x and y (docs/mathematics.md, "Both directions at once"). Not
 * for form vector_field. precision: of the products' factors, f32 or bf16. candidates: so many rows of y, at most the batch, are
 * searched for a smaller c(x, y) - g(y) than that of T(x); where there is one, it is the c-transform of the losses and the map is pulled
 * towards it (docs/mathematics.md, "Searched c-transforms"). 0: no search.
 */
enot_status step_create(enot_context *context, const transport *t, const mlp *mapper, const mlp *critic, int64_t batch,
                        double expectile, double coefficient, int both_directions, enot_precision precision,
                        int64_t candidates, step **out);
void step_destroy(step *s);

/* What computes the products: "f32", "bf16-amx", "bf16-dot", or "bf16-emulated" where the processor has neither of them. */
const char *step_precision(const step *s);

void step_gradients(step *s, const step_batch *batch, const step_network *mapper, const step_network *critic,
                    step_losses *losses);

/* Of the first direction in the last step, [batch]: for checks against reference trajectories. moved: [batch,dim]. */
const real *step_moved(const step *s);
const real *step_critic_values(const step *s);
const real *step_c_transform(const step *s);

#endif
