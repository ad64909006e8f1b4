/* What a built-in measure is made of. To add one: a draw function in a file of this folder and a line in table.c. */
#ifndef ENOT_MEASURES_KIND_H
#define ENOT_MEASURES_KIND_H

#include <stddef.h>

#include "core/random.h"
#include "core/real.h"

#define MEASURE_PARAMETERS_MAX 6
#define MEASURE_DIM_MAX 4096

typedef struct measure_parameter {
    const char *name;
    double initial, least, most;
    int whole; /* nonzero: an integer */
} measure_parameter;

typedef struct measure_kind {
    const char *name, *meaning;
    int64_t dim; /* 0: the first parameter says */
    /* values: one a parameter, in the order below; row, normals [dim]: this row's random numbers; point [dim]. */
    void (*draw)(const double *values, int64_t dim, random_row *row, const real *normals, double *point);
    measure_parameter parameters[MEASURE_PARAMETERS_MAX + 1]; /* ends with a NULL name */
} measure_kind;

extern const measure_kind *const measure_kinds[]; /* ends with NULL */

/* gaussians.c */
extern const measure_kind measure_gaussian, measure_gaussian_mixture, measure_eight_gaussians, measure_square_five,
    measure_square_four;
/* curves.c */
extern const measure_kind measure_moons, measure_s_curve, measure_swiss_roll, measure_spirals, measure_circles,
    measure_rings;
/* spheres.c */
extern const measure_kind measure_sphere, measure_sphere_mixture;
/* boxes.c */
extern const measure_kind measure_box, measure_ball, measure_checkerboard;

#endif
