#include "fit/plan.h"
#include "net/conv/apply.h"
#include "train/step/image_step.h"

static double weights_bytes(const network *n) {
    const double vectors = NETWORK_STATE_VECTORS + 2; /* its gradient, and the best weights */
    return vectors * (double)n->weight_count * sizeof(real);
}

/* The samples, and what of them is held in the coordinates of the training. */
static double rows_bytes(const plan *p) {
    double bytes = 0;
    for (int side = 0; side < 2; side++)
        bytes += (double)p->samples[side]->count * (double)p->samples[side]->dim * sizeof(float) +
                 (double)p->feeds[side].count * (double)p->feeds[side].dim * sizeof(real);
    return bytes;
}

double plan_bytes(const enot_context *context, const plan *p, const trainer *t) {
    const settings *s = &p->settings;
    if (!settings_for_images(s)) return 0;
    double training = weights_bytes(&t->f) + weights_bytes(&t->g) + image_step_bytes(context, &t->f.net.conv, &t->g.net.conv, s->batch);
    return rows_bytes(p) + (s->reverse ? 2 : 1) * training + conv_apply_bytes(context, &t->f.net.conv);
}
