/* This library's matrix products beside oneDNN's and LIBXSMM's, on one thread, turn by turn. bench/products builds and runs it. */
#include <libxsmm.h>
#include <oneapi/dnnl/dnnl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "ops/ops.h"

#define ROUNDS 15
#define SECONDS 0.02 /* of one measurement */

/* c[rows, columns] = a[rows, inner] b[inner, columns] */
typedef struct product {
    int rows, columns, inner;
    float *a, *b, *c;
    libxsmm_smmfunction xsmm;
} product;

static void multiply_enot(const product *p) {
    const ops *ops = ops_select();
    for (int64_t j = 0; j < panels_count(p->columns); j++)
        ops->product(p->rows, panels_columns(p->columns, j), p->inner, p->a, (int64_t)p->rows * PANEL,
                     p->b + j * p->inner * PANEL, p->c + j * p->rows * PANEL, NULL, 0);
}

static void multiply_dnnl(const product *p) {
    dnnl_sgemm('N', 'N', p->rows, p->columns, p->inner, 1, p->a, p->inner, p->b, p->columns, 0, p->c, p->columns);
}

/* Column-major: the transposes the other way round. */
static void multiply_xsmm(const product *p) { p->xsmm(p->b, p->a, p->c); }

static double measure(void (*multiply)(const product *), const product *p) {
    double started = clock_seconds(), passed;
    int64_t done = 0;
    do {
        multiply(p);
        done++;
        passed = clock_seconds() - started;
    } while (passed < SECONDS);
    return 2e-9 * p->rows * p->columns * p->inner * (double)done / passed;
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static float *filled(int64_t count) {
    float *values = aligned_alloc(64, (size_t)count * sizeof *values);
    for (int64_t i = 0; i < count; i++) values[i] = (float)(i % 17) / 17;
    return values;
}

static void print_row(int rows, int columns, int inner) {
    void (*const sides[])(const product *) = {multiply_enot, multiply_dnnl, multiply_xsmm};
    double found[3][ROUNDS];
    const float one = 1, zero = 0;
    const int m = columns, n = rows, k = inner;
    product p = {rows, columns, inner, filled((int64_t)rows * inner), filled((int64_t)inner * columns),
                 filled((int64_t)rows * columns), NULL};
    p.xsmm = libxsmm_smmdispatch(m, n, k, &m, &k, &m, &one, &zero, NULL, NULL);
    for (int round = 0; round < ROUNDS; round++)
        for (int side = 0; side < 3; side++) found[side][round] = side == 2 && !p.xsmm ? 0 : measure(sides[side], &p);
    for (int side = 0; side < 3; side++) qsort(found[side], ROUNDS, sizeof(double), compare);
    printf("| %d x %d x %d | %.0f | %.0f | %.0f |\n", rows, inner, columns, found[0][ROUNDS / 2], found[1][ROUNDS / 2],
           found[2][ROUNDS / 2]);
    free(p.a);
    free(p.b);
    free(p.c);
}

int main(void) {
    printf("| rows x inner x columns | enot (%s), GF/s | oneDNN | LIBXSMM |\n|---|---|---|---|\n", ops_description());
    const int sizes[][3] = {{64, 64, 64}, {64, 128, 128}, {128, 128, 128}, {128, 256, 256}, {128, 512, 512}, {1024, 512, 512}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) print_row(sizes[i][0], sizes[i][2], sizes[i][1]);
    return 0;
}
