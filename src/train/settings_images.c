#include "train/settings_images.h"

#define UNET_WIDTH 32
#define CRITIC_FILTERS 32
#define SIZE_MOST 1024

/* The deepest layers see squares of this side, if that takes no more than so many halvings. */
#define DEEPEST_SIDE 4
#define HALVINGS_MOST 4

static int64_t usual_halvings(image_shape shape) {
    int64_t halvings = 0, height = shape.height, width = shape.width;
    while (halvings < HALVINGS_MOST && height % 2 == 0 && width % 2 == 0 && height / 2 >= DEEPEST_SIDE && width / 2 >= DEEPEST_SIDE) {
        height /= 2;
        width /= 2;
        halvings++;
    }
    return halvings > 0 ? halvings : 1;
}

static enot_status size_option(enot_context *context, const char *name, int64_t option, int64_t fallback, int64_t *out) {
    *out = option == ENOT_AUTO ? fallback : option;
    if (*out >= 1 && *out <= SIZE_MOST) return ENOT_OK;
    return context_fail(context, ENOT_ERR_ARGUMENT, "%s is %lld, but must be 1 to %d", name, (long long)option, SIZE_MOST);
}

/* What a fit of images has no use for. */
static const char *foreign_to_images(const enot_fit_options *o) {
    if (o->hidden) return "hidden layers of perceptrons";
    if (o->activation) return "an activation";
    if (o->form != ENOT_FORM_AUTO && o->form != ENOT_FORM_VECTOR_FIELD) return "a form other than vector_field";
    if (o->scale == ENOT_SCALE_COLUMN) return "scale column";
    if (o->method != ENOT_METHOD_ENOT) return "a method other than enot";
    if (o->optimizer == ENOT_OPTIMIZER_SOAP || o->optimizer == ENOT_OPTIMIZER_MUON) return "an optimizer other than adam and adamw";
    if (o->precision == ENOT_PRECISION_BF16) return "precision bf16";
    if (o->calibration == ENOT_CALIBRATION_ON) return "calibration";
    return o->candidates > 0 ? "candidates" : NULL;
}

static int has_image_options(const enot_fit_options *o) {
    return o->unet_width != ENOT_AUTO || o->unet_depth != ENOT_AUTO || o->critic_filters != ENOT_AUTO ||
           o->critic_halvings != ENOT_AUTO || o->flip;
}

enot_status settings_check_images(enot_context *context, const enot_fit_options *o, const settings_facts *facts) {
    if (!image_shape_is_set(facts->image)) {
        if (!has_image_options(o)) return ENOT_OK;
        return context_fail(context, ENOT_ERR_ARGUMENT, "sizes of a UNet or a critic, and flips, are for images, and the samples are a table");
    }
    const char *foreign = foreign_to_images(o);
    if (!foreign) return ENOT_OK;
    return context_fail(context, ENOT_ERR_ARGUMENT, "a fit of images has no use for %s: leave it out", foreign);
}

enot_status settings_resolve_images(enot_context *context, const enot_fit_options *o, const settings_facts *facts, settings *s) {
    image_networks *images = &s->images;
    images->shape = facts->image;
    if (!image_shape_is_set(facts->image)) return ENOT_OK;
    if (s->cost.kind->manifold)
        return context_fail(context, ENOT_ERR_ARGUMENT, "the cost %s is one between points of a manifold, which images are not",
                            s->cost.kind->name);
    s->scale = ENOT_SCALE_NONE;
    s->flip = o->flip != 0;
    int64_t halvings = usual_halvings(facts->image);
    TRY(size_option(context, "the UNet's width", o->unet_width, UNET_WIDTH, &images->width));
    TRY(size_option(context, "the UNet's depth", o->unet_depth, halvings, &images->depth));
    TRY(size_option(context, "the critic's filters", o->critic_filters, CRITIC_FILTERS, &images->filters));
    return size_option(context, "the critic's halvings", o->critic_halvings, halvings, &images->halvings);
}
