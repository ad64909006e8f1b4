#include <stdlib.h>
#include <string.h>

#include "core/context.h"
#include "ops/ops.h"

typedef struct choice {
    const char *name, *best, *asked; /* asked: the description where ENOT_ISA names it */
    const ops *kernels;
} choice;

static const choice CHOICES[] = {
    {"portable", "portable: this processor has no AVX2", "portable, as ENOT_ISA asks", &ops_portable},
#ifdef __x86_64__
    {"avx2", "avx2, the best this processor has", "avx2, as ENOT_ISA asks", &ops_avx2},
    {"avx512", "avx512, the best this processor has", "avx512, as ENOT_ISA asks", &ops_avx512},
#endif
};

/* Index of the best choice that this processor can run. */
static int best_choice(void) {
#ifdef __x86_64__
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl"))
        return 2;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return 1;
#endif
    return 0;
}

/* The environment's wish, if it names a choice that can run. */
static const choice *asked_choice(void) {
    const char *name = getenv("ENOT_ISA");
    for (int i = 0; name && i <= best_choice(); i++)
        if (strcmp(name, CHOICES[i].name) == 0) return &CHOICES[i];
    return NULL;
}

const ops *ops_select(void) {
    const choice *asked = asked_choice();
    return asked ? asked->kernels : CHOICES[best_choice()].kernels;
}

const char *ops_description(void) {
    const choice *asked = asked_choice();
    return asked ? asked->asked : CHOICES[best_choice()].best;
}

const char *enot_context_kernels(const enot_context *context) { return ops_description(); }
