#define KERNELS ops_portable
#define VECTOR_BYTES 16
#define TILE_ROWS 6
#include "ops/products.inc"

#include "ops/elementwise.inc"
