#include "bench/summary.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int compare_reals(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double summary_median(double *numbers, int64_t count) {
    qsort(numbers, (size_t)count, sizeof *numbers, compare_reals);
    return (numbers[(count - 1) / 2] + numbers[count / 2]) / 2;
}

void summary_name_kernels(const enot_context *context, char *isa, size_t capacity) {
    const char *description = enot_context_kernels(context);
    snprintf(isa, capacity, "%.*s", (int)strcspn(description, ",:"), description);
}
