/* sRGB and CIELAB (D65). */
#ifndef CLI_COLOR_H
#define CLI_COLOR_H

#include <stddef.h>

typedef enum color_space { COLOR_RGB, COLOR_LAB } color_space;

/* sRGB in [0, 1] to L in [0, 100], a, b. lab and rgb may be the same array. */
void color_rgb_to_lab(const double rgb[3], double lab[3]);
/* The inverse; results outside [0, 1] are colours that sRGB does not have. */
void color_lab_to_rgb(const double lab[3], double rgb[3]);

/* count pixels between 8-bit sRGB and points of the colour space; RGB points are in [0, 1]. Colours out of range are
 * clipped. */
void color_decode(color_space space, const unsigned char *pixels, size_t count, double *points);
void color_encode(color_space space, const double *points, size_t count, unsigned char *pixels);

#endif
