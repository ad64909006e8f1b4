#include "net/conv/elements.h"

#include "core/clones.h"

CLONES void elements_scale(int64_t count, real factor, const real *from, int add, real *to) {
    if (add) {
#pragma omp simd
        for (int64_t i = 0; i < count; i++) to[i] += factor * from[i];
    } else {
#pragma omp simd
        for (int64_t i = 0; i < count; i++) to[i] = factor * from[i];
    }
}

CLONES void elements_add_scaled(int64_t count, real factor, const real *x, const real *branch, real *y) {
#pragma omp simd
    for (int64_t i = 0; i < count; i++) y[i] = x[i] + factor * branch[i];
}

CLONES void elements_leaky(int64_t count, real slope, const real *x, real *y) {
#pragma omp simd
    for (int64_t i = 0; i < count; i++) y[i] = x[i] > 0 ? x[i] : slope * x[i];
}

CLONES void elements_leaky_backward(int64_t count, real slope, const real *x, const real *dy, int add, real *dx) {
    if (add) {
#pragma omp simd
        for (int64_t i = 0; i < count; i++) dx[i] += x[i] > 0 ? dy[i] : slope * dy[i];
    } else {
#pragma omp simd
        for (int64_t i = 0; i < count; i++) dx[i] = x[i] > 0 ? dy[i] : slope * dy[i];
    }
}
