/* The experiments of OTT-JAX's tutorial on ENOT, and one on the sphere, by name. */
#ifndef CLI_TUTORIALS_H
#define CLI_TUTORIALS_H

#include <stddef.h>

typedef struct tutorial {
    const char *name, *source, *target, *cost;
    double reference_dual;  /* of the transport cost, as the notebook prints it; 0: it has none */
    double reference_error; /* its standard error: that of the transport cost between so few rows */
    const char *shows;
} tutorial;

extern const tutorial tutorials[];
extern const size_t tutorial_count;

/* NULL if there is none of that name; *nearest is then the name most like it, or NULL. */
const tutorial *tutorial_find(const char *name, const char **nearest);

#endif
