/*
 * The gradients of one ENOT step of images (docs/mathematics.md, "The loss"): the mapper is a UNet, T(x) = x + net(x), the critic a
 * network of convolutions with one output. As in step.h the mapper descends the amortised c-transform, the critic the
 * expectile-regularised dual; the critic sees T(x) and y as one batch of twice the rows.
 */
#ifndef ENOT_TRAIN_STEP_IMAGE_STEP_H
#define ENOT_TRAIN_STEP_IMAGE_STEP_H

#include "net/conv/net.h"
#include "net/transport.h"
#include "train/step/step.h"

typedef struct image_step image_step;

/*
 * mapper and critic: shapes, kept by reference, as are t, of form vector_field, and the context. expectile tau in (.5, 1], coefficient
 * lambda >= 0.
 */
enot_status image_step_create(enot_context *context, const transport *t, const conv_net *mapper, const conv_net *critic, int64_t batch,
                              double expectile, double coefficient, image_step **out);
/* Accepts NULL. */
void image_step_destroy(image_step *s);

/* Bytes that such a step will hold, without what oneDNN needs for itself. */
double image_step_bytes(const enot_context *context, const conv_net *mapper, const conv_net *critic, int64_t batch);

/* One of the networks: its weights, where their gradient goes, and the mapper's running statistics, which the step moves. */
typedef struct image_network {
    const real *parameters;
    real *gradient, *statistics;
} image_network;

/* x, y: [batch, dim], images of the source and of the target. */
enot_status image_step_gradients(image_step *s, const real *x, const real *y, image_network mapper, image_network critic,
                                 step_losses *losses);

/* Of the last step: T(x) [batch, dim]. */
const real *image_step_moved(const image_step *s);

#endif
