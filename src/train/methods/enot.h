/* ENOT itself, with perceptrons (train/step/step.h) and with networks of convolutions (train/step/image_step.h). */
#ifndef ENOT_TRAIN_METHODS_ENOT_H
#define ENOT_TRAIN_METHODS_ENOT_H

#include "train/methods/method.h"
#include "train/step/image_step.h"

extern const method method_enot, method_enot_images;

/* What computes the products of a training by method_enot, see step_precision. */
const char *method_enot_precision(const void *training);

/* What an image step sees of a network of convolutions. */
image_network image_network_of(const network *n);

#endif
