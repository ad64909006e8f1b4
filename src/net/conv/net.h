/*
 * Networks of convolutions over images: a list of layers, each of which makes one value (an image of some shape, for
 * every row of a batch) from one or two earlier ones. Rows are images [height][width][channels].
 *
 * Parameters are one flat vector whose tensors have the shapes of PyTorch, convolutions [outputs, inputs, height,
 * width]; the running statistics of batch normalisation are a second one. Neither depends on what computes the
 * convolutions.
 */
#ifndef ENOT_NET_CONV_NET_H
#define ENOT_NET_CONV_NET_H

#include "core/context.h"
#include "core/image_shape.h"
#include "core/real.h"

#define CONV_TENSOR_NAME 48
#define CONV_TENSOR_RANK 4

/* One named part of the parameters or of the statistics. */
typedef struct conv_tensor {
    char name[CONV_TENSOR_NAME];
    int rank;
    int64_t shape[CONV_TENSOR_RANK];
    int64_t offset, count;
    int64_t fan_in; /* of a convolution's weights; 0: the tensor begins as a constant */
    real constant;
} conv_tensor;

typedef enum conv_layer_kind {
    CONV_CONVOLUTION, /* stride 1; fully-connected layers are convolutions with a kernel of the image's size */
    CONV_NORM,        /* batch normalisation, then ReLU */
    CONV_LEAKY,       /* leaky ReLU with slope CONV_LEAKY_SLOPE */
    CONV_MAX_POOL,    /* of 2 x 2 pixels */
    CONV_AVERAGE_POOL,
    CONV_JOIN,    /* the channels of input, then those of other, which is up-sampled to twice its size */
    CONV_RESIDUAL /* input + CONV_RESIDUAL_FACTOR other */
} conv_layer_kind;

#define CONV_LEAKY_SLOPE ((real).2)
#define CONV_RESIDUAL_FACTOR ((real).1)

typedef struct conv_layer {
    conv_layer_kind kind;
    int64_t input, other, output; /* values; other is -1 where there is none */
    int64_t kernel_height, kernel_width, padding;
    int64_t weight_at, bias_at;       /* offsets among the parameters; -1: none */
    int64_t statistic_at;             /* offset of running means [channels], then variances [channels] */
    int adds_to_input, adds_to_other; /* backward: a later layer has put its part into that gradient already */
} conv_layer;

static inline int conv_layer_is_pool(const conv_layer *layer) {
    return layer->kind == CONV_MAX_POOL || layer->kind == CONV_AVERAGE_POOL;
}

typedef struct conv_net {
    image_shape *values; /* [value_count]: 0 is the network's input, the last its output */
    conv_layer *layers;
    conv_tensor *tensors, *statistics;
    int64_t value_count, layer_count, tensor_count, statistic_tensor_count;
    int64_t parameter_count, statistic_count; /* elements */
    double initial_gain;                      /* weights begin with variance gain^2 / fan-in */
} conv_net;

/*
 * The UNet of Neural Optimal Transport (Korotin, Selikhanovych and Burnaev 2023): width w, 2 w, ... after each of depth
 * halvings, 2^(depth-1) w in the deepest; its output has the image's shape. Convolutions that batch normalisation
 * follows have no bias, which it would take out again.
 */
enot_status conv_net_create_unet(enot_context *context, image_shape shape, int64_t width, int64_t depth, conv_net *net);

/*
 * A ResNet critic with one output (Mescheder, Geiger and Nowozin 2018): two residual blocks a level of widths f, 2 f,
 * ... up to 512, halvings between the levels + 1 levels.
 */
enot_status conv_net_create_critic(enot_context *context, image_shape shape, int64_t filters, int64_t halvings,
                                   conv_net *net);

void conv_net_destroy(conv_net *net);

static inline int64_t conv_net_outputs(const conv_net *net) {
    return image_shape_size(net->values[net->value_count - 1]);
}

/* Additions and multiplications of the convolutions in one pass of so many rows over the network. */
double conv_net_pass_operations(const conv_net *net, int64_t rows);

/* Normal weights with variance gain^2 / fan-in (He et al. 2015), zero biases; the last layer zero if asked. */
void conv_net_initialise(enot_context *context, const conv_net *net, uint64_t seed, uint32_t network, int zero_last,
                         real *parameters);

/* Running means 0 and variances 1. */
void conv_net_initialise_statistics(const conv_net *net, real *statistics);

#endif
