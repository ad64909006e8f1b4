/* Texts of any number, each copied. */
#ifndef CLI_TEXT_LIST_H
#define CLI_TEXT_LIST_H

#include <stddef.h>

typedef struct text_list {
    size_t count, capacity;
    char **texts;
} text_list;
#define TEXT_LIST_INIT \
    { 0, 0, NULL }

/* 0, or -1 without memory. */
int text_list_add(text_list *list, const char *text);
/* By the values of their bytes. */
void text_list_sort(text_list *list);
/* Leaves an empty list. */
void text_list_free(text_list *list);

#endif
