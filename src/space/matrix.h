/* Products of small matrices [dim, dim] in double. */
#ifndef ENOT_SPACE_MATRIX_H
#define ENOT_SPACE_MATRIX_H

#include <stdint.h>

/* result[dim] += matrix[:, first .. first + count - 1] part[count] */
void matrix_add_product(const double *matrix, int64_t dim, int64_t first, int64_t count, const double *part, double *result);

/* out = a b, which it does not overlap */
void matrix_multiply(int64_t dim, const double *a, const double *b, double *out);

#endif
