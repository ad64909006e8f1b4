#include "arguments/suggest.h"

#include <stdint.h>
#include <string.h>

#define LENGTH_LIMIT 63

static size_t smaller(size_t a, size_t b) {
    return a < b ? a : b;
}

/* Levenshtein distance with swaps of neighbours; three rows of the table are kept. */
static size_t edit_distance(const char *a, const char *b) {
    size_t rows[3][LENGTH_LIMIT + 1];
    size_t a_length = strlen(a), b_length = strlen(b);
    if (a_length > LENGTH_LIMIT || b_length > LENGTH_LIMIT) return SIZE_MAX;
    for (size_t j = 0; j <= b_length; j++) rows[0][j] = j;
    for (size_t i = 1; i <= a_length; i++) {
        size_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *two_above = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            size_t replaced = above[j - 1] + (a[i - 1] != b[j - 1]);
            row[j] = smaller(replaced, smaller(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = smaller(row[j], two_above[j - 2] + 1);
        }
    }
    return rows[a_length % 3][b_length];
}

void suggest_begin(suggestion *suggestion, const char *word) {
    suggestion->word = word;
    suggestion->nearest = NULL;
    suggestion->distance = strlen(word) / 3 + 2;
}

void suggest_consider(suggestion *suggestion, const char *name) {
    size_t distance = edit_distance(suggestion->word, name);
    if (distance >= suggestion->distance) return;
    suggestion->distance = distance;
    suggestion->nearest = name;
}
