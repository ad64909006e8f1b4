#include "space/matrix.h"

#include <string.h>

#include "core/clones.h"

CLONES void matrix_add_product(const double *matrix, int64_t dim, int64_t first, int64_t count, const double *part,
                               double *result) {
    for (int64_t i = 0; i < dim; i++) {
        const double *row = matrix + i * dim + first;
        double sum = 0;
#pragma omp simd reduction(+ : sum)
        for (int64_t j = 0; j < count; j++) sum += row[j] * part[j];
        result[i] += sum;
    }
}

void matrix_multiply(int64_t dim, const double *a, const double *b, double *out) {
    memset(out, 0, (size_t)(dim * dim) * sizeof *out);
    for (int64_t i = 0; i < dim; i++)
        for (int64_t k = 0; k < dim; k++)
            for (int64_t j = 0; j < dim; j++) out[i * dim + j] += a[i * dim + k] * b[k * dim + j];
}
