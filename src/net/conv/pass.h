/*
 * Passes of a batch over a network of convolutions. The batch is cut into parts by its size alone; each layer does its
 * parts in parallel, sums over parts are taken in their order, so the number of threads does not change a bit.
 */
#ifndef ENOT_NET_CONV_PASS_H
#define ENOT_NET_CONV_PASS_H

#include "net/conv/backend/backend.h"
#include "net/conv/net.h"

typedef struct conv_pass conv_pass;

/* Of a layer CONV_CONVOLUTION, with channels last. */
convolution_shape conv_pass_convolution_shape(const conv_net *net, const conv_layer *layer);

/*
 * Work memory for batches of rows rows; with_gradients: backward passes will be asked for. The context must not be given more threads
 * while the pass lives.
 */
enot_status conv_pass_create(enot_context *context, const conv_net *net, int64_t rows, int with_gradients,
                             conv_pass **out);
/* The same with a backend of choice. */
enot_status conv_pass_create_with(enot_context *context, const conv_backend *backend, const conv_net *net,
                                  int64_t rows, int with_gradients, conv_pass **out);
/* Accepts NULL. */
void conv_pass_destroy(conv_pass *pass);

/* Bytes that such a pass will hold, rows >= 1, without what oneDNN needs for itself: of 64
 * images of 32 x 32 pixels 6 % less than is held by two threads, of 8 up to 30 % less. */
double conv_pass_bytes(const enot_context *context, const conv_net *net, int64_t rows, int with_gradients);

/* Takes over the parameters, which passes keep to until the next load; once a step. */
enot_status conv_pass_load(conv_pass *pass, const real *parameters);

/*
 * x[rows, inputs] -> y[rows, outputs]. training: batch normalisation by the batch's own mean and biased variance, and
 * statistics, unless NULL, move towards them by CONV_NORM_MOMENTUM (the variance unbiased); else by statistics, which
 * then must not be NULL.
 */
#define CONV_NORM_MOMENTUM .1
#define CONV_NORM_EPSILON 1e-5
enot_status conv_pass_forward(conv_pass *pass, real *statistics, int training, const real *x, real *y);

/* What a backward pass yields; fields that are NULL are not computed. */
typedef struct conv_gradients {
    real *parameters; /* [parameter_count]: of the sum over rows of row_scale times <seed, y> */
    int accumulate;   /* adds to parameters */
    real *input;      /* [rows, inputs]: of the sum of <seed, y> */
} conv_gradients;

/*
 * After conv_pass_forward, whose batch it belongs to. seed: [rows, outputs]. row_scale: [rows], or NULL for ones; only
 * for networks without batch normalisation, which makes rows depend on each other.
 */
enot_status conv_pass_backward(conv_pass *pass, const real *seed, const real *row_scale, conv_gradients gradients);

#endif
