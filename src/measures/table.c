#include "measures/kind.h"

const measure_kind *const measure_kinds[] = {
    &measure_gaussian,
    &measure_gaussian_mixture,
    &measure_eight_gaussians,
    &measure_square_five,
    &measure_square_four,
    &measure_moons,
    &measure_s_curve,
    &measure_circles,
    &measure_rings,
    &measure_spirals,
    &measure_swiss_roll,
    &measure_checkerboard,
    &measure_box,
    &measure_ball,
    &measure_sphere,
    &measure_sphere_mixture,
    NULL,
};
