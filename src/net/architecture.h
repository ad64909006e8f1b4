/*
 * What a network is without its numbers: a perceptron, or layers of convolutions. Its weights are one vector, first the
 * parameters, which training descends, then the running statistics of batch normalisation, which passes move.
 */
#ifndef ENOT_NET_ARCHITECTURE_H
#define ENOT_NET_ARCHITECTURE_H

#include "net/conv/net.h"
#include "net/transport.h"

typedef struct architecture {
    mlp mlp;       /* zero where there are convolutions */
    conv_net conv; /* zero for a perceptron */
} architecture;

static inline int architecture_is_conv(const architecture *a) { return a->conv.layer_count > 0; }

int64_t architecture_parameters(const architecture *a);
int64_t architecture_statistics(const architecture *a);
static inline int64_t architecture_weights(const architecture *a) {
    return architecture_parameters(a) + architecture_statistics(a);
}

/* Additions and multiplications of the matrix products in one pass of so many rows. */
double architecture_pass_operations(const architecture *a, int64_t rows);

/* weights[architecture_weights]: random, the last layer zero; network tells the networks of one seed apart. */
void architecture_initialise(enot_context *context, const architecture *a, uint64_t seed, uint32_t network, real *weights);

void architecture_destroy(architecture *a);

/* The sizes of the networks for images. */
typedef struct image_networks {
    image_shape shape;         /* zero: rows are no images */
    int64_t width, depth;      /* of the UNet that maps */
    int64_t filters, halvings; /* of the ResNet critic */
} image_networks;

/* The sizes of both networks of a map. */
typedef struct network_sizes {
    activation activation;
    const int64_t *hidden; /* [hidden_count]: widths of the hidden layers */
    int64_t hidden_count;
    image_networks images; /* where rows are images, instead of the above */
} network_sizes;

/*
 * Both networks of a transport, of which form, cost and dim count: the one that maps, and the critic. They are zero before;
 * architecture_destroy both, also on failure.
 */
enot_status architecture_create_pair(enot_context *context, const transport *t, const network_sizes *sizes, architecture *mapper,
                                     architecture *critic);

#endif
