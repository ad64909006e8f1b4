/* ENOT with networks of convolutions (train/step/image_step.h). The critic's learning rate is half of the map's. */
#include "core/memory.h"
#include "train/methods/enot.h"
#include "train/methods/parts.h"

#define CRITIC_RATE 0.5

typedef struct training {
    enot_context *context;
    method_problem problem;
    optimizer critic_optimizer;
    image_step *step;
    real *x, *y; /* [batch, dim] */
} training;

static void destroy(void *user) {
    training *t = user;
    image_step_destroy(t->step);
    memory_destroy(t->x);
    memory_destroy(t->y);
}

static enot_status create(enot_context *context, const method_problem *problem, void *user) {
    training *t = user;
    const settings *s = problem->settings;
    int64_t numbers = s->batch * problem->t->dim;
    *t = (training){.context = context, .problem = *problem, .critic_optimizer = s->optimizer};
    t->critic_optimizer.learning_rate *= CRITIC_RATE;
    TRY(image_step_create(context, problem->t, &problem->f->net.conv, &problem->g->net.conv, s->batch, s->expectile, s->coefficient,
                          &t->step));
    TRY(MEMORY_NEW(context, numbers, "a training step", &t->x));
    return MEMORY_NEW(context, numbers, "a training step", &t->y);
}

image_network image_network_of(const network *n) {
    return (image_network){n->parameters, n->gradient, n->parameters + architecture_parameters(&n->net)};
}

/* Forward, and backward in weights and, of the critic on twice the rows, in its input too. */
static double operations_of(const method_problem *p) {
    int64_t batch = p->settings->batch;
    return 3 * (architecture_pass_operations(&p->f->net, batch) + architecture_pass_operations(&p->g->net, 2 * batch));
}

static enot_status train_step(void *user, int64_t number, step_losses *losses, double *operations) {
    training *t = user;
    const method_problem *p = &t->problem;
    draw_batch(t->context, p, p->source, number, t->x);
    draw_batch(t->context, p, p->target, number, t->y);
    TRY(image_step_gradients(t->step, t->x, t->y, image_network_of(p->f), image_network_of(p->g), losses));
    *operations = operations_of(p);
    if (!step_losses_finite(losses)) return ENOT_OK;
    optimizer_update(t->context, &p->settings->optimizer, ops_select(), p->f);
    optimizer_update(t->context, &t->critic_optimizer, ops_select(), p->g);
    return ENOT_OK;
}

const method method_enot_images = {
    .name = "enot",
    .forms = METHOD_FORM(ENOT_FORM_VECTOR_FIELD),
    .rate = 1,
    .inner = METHOD_HAS_NONE,
    .critic = 1,
    .size = sizeof(training),
    .create = create,
    .step = train_step,
    .destroy = destroy,
};
