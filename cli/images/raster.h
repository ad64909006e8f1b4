/* A picture in memory, its centre, and that at another size. */
#ifndef CLI_RASTER_H
#define CLI_RASTER_H

#include <stdint.h>

/* [height, width, channels]: bytes, where v stands for v / 127.5 - 1, or if there are none values in [-1, 1]. */
typedef struct raster {
    int64_t height, width, channels;
    const uint8_t *bytes;
    const float *values;
} raster;

/* values: [height, width, channels] in [-1, 1]. */
void raster_copy(const raster *source, float *values);

/*
 * The largest square in the middle (an odd rest loses its larger half below and on the right), resized to values
 * [size, size, channels]: each is the mean of the area that it covers, pixels cut by its edge by their part.
 * 0, or -1 without memory.
 */
int raster_resize(const raster *source, int64_t size, float *values);

#endif
