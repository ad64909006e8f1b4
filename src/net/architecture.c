#include "net/architecture.h"

int64_t architecture_parameters(const architecture *a) {
    return architecture_is_conv(a) ? a->conv.parameter_count : a->mlp.parameter_count;
}

int64_t architecture_statistics(const architecture *a) {
    return architecture_is_conv(a) ? a->conv.statistic_count : 0;
}

double architecture_pass_operations(const architecture *a, int64_t rows) {
    return architecture_is_conv(a) ? conv_net_pass_operations(&a->conv, rows) : mlp_pass_operations(&a->mlp, rows);
}

void architecture_initialise(enot_context *context, const architecture *a, uint64_t seed, uint32_t network, real *weights) {
    if (!architecture_is_conv(a)) {
        mlp_initialise(context, &a->mlp, seed, network, 1, weights);
        return;
    }
    conv_net_initialise(context, &a->conv, seed, network, 1, weights);
    conv_net_initialise_statistics(&a->conv, weights + a->conv.parameter_count);
}

void architecture_destroy(architecture *a) {
    if (architecture_is_conv(a))
        conv_net_destroy(&a->conv);
    else
        mlp_destroy(&a->mlp);
    *a = (architecture){0};
}

static enot_status create_convolutions(enot_context *context, const image_networks *images, architecture *mapper, architecture *critic) {
    TRY(conv_net_create_unet(context, images->shape, images->width, images->depth, &mapper->conv));
    return conv_net_create_critic(context, images->shape, images->filters, images->halvings, &critic->conv);
}

enot_status architecture_create_pair(enot_context *context, const transport *t, const network_sizes *sizes, architecture *mapper,
                                     architecture *critic) {
    if (image_shape_is_set(sizes->images.shape)) return create_convolutions(context, &sizes->images, mapper, critic);
    int64_t inputs = transport_inputs(&t->cost), outputs = t->form == ENOT_FORM_VECTOR_FIELD ? t->dim : 1;
    TRY(mlp_create(context, sizes->activation, inputs, sizes->hidden, sizes->hidden_count, outputs, &mapper->mlp));
    return mlp_create(context, sizes->activation, inputs, sizes->hidden, sizes->hidden_count, 1, &critic->mlp);
}
