#include "arguments/text_list.h"

#include <stdlib.h>
#include <string.h>

static int reserve(text_list *list) {
    if (list->count < list->capacity) return 0;
    size_t capacity = 2 * list->capacity + 16;
    char **texts = realloc(list->texts, capacity * sizeof *texts);
    if (texts == NULL) return -1;
    list->texts = texts;
    list->capacity = capacity;
    return 0;
}

int text_list_add(text_list *list, const char *text) {
    if (reserve(list) != 0) return -1;
    char *copy = malloc(strlen(text) + 1);
    if (copy == NULL) return -1;
    list->texts[list->count++] = strcpy(copy, text);
    return 0;
}

static int compare(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void text_list_sort(text_list *list) {
    if (list->count > 1) qsort(list->texts, list->count, sizeof *list->texts, compare);
}

void text_list_free(text_list *list) {
    for (size_t i = 0; i < list->count; i++) free(list->texts[i]);
    free(list->texts);
    *list = (text_list)TEXT_LIST_INIT;
}
