#include "drawing/pca.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ITERATIONS 100

static double dot(const double *a, const double *b, int64_t dim) {
    double sum = 0;
    for (int64_t j = 0; j < dim; j++) sum += a[j] * b[j];
    return sum;
}

static void normalize(double *axis, int64_t dim) {
    double length = sqrt(dot(axis, axis, dim));
    for (int64_t j = 0; j < dim && length > 0; j++) axis[j] /= length;
}

static void orthonormalize(double *axes, int64_t dim) {
    double *first = axes, *second = axes + dim;
    normalize(first, dim);
    double overlap = dot(first, second, dim);
    for (int64_t j = 0; j < dim; j++) second[j] -= overlap * first[j];
    normalize(second, dim);
}

static void find_center(const double *rows, int64_t count, pca *pca) {
    for (int64_t i = 0; i < count; i++)
        for (int64_t j = 0; j < pca->dim; j++) pca->center[j] += rows[i * pca->dim + j] / (double)count;
}

static void find_scale(const double *rows, int64_t count, int standardize, pca *pca) {
    for (int64_t j = 0; j < pca->dim; j++) {
        double sum = 0;
        for (int64_t i = 0; i < count && standardize; i++) {
            double difference = rows[i * pca->dim + j] - pca->center[j];
            sum += difference * difference / (double)count;
        }
        pca->scale[j] = sum > 0 ? sqrt(sum) : 1;
    }
}

/* next[k] = (scatter matrix) axes[k]; spread is the trace of that matrix. */
static void multiply(const double *rows, int64_t count, const pca *pca, double *point, double *next, double *spread) {
    int64_t dim = pca->dim;
    memset(next, 0, 2 * (size_t)dim * sizeof *next);
    *spread = 0;
    for (int64_t i = 0; i < count; i++) {
        for (int64_t j = 0; j < dim; j++) point[j] = (rows[i * dim + j] - pca->center[j]) / pca->scale[j];
        *spread += dot(point, point, dim);
        for (int k = 0; k < 2; k++) {
            double along = dot(point, pca->axes + k * dim, dim);
            for (int64_t j = 0; j < dim; j++) next[k * dim + j] += along * point[j];
        }
    }
}

static int iterate(const double *rows, int64_t count, pca *pca) {
    int64_t dim = pca->dim;
    double spread = 0;
    double *work = malloc(3 * (size_t)dim * sizeof *work);
    if (work == NULL) return -1;
    for (int64_t j = 0; j < dim; j++) {
        pca->axes[j] = 1 + 0.1 * (double)(j % 7);
        pca->axes[dim + j] = j % 2 == 0 ? 1 : -1.3;
    }
    orthonormalize(pca->axes, dim);
    for (int iteration = 0; iteration < ITERATIONS; iteration++) {
        multiply(rows, count, pca, work + 2 * dim, work, &spread);
        for (int k = 0; k < 2; k++)
            pca->share[k] = spread > 0 ? dot(pca->axes + k * dim, work + k * dim, dim) / spread : 0;
        if (!(spread > 0)) break;
        memcpy(pca->axes, work, 2 * (size_t)dim * sizeof *work);
        orthonormalize(pca->axes, dim);
    }
    free(work);
    return 0;
}

/* The largest entry of each axis positive, so that a picture does not flip between runs. */
static void fix_signs(pca *pca) {
    for (int k = 0; k < 2; k++) {
        double *axis = pca->axes + k * pca->dim;
        int64_t largest = 0;
        for (int64_t j = 1; j < pca->dim; j++)
            if (fabs(axis[j]) > fabs(axis[largest])) largest = j;
        if (axis[largest] >= 0) continue;
        for (int64_t j = 0; j < pca->dim; j++) axis[j] = -axis[j];
    }
}

int pca_create(const double *rows, int64_t count, int64_t dim, int standardize, pca *pca) {
    pca->dim = dim;
    pca->center = calloc((size_t)dim, sizeof(double));
    pca->scale = calloc((size_t)dim, sizeof(double));
    pca->axes = calloc((size_t)dim, 2 * sizeof(double));
    if (pca->center == NULL || pca->scale == NULL || pca->axes == NULL) {
        pca_destroy(pca);
        return -1;
    }
    find_center(rows, count, pca);
    find_scale(rows, count, standardize, pca);
    if (iterate(rows, count, pca) != 0) {
        pca_destroy(pca);
        return -1;
    }
    fix_signs(pca);
    return 0;
}

void pca_destroy(pca *pca) {
    free(pca->center);
    free(pca->scale);
    free(pca->axes);
    memset(pca, 0, sizeof *pca);
}

void pca_project(const pca *pca, const double *rows, int64_t count, double *xy) {
    for (int64_t i = 0; i < count; i++) {
        const double *row = rows + i * pca->dim;
        for (int k = 0; k < 2; k++) {
            const double *axis = pca->axes + k * pca->dim;
            double sum = 0;
            for (int64_t j = 0; j < pca->dim; j++) sum += axis[j] * (row[j] - pca->center[j]) / pca->scale[j];
            xy[2 * i + k] = sum;
        }
    }
}
