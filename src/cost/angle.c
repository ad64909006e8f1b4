#include "cost/angle.h"

#include "cost/direction.h"

/* By the tangent |across| / <u, v>, u and v being the directions and across = u - <u, v> v: the arc cosine loses half of the digits near 0. */
real angle_between(int64_t dim, const real *x, const real *y, real *across, real *scale) {
    real length_y = direction_length(dim, y), inverse_x = 1 / direction_length(dim, x), inverse_y = 1 / length_y;
    real cosine = direction_product(dim, x, y) * inverse_x * inverse_y, square = 0;
    for (int64_t j = 0; j < dim; j++) {
        real part = x[j] * inverse_x - cosine * y[j] * inverse_y;
        if (across) across[j] = part;
        square += part * part;
    }
    real sine = sqrt(square);
    if (scale) *scale = sine > 0 ? -1 / (length_y * sine) : 0;
    return atan2(sine, cosine);
}
