/* What settings are of a fit whose rows are images. */
#ifndef ENOT_TRAIN_SETTINGS_IMAGES_H
#define ENOT_TRAIN_SETTINGS_IMAGES_H

#include "train/settings.h"

/* Refuses options for which images, or for tables the networks for images, have no use. */
enot_status settings_check_images(enot_context *context, const enot_fit_options *o, const settings_facts *facts);

/* s->images and s->flip. */
enot_status settings_resolve_images(enot_context *context, const enot_fit_options *o, const settings_facts *facts, settings *s);

/* The cost that images are usually moved by. */
#define SETTINGS_IMAGE_COST "mean_squared"

#endif
