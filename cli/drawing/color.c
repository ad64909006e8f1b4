#include "drawing/color.h"

#include <math.h>
#include <string.h>

/* IEC 61966-2-1: linear sRGB to XYZ over the white point D65, and back. Row sums of the first are 1: white is (1, 1,
 * 1). */
static const double to_xyz[3][3] = {{0.4124564 / 0.95047, 0.3575761 / 0.95047, 0.1804375 / 0.95047},
                                    {0.2126729, 0.7151522, 0.0721750},
                                    {0.0193339 / 1.08883, 0.1191920 / 1.08883, 0.9503041 / 1.08883}};
static const double from_xyz[3][3] = {{3.2404542 * 0.95047, -1.5371385, -0.4985314 * 1.08883},
                                      {-0.9692660 * 0.95047, 1.8760108, 0.0415560 * 1.08883},
                                      {0.0556434 * 0.95047, -0.2040259, 1.0572252 * 1.08883}};

#define LAB_BREAK (6.0 / 29.0)

static double linear(double value) {
    return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4);
}

static double companded(double value) {
    return value <= 0.0031308 ? value * 12.92 : 1.055 * pow(value, 1 / 2.4) - 0.055;
}

static double lab_root(double t) {
    return t > LAB_BREAK * LAB_BREAK * LAB_BREAK ? cbrt(t) : t / (3 * LAB_BREAK * LAB_BREAK) + 4.0 / 29.0;
}

static double lab_cube(double t) {
    return t > LAB_BREAK ? t * t * t : 3 * LAB_BREAK * LAB_BREAK * (t - 4.0 / 29.0);
}

static void multiply(const double matrix[3][3], const double in[3], double out[3]) {
    for (int i = 0; i < 3; i++) out[i] = matrix[i][0] * in[0] + matrix[i][1] * in[1] + matrix[i][2] * in[2];
}

void color_rgb_to_lab(const double rgb[3], double lab[3]) {
    double light[3], xyz[3];
    for (int i = 0; i < 3; i++) light[i] = linear(rgb[i]);
    multiply(to_xyz, light, xyz);
    for (int i = 0; i < 3; i++) xyz[i] = lab_root(xyz[i]);
    lab[0] = 116 * xyz[1] - 16;
    lab[1] = 500 * (xyz[0] - xyz[1]);
    lab[2] = 200 * (xyz[1] - xyz[2]);
}

void color_lab_to_rgb(const double lab[3], double rgb[3]) {
    double y = (lab[0] + 16) / 116;
    double xyz[3] = {lab_cube(y + lab[1] / 500), lab_cube(y), lab_cube(y - lab[2] / 200)};
    double light[3];
    multiply(from_xyz, xyz, light);
    for (int i = 0; i < 3; i++) rgb[i] = companded(light[i]);
}

void color_decode(color_space space, const unsigned char *pixels, size_t count, double *points) {
    for (size_t i = 0; i < 3 * count; i++) points[i] = pixels[i] / 255.0;
    if (space != COLOR_LAB) return;
    for (size_t i = 0; i < count; i++) color_rgb_to_lab(points + 3 * i, points + 3 * i);
}

void color_encode(color_space space, const double *points, size_t count, unsigned char *pixels) {
    for (size_t i = 0; i < count; i++) {
        double rgb[3];
        if (space == COLOR_LAB)
            color_lab_to_rgb(points + 3 * i, rgb);
        else
            memcpy(rgb, points + 3 * i, sizeof rgb);
        for (int channel = 0; channel < 3; channel++)
            pixels[3 * i + (size_t)channel] = (unsigned char)lrint(255 * fmin(fmax(rgb[channel], 0), 1));
    }
}
