/* Products of matrices [dim, dim] in double. */
#ifndef ENOT_SPACE_MATRIX_H
#define ENOT_SPACE_MATRIX_H

#include <stdint.h>

/*
 * results[rows, dim] += for each row the matrix's columns first .. first + count - 1 times part[count]. Parts begin `stride` numbers apart.
 * What a row comes to does not depend, to the bit, on the rows beside it.
 */
void matrix_add_products(const double *matrix, int64_t dim, int64_t first, int64_t count, int64_t rows, const double *parts,
                         int64_t stride, double *results);

/* out = a b, which it does not overlap */
void matrix_multiply(int64_t dim, const double *a, const double *b, double *out);

#endif
