#include "arguments/text.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

char *text_join(const char *a, const char *b) {
    char *text = malloc(strlen(a) + strlen(b) + 1);
    if (text != NULL) strcat(strcpy(text, a), b);
    return text;
}

int text_ends_with(const char *text, const char *suffix) {
    size_t length = strlen(text), suffix_length = strlen(suffix);
    return length >= suffix_length && strcasecmp(text + length - suffix_length, suffix) == 0;
}
