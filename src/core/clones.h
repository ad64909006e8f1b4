/* CLONES before a function: compiled for several instruction sets; one is chosen when the program is loaded. */
#ifndef ENOT_CORE_CLONES_H
#define ENOT_CORE_CLONES_H

/* Sanitizers are not ready yet when the choice is made. */
#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define CLONES __attribute__((target_clones("default", "avx2", "avx512f")))
#else
#define CLONES
#endif

#endif
