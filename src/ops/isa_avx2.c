#ifdef __x86_64__
#define KERNELS ops_kernels_avx2
#include "ops/kernels.inc"
#endif
