#include "ops/bf16.h"
#include "ops/ops.h"

#ifdef ENOT_REAL_DOUBLE

const bf16_ops *bf16_fast(void) { return NULL; }
const bf16_ops *bf16_select(enot_context *context) { return NULL; }

#else

#if defined(__x86_64__) && defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>

enum { REQUEST_PERMISSION = 0x1023, TILE_DATA = 18 }; /* ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA */

/* Linux gives the tiles' registers to processes that ask; asking again changes nothing. */
static int has_matrix_units(void) {
    return __builtin_cpu_supports("amx-tile") && __builtin_cpu_supports("amx-bf16") &&
           syscall(SYS_arch_prctl, REQUEST_PERMISSION, TILE_DATA) == 0;
}

const bf16_ops *bf16_fast(void) {
    if (ops_select() != &ops_avx512) return NULL;
    if (has_matrix_units()) return &bf16_amx;
    return __builtin_cpu_supports("avx512bf16") ? &bf16_dot : NULL;
}
#else
const bf16_ops *bf16_fast(void) { return NULL; }
#endif

const bf16_ops *bf16_select(enot_context *context) {
    const bf16_ops *fast = bf16_fast();
    if (fast) return fast;
    context_warn(context, "precision bf16 is emulated, slower than f32: %s",
                 "this processor has neither bf16 matrix units (AMX) nor bf16 dot products (avx512_bf16), or they may not be "
                 "used here");
    return &bf16_emulated;
}

#endif
