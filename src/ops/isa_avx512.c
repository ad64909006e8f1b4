#ifdef __x86_64__
#define KERNELS ops_avx512
#define VECTOR_BYTES 64
#define TILE_ROWS 14
#include "ops/products.inc"

#include "ops/elementwise.inc"
#endif
