#ifdef __x86_64__
#define KERNELS ops_avx2
#define VECTOR_BYTES 32
#define TILE_ROWS 6
#include "ops/products.inc"

#include "ops/elementwise.inc"
#endif
