/* What measurements are summed up by. */
#ifndef ENOT_BENCH_SUMMARY_H
#define ENOT_BENCH_SUMMARY_H

#include "core/context.h"

/* Sorts the numbers. */
double summary_median(double *numbers, int64_t count);

/* The first word of what describes the kernels. */
void summary_name_kernels(const enot_context *context, char *isa, size_t capacity);

#endif
