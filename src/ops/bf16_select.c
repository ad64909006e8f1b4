#include "ops/bf16.h"
#include "ops/ops.h"

#ifdef ENOT_REAL_DOUBLE

const bf16_ops *bf16_select(enot_context *context) { return NULL; }

#else

#if defined(__x86_64__) && defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>

enum { REQUEST_PERMISSION = 0x1023, TILE_DATA = 18 }; /* ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA */

/* Linux gives the tiles' registers to processes that ask; asking again changes nothing. */
static const bf16_ops *matrix_units(void) {
    int there = ops_select() == &ops_avx512 && __builtin_cpu_supports("amx-tile") && __builtin_cpu_supports("amx-bf16");
    return there && syscall(SYS_arch_prctl, REQUEST_PERMISSION, TILE_DATA) == 0 ? &bf16_amx : NULL;
}
#else
static const bf16_ops *matrix_units(void) { return NULL; }
#endif

const bf16_ops *bf16_select(enot_context *context) {
    const bf16_ops *units = matrix_units();
    if (units) return units;
    context_warn(context, "precision bf16 is emulated, slower than f32: %s",
                 "this processor has no bf16 matrix units (AMX), or they may not be used here");
    return &bf16_emulated;
}

#endif
