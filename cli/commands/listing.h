/* A command without operands that prints a text of the library, one entry a line. */
#ifndef CLI_LISTING_H
#define CLI_LISTING_H

#include "arguments/options.h"
#include "enot.h"

typedef enot_status (*listing_describe)(enot_context *context, char **text);

int listing_run(const char *name, const char *about, const char *example, listing_describe describe, int argc,
                char **argv);

#endif
