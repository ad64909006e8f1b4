#ifdef __x86_64__
#define KERNELS ops_kernels_avx512
#include "ops/kernels.inc"
#endif
