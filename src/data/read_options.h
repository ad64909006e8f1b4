/* Options of reading, as any version of the public header may hand them over. */
#ifndef ENOT_DATA_READ_OPTIONS_H
#define ENOT_DATA_READ_OPTIONS_H

#include "core/context.h"

/* given may be NULL; fields that its version does not have get their defaults. */
enot_status read_options_complete(enot_context *context, const enot_read_options *given, enot_read_options *options);

#endif
