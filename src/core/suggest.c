#include "core/suggest.h"

#include <string.h>

enum { NAME_CAPACITY = 64 }; /* of a name, only this many letters are compared */

static char fold(char letter) { return letter >= 'A' && letter <= 'Z' ? (char)(letter - 'A' + 'a') : letter; }

static size_t least(size_t a, size_t b, size_t c) {
    size_t smaller = a < b ? a : b;
    return smaller < c ? smaller : c;
}

/* Levenshtein distance, one row of its table at a time. */
static size_t edit_distance(const char *a, size_t a_size, const char *b, size_t b_size) {
    size_t row[NAME_CAPACITY + 1];
    for (size_t j = 0; j <= b_size; j++) row[j] = j;
    for (size_t i = 1; i <= a_size; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b_size; j++) {
            size_t substituted = diagonal + (fold(a[i - 1]) != fold(b[j - 1]));
            diagonal = row[j];
            row[j] = least(row[j] + 1, row[j - 1] + 1, substituted);
        }
    }
    return row[b_size];
}

const char *suggest_nearest(const char *name, const char *const *candidates, size_t count) {
    size_t size = strnlen(name, NAME_CAPACITY);
    size_t limit = size <= 2 ? 1 : size <= 8 ? 2 : size / 3;
    const char *nearest = NULL;
    for (size_t i = 0; i < count; i++) {
        if (!candidates[i]) continue;
        size_t distance = edit_distance(name, size, candidates[i], strnlen(candidates[i], NAME_CAPACITY));
        if (distance > limit || (nearest && distance == limit)) continue;
        nearest = candidates[i];
        limit = distance;
    }
    return nearest;
}
