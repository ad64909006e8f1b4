#include "data/read_options.h"

#include <string.h>

enot_status read_options_complete(enot_context *context, const enot_read_options *given, enot_read_options *options) {
    *options = (enot_read_options)ENOT_READ_OPTIONS_INIT;
    if (!given) return ENOT_OK;
    if (given->size < sizeof given->size)
        return context_fail(context, ENOT_ERR_ARGUMENT,
                            "enot_read_options has size %zu: begin with ENOT_READ_OPTIONS_INIT", given->size);
    memcpy(options, given, given->size < sizeof *options ? given->size : sizeof *options);
    return ENOT_OK;
}
