/* "Did you mean": the nearest of some known names. */
#ifndef ENOT_CORE_SUGGEST_H
#define ENOT_CORE_SUGGEST_H

#include <stddef.h>

/* The candidate with the fewest edits from name, letter case aside; NULL if none is close enough to be a slip. */
const char *suggest_nearest(const char *name, const char *const *candidates, size_t count);

#endif
