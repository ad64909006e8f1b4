/* A random choice of some things of many. */
#ifndef CLI_CHOOSE_H
#define CLI_CHOOSE_H

#include <stddef.h>
#include <stdint.h>

/* index[count] = 0 .. count - 1, the first wanted of them a random choice that depends on seed alone. */
void choose(size_t *index, size_t count, size_t wanted, uint64_t seed);

#endif
