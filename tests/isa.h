/* The instruction sets that ENOT_ISA can choose on this processor. */
#ifndef ENOT_TESTS_ISA_H
#define ENOT_TESTS_ISA_H

#include <stdlib.h>
#include <string.h>

#include "ops/ops.h"

enum { ISA_MOST = 3 };

/* Their names; returns how many. */
static inline int isa_here(const char *names[ISA_MOST]) {
    static const char *const all[ISA_MOST] = {"portable", "avx2", "avx512"};
    int count = 0;
    for (int i = 0; i < ISA_MOST; i++) {
        setenv("ENOT_ISA", all[i], 1);
        if (strstr(ops_description(), "as ENOT_ISA asks")) names[count++] = all[i];
    }
    unsetenv("ENOT_ISA");
    return count;
}

typedef struct isa_table {
    const char *name;
    const ops *ops;
} isa_table;

/* Their kernels, after those of the specification; returns how many. */
static inline int isa_tables(isa_table tables[ISA_MOST + 1]) {
    const char *names[ISA_MOST];
    int count = isa_here(names);
    tables[0] = (isa_table){"reference", &ops_reference};
    for (int i = 0; i < count; i++) {
        setenv("ENOT_ISA", names[i], 1);
        tables[i + 1] = (isa_table){names[i], ops_select()};
    }
    unsetenv("ENOT_ISA");
    return count + 1;
}

#define FOR_EACH_TABLE(t)                          \
    isa_table t##_all[ISA_MOST + 1];               \
    int t##_count = isa_tables(t##_all);           \
    for (const isa_table *t = t##_all; t < t##_all + t##_count; t++)

#endif
