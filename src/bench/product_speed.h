/* The speed of the library's matrix products at its best: whole tiles, operands that stay in the thread's own cache. */
#ifndef ENOT_BENCH_PRODUCT_SPEED_H
#define ENOT_BENCH_PRODUCT_SPEED_H

#include "core/context.h"

typedef struct product_speed product_speed;

/* The context is kept by reference. */
enot_status product_speed_create(enot_context *context, product_speed **out);
void product_speed_destroy(product_speed *p);

/* Operations a second of all threads together: the best of several sizes, which share the seconds. */
double product_speed_measure(product_speed *p, double seconds);

#endif
