#define KERNELS ops_kernels_portable
#include "ops/kernels.inc"
