/* How a batch falls into parts, where its values lie, and what all of it takes. */
#include <math.h>

#include "net/conv/pass_memory.h"

/*
 * Rows of a part: of large batches so many that a primitive's fixed costs do not count, of small ones so few that eight
 * threads have work. Parts of 16 images of 32 x 32 pixels take .93 of the time of parts of 8; every part has a gradient
 * of one layer's weights.
 */
#define PART_ROWS_MOST 16
#define PARTS_WANTED 8

int64_t conv_pass_part_rows(int64_t rows) {
    int64_t wanted = (rows - 1) / PARTS_WANTED + 1;
    return wanted < PART_ROWS_MOST ? wanted : PART_ROWS_MOST;
}

int64_t conv_pass_parts(int64_t rows) { return (rows - 1) / conv_pass_part_rows(rows) + 1; }

conv_part conv_pass_part(const conv_pass *pass, int64_t index) {
    int64_t first = index * pass->part_rows, left = pass->rows - first;
    return (conv_part){first, left < pass->part_rows ? left : pass->part_rows};
}

/* Room for rows images of one value, after what is taken; at: its offset, unless NULL. */
static void place(image_shape shape, int64_t rows, int64_t *taken, int64_t *at) {
    if (at) *at = *taken;
    *taken += conv_pass_whole(rows * image_shape_size(shape));
}

/* The gradients that a layer's backward pass is the first to write; that of a norm takes the place of what it is made
 * from. */
static void place_gradients(const conv_net *net, const conv_layer *layer, int64_t rows, int64_t *taken, int64_t *at) {
    if (layer->kind == CONV_NORM) {
        if (at) at[layer->input] = at[layer->output];
        return;
    }
    if (!layer->adds_to_input) place(net->values[layer->input], rows, taken, at ? &at[layer->input] : NULL);
    if (layer->other >= 0 && !layer->adds_to_other)
        place(net->values[layer->other], rows, taken, at ? &at[layer->other] : NULL);
}

int64_t conv_pass_place(const conv_net *net, int64_t rows, int with_gradients, int64_t *value_at,
                        int64_t *gradient_at) {
    int64_t taken = 0, last = net->value_count - 1;
    for (int64_t v = 0; v <= last; v++) place(net->values[v], rows, &taken, value_at ? &value_at[v] : NULL);
    if (!with_gradients) return taken;
    place(net->values[last], rows, &taken, gradient_at ? &gradient_at[last] : NULL);
    for (int64_t l = net->layer_count - 1; l >= 0; l--)
        place_gradients(net, &net->layers[l], rows, &taken, gradient_at);
    return taken;
}

int64_t conv_pass_widest(const conv_net *net) {
    int64_t widest = 0;
    for (int64_t v = 0; v < net->value_count; v++)
        if (net->values[v].channels > widest) widest = net->values[v].channels;
    return widest;
}

convolution_shape conv_pass_convolution_shape(const conv_net *net, const conv_layer *layer) {
    image_shape in = net->values[layer->input], out = net->values[layer->output];
    return (convolution_shape){.height = in.height,
                               .width = in.width,
                               .inputs = in.channels,
                               .outputs = out.channels,
                               .kernel_height = layer->kernel_height,
                               .kernel_width = layer->kernel_width,
                               .padding = layer->padding,
                               .with_bias = layer->bias_at >= 0};
}

/* What layers need beside the values. */
typedef struct layer_sizes {
    double weights, largest_weights; /* of convolutions, reals */
    double largest_part;             /* what a convolution scales or a pool adds: reals */
    double notes;                    /* bytes of which pixels were the largest */
} layer_sizes;

static void measure_layer(const conv_net *net, const conv_layer *layer, int64_t rows, layer_sizes *sizes) {
    image_shape in = net->values[layer->input], out = net->values[layer->output];
    double part = (double)conv_pass_part_rows(rows);
    if (layer->kind == CONV_MAX_POOL) sizes->notes += (double)rows * (double)image_shape_size(out);
    if (conv_layer_is_pool(layer)) sizes->largest_part = fmax(sizes->largest_part, part * (double)image_shape_size(in));
    if (layer->kind != CONV_CONVOLUTION) return;
    convolution_shape shape = conv_pass_convolution_shape(net, layer);
    sizes->weights += (double)convolution_weights(&shape);
    sizes->largest_weights = fmax(sizes->largest_weights, (double)convolution_weights(&shape));
    sizes->largest_part = fmax(sizes->largest_part, part * (double)image_shape_size(out));
}

double conv_pass_bytes(const enot_context *context, const conv_net *net, int64_t rows, int with_gradients) {
    layer_sizes sizes = {0};
    double parts = (double)conv_pass_parts(rows), workers = context->threads;
    for (int64_t l = 0; l < net->layer_count; l++) measure_layer(net, &net->layers[l], rows, &sizes);
    double reals = (double)rows * (double)conv_pass_place(net, 1, with_gradients, NULL, NULL) + (double)net->parameter_count;
    reals += with_gradients ? 3 * sizes.weights + (parts + workers) * sizes.largest_weights + workers * sizes.largest_part
                            : sizes.weights;
    return reals * sizeof(real) + (with_gradients ? sizes.notes : 0) +
           2 * (double)rows * (double)conv_pass_widest(net) * sizeof(double);
}
