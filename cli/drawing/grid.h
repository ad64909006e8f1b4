/* Images before and after a map, side by side. */
#ifndef CLI_GRID_H
#define CLI_GRID_H

#include "images/image_set.h"

/*
 * A PNG whose rows are the first images of source, of transported, and what target holds nearest to the transported one: a map
 * that had learnt its targets by heart would show the same twice. transported has an image for each of source; it may be NULL,
 * then the nearest is that to the source; target may be NULL. At most so many rows. The file appears whole or not at all.
 * 0, or -1 with a line in error.
 */
int grid_draw(const image_set *source, const image_set *transported, const image_set *target, int64_t rows, const char *path,
              char error[IMAGE_SET_ERROR_CAPACITY]);

#endif
