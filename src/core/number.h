/* Numbers as text, the same in every locale. */
#ifndef ENOT_CORE_NUMBER_H
#define ENOT_CORE_NUMBER_H

#include <stddef.h>

typedef enum number_kind {
    NUMBER_FINITE,
    NUMBER_NOT_FINITE, /* nan, inf, or too large for a double */
    NUMBER_MISSING,    /* empty, or a usual mark for a missing value: NA, null, ? and their like */
    NUMBER_TEXT
} number_kind;

/* Reads a decimal number, correctly rounded; blanks around it are ignored. *value is set for NUMBER_FINITE only. */
number_kind number_parse(const char *text, size_t size, double *value);

#define NUMBER_TEXT_CAPACITY 32

/*
 * Writes the shortest decimal that reads back as value (below 2^-1022 perhaps a longer one), without an end mark.
 * Returns its length.
 */
size_t number_format(double value, char text[NUMBER_TEXT_CAPACITY]);

#endif
