#include <locale.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/number.h"

/*
 * A double is s 10^-k with s in [10^16, 10^17). Every number closer to s than half the spacing of doubles, between .55
 * and 11.2, reads back as the same double; so the shortest decimal is the number with the most trailing zeros that is
 * so close. s is computed in long double: one rounding, error at most 2^-8. Where that leaves a doubt, where long
 * double has no 64-bit significand, and where 10^k is not exact in it, printf and strtod do the work.
 */
enum { DIGITS = 17, POWER_MAX = 27, POINT_MIN = -5, POINT_MAX = 17 };
static const long double DOUBT = 0x1p-7L;

static const long double POWERS[] = {1e0L,  1e1L,  1e2L,  1e3L,  1e4L,  1e5L,  1e6L,  1e7L,  1e8L,  1e9L,
                                     1e10L, 1e11L, 1e12L, 1e13L, 1e14L, 1e15L, 1e16L, 1e17L, 1e18L, 1e19L,
                                     1e20L, 1e21L, 1e22L, 1e23L, 1e24L, 1e25L, 1e26L, 1e27L};

static long double scale(long double value, int power) {
    return power < 0 ? value / POWERS[-power] : value * POWERS[power];
}

/* The double that is `steps` representable numbers away from zero. */
static double neighbour(double value, int steps) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    bits += (uint64_t)steps;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* *shortest: the number with the most trailing zeros that is surely within low of s, and others surely not within high.
 */
static bool shortest_near(long double s, long double low, long double high, uint64_t *shortest) {
    *shortest = (uint64_t)(s + .5L);
    for (uint64_t unit = 10; unit <= UINT64_C(10000000000000000); unit *= 10) {
        uint64_t below = *shortest / unit * unit;
        uint64_t candidate = (s - (long double)below) * 2 > (long double)unit ? below + unit : below;
        long double distance = candidate > s ? candidate - s : s - candidate;
        if (distance >= high + DOUBT) return true;
        if (distance > low - DOUBT) return false;
        *shortest = candidate;
    }
    return true;
}

/*
 * Numbers with few decimals, quickly: the quotient of two integers that a double holds is rounded once, as reading it
 * back is. At most 13 digits stand in the significand, and no two decimals of up to 15 digits are the same double.
 */
static bool few_decimals(double value, uint64_t *significand, int *exponent) {
    static const double powers[] = {1, 10, 100, 1000};
    if (!(value < 1e10)) return false;
    for (int decimals = 0; decimals < (int)(sizeof powers / sizeof *powers); decimals++) {
        *significand = (uint64_t)(value * powers[decimals] + .5);
        *exponent = -decimals;
        if ((double)*significand / powers[decimals] == value) return true;
    }
    return false;
}

/* value = significand 10^exponent, no trailing zeros in the significand. False: this method cannot tell. */
static bool shortest_decimal(double value, uint64_t *significand, int *exponent) {
    if (__LDBL_MANT_DIG__ < 64 || !(value >= 1e-10 && value < 1e42)) return false;
    int binary;
    frexp(value, &binary);
    int power = DIGITS - 1 - (int)floor((binary - 1) * 0.30102999566398120); /* log10(2): at most one too large */
    if (power > POWER_MAX || power < -POWER_MAX) return false;
    long double s = scale(value, power);
    if (s >= 1e17L) s = scale(value, --power);
    long double below = scale((value - neighbour(value, -1)) / 2, power);
    long double above = scale((neighbour(value, 1) - value) / 2, power);
    uint64_t shortest;
    if (!shortest_near(s, below, above, &shortest)) return false;
    while (shortest % 10 == 0) shortest /= 10, power--;
    *significand = shortest;
    *exponent = -power;
    return true;
}

static size_t put_digits(uint64_t number, char *text) {
    char reversed[24];
    size_t size = 0;
    do reversed[size++] = (char)('0' + number % 10);
    while (number /= 10);
    for (size_t i = 0; i < size; i++) text[i] = reversed[size - 1 - i];
    return size;
}

/* digits with the decimal point after the first `point` of them, which may lie outside the digits. */
static size_t put_plain(const char *digits, int size, int point, char *text) {
    char *start = text;
    if (point <= 0) {
        *text++ = '0';
        *text++ = '.';
        for (int i = point; i < 0; i++) *text++ = '0';
        point = size;
    }
    for (int i = 0; i < size || i < point; i++) {
        if (i == point) *text++ = '.';
        *text++ = i < size ? digits[i] : '0';
    }
    return (size_t)(text - start);
}

static size_t put_scientific(const char *digits, int size, int point, char *text) {
    char *start = text;
    *text++ = digits[0];
    if (size > 1) *text++ = '.';
    memcpy(text, digits + 1, (size_t)size - 1);
    text += size - 1;
    int exponent = point - 1;
    *text++ = 'e';
    *text++ = exponent < 0 ? '-' : '+';
    text += put_digits((uint64_t)abs(exponent), text);
    return (size_t)(text - start);
}

static size_t format_slow(double value, char *text) {
    locale_t locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    locale_t previous = locale ? uselocale(locale) : (locale_t)0;
    int size = 0;
    for (int digits = 15; digits <= DIGITS; digits++) {
        size = snprintf(text, NUMBER_TEXT_CAPACITY, "%.*g", digits, value);
        if (strtod(text, NULL) == value) break;
    }
    if (locale) {
        uselocale(previous);
        freelocale(locale);
    }
    return (size_t)size;
}

size_t number_format(double value, char text[NUMBER_TEXT_CAPACITY]) {
    uint64_t significand;
    int exponent;
    char *start = text, digits[24];
    if (signbit(value)) *text++ = '-';
    double magnitude = fabs(value);
    if (!few_decimals(magnitude, &significand, &exponent) && !shortest_decimal(magnitude, &significand, &exponent))
        return format_slow(value, start);
    int size = (int)put_digits(significand, digits), point = size + exponent;
    text += point > POINT_MIN && point <= POINT_MAX ? put_plain(digits, size, point, text)
                                                    : put_scientific(digits, size, point, text);
    return (size_t)(text - start);
}
