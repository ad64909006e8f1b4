/* What the passes share: the memory of one, and how a batch falls into parts. */
#ifndef ENOT_NET_CONV_PASS_MEMORY_H
#define ENOT_NET_CONV_PASS_MEMORY_H

#include <stdatomic.h>

#include "net/conv/pass.h"

struct conv_pass {
    enot_context *context;
    const conv_net *net;
    const conv_backend *backend;
    int64_t rows, part_rows, parts;
    int64_t group; /* of channels in all values but the first and the last; 0: none */
    int with_gradients, workers;
    real *memory;
    int64_t *value_at, *gradient_at; /* [value_count]: offsets in memory of [rows, shape] */
    void **layers; /* [layer_count]: what the backend keeps of convolutions and pools; NULL for layers of other kinds */
    int64_t *packed_at; /* [layer_count]: offsets in packed of a convolution's gradient in the backend's order */
    real *packed, *part_gradients; /* part_gradients: [parts, part_gradient_count] of one layer */
    int64_t part_gradient_count;
    real *flat;         /* [workers, part_gradient_count]: of one layer's weights, each in the order of parameters */
    real *parameters;   /* [parameter_count]: a copy, for what is not packed */
    real *moments;      /* [statistic_count]: each norm's means and 1 / deviations in the last forward pass */
    double *image_sums; /* [rows, 2, channels] of one norm */
    real *coefficients; /* [3, channels] of one norm */
    char *scratch;      /* [workers, scratch_size] bytes */
    int64_t scratch_size;
    real *scaled; /* [workers, largest output of a convolution for a part]: deltas times row_scale */
    int64_t scaled_count;
    int trained;       /* the last forward pass was one of training */
    atomic_int failed; /* the backend refused a layer */
};

/* Rows of every part of a batch of rows but perhaps the last, and how many there are. */
int64_t conv_pass_part_rows(int64_t rows);
int64_t conv_pass_parts(int64_t rows);
conv_part conv_pass_part(const conv_pass *pass, int64_t index);

/* Offsets of values begin at whole vectors. */
static inline int64_t conv_pass_whole(int64_t reals) { return (reals + 15) / 16 * 16; }

/* Offsets in a pass's memory, unless NULL; returns how many reals that has. */
int64_t conv_pass_place(const conv_net *net, int64_t rows, int with_gradients, int64_t *value_at, int64_t *gradient_at);

/* The most channels of a value. */
int64_t conv_pass_widest(const conv_net *net);

/* Rows from first on of a value, and of its gradient. */
static inline real *conv_pass_value(const conv_pass *pass, int64_t value, int64_t first) {
    return pass->memory + pass->value_at[value] + first * image_shape_size(pass->net->values[value]);
}
static inline real *conv_pass_gradient(const conv_pass *pass, int64_t value, int64_t first) {
    return pass->memory + pass->gradient_at[value] + first * image_shape_size(pass->net->values[value]);
}

/*
 * Channels that lie together in a pixel of a value: all, or a group of them. To layers that treat every channel alike
 * an image whose channels are grouped is as many images as it has groups.
 */
static inline int64_t conv_pass_group(const conv_pass *pass, int64_t value) {
    int inner = value > 0 && value < pass->net->value_count - 1;
    return pass->group > 0 && inner ? pass->group : pass->net->values[value].channels;
}

static inline conv_worker conv_pass_worker(const conv_pass *pass, int worker) {
    return (conv_worker){worker, pass->scratch + worker * pass->scratch_size};
}

/* ENOT_OK, or the message if the backend refused a layer since the last call. */
enot_status conv_pass_check(conv_pass *pass);

/*
 * The layer CONV_NORM in three steps each way: what a part adds to the sums over the batch, what follows from those
 * sums, and a part of the result. Only the middle one needs all parts, so a thread goes on with its part to the next
 * norm while that is in its cache. statistics, training: as in conv_pass_forward; in use nothing is measured. gradient:
 * of the parameters, or NULL.
 */
void conv_norm_measure(const conv_pass *pass, const conv_layer *layer, int64_t part);
void conv_norm_settle(const conv_pass *pass, const conv_layer *layer, real *statistics, int training);
void conv_norm_apply(const conv_pass *pass, const conv_layer *layer, int64_t part);
void conv_norm_measure_backward(const conv_pass *pass, const conv_layer *layer, int64_t part);
void conv_norm_settle_backward(const conv_pass *pass, const conv_layer *layer, real *gradient, int accumulate);
void conv_norm_apply_backward(const conv_pass *pass, const conv_layer *layer, int64_t part);

#endif
