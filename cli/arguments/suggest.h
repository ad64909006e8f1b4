/* The nearest of some names to a misspelt word. */
#ifndef CLI_SUGGEST_H
#define CLI_SUGGEST_H

#include <stddef.h>

typedef struct suggestion {
    const char *word;
    const char *nearest; /* NULL: nothing near enough */
    size_t distance;
} suggestion;

void suggest_begin(suggestion *suggestion, const char *word);
void suggest_consider(suggestion *suggestion, const char *name);

#endif
