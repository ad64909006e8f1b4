#include <locale.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/number.h"

enum { DIGITS_MAX = 19, TEXT_MAX = 4096, EXPONENT_LIMIT = 100000 };

/* Powers of ten that a double holds exactly. */
static const double POWERS[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
enum { POWER_MAX = 22 };

/* A decimal as it stands in the text: significand 10^exponent. */
typedef struct decimal {
    bool negative, exact; /* exact: every digit is in the significand */
    uint64_t significand;
    int exponent;
} decimal;

static bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }

/* Digits at text go to the significand; those that no longer fit are dropped. Returns their end. */
static const char *scan_digits(const char *text, const char *end, decimal *number, int *digits, bool fraction) {
    for (; text < end && is_digit(*text); text++) {
        bool fits = *digits < DIGITS_MAX;
        if (fits) number->significand = number->significand * 10 + (uint64_t)(*text - '0');
        else if (*text != '0') number->exact = false;
        if (number->significand != 0) (*digits)++;
        if (fits == fraction) number->exponent += fraction ? -1 : 1;
    }
    return text;
}

/* An optional exponent; NULL if it is malformed. */
static const char *scan_exponent(const char *text, const char *end, decimal *number) {
    if (text == end || (*text != 'e' && *text != 'E')) return text;
    text++;
    bool negative = text < end && *text == '-';
    if (text < end && (*text == '-' || *text == '+')) text++;
    if (text == end) return NULL;
    int exponent = 0;
    for (; text < end && is_digit(*text); text++)
        if (exponent < EXPONENT_LIMIT) exponent = exponent * 10 + (*text - '0');
    number->exponent += negative ? -exponent : exponent;
    return text;
}

/* sign? digits [. digits] [e sign? digits], with a digit before or after the point, and nothing else. */
static bool scan_decimal(const char *text, size_t size, decimal *number) {
    const char *end = text + size, *whole;
    int digits = 0;
    *number = (decimal){.exact = true};
    if (text < end && (*text == '-' || *text == '+')) number->negative = *text++ == '-';
    whole = text;
    text = scan_digits(text, end, number, &digits, false);
    bool seen = text > whole;
    if (text < end && *text == '.') {
        const char *fraction = ++text;
        text = scan_digits(text, end, number, &digits, true);
        seen |= text > fraction;
    }
    return seen && scan_exponent(text, end, number) == end;
}

/*
 * Exact where significand and power of ten are both doubles: then one rounding remains (Clinger 1990). With the wider
 * significand of long double the same holds for more numbers, unless rounding twice could matter: then the answer would
 * change under a tiny change of the wide value, and false is returned.
 */
static bool convert_fast(const decimal *number, double *value) {
    int exponent = number->exponent, size = exponent < 0 ? -exponent : exponent;
    if (!number->exact || size > POWER_MAX) return false;
    if (number->significand <= UINT64_C(1) << 53) {
        double significand = (double)number->significand;
        *value = exponent < 0 ? significand / POWERS[size] : significand * POWERS[size];
        return true;
    }
    if (__LDBL_MANT_DIG__ < 64) return false;
    long double significand = number->significand, power = POWERS[size];
    long double wide = exponent < 0 ? significand / power : significand * power;
    long double doubt = wide * 0x1p-62L;
    *value = (double)wide;
    return (double)(wide - doubt) == *value && (double)(wide + doubt) == *value;
}

static double convert_slow(const char *text, size_t size) {
    char copy[TEXT_MAX + 1];
    locale_t locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    memcpy(copy, text, size);
    copy[size] = '\0';
    double value = locale ? strtod_l(copy, NULL, locale) : strtod(copy, NULL);
    if (locale) freelocale(locale);
    return value;
}

static bool is_one_of(const char *text, size_t size, const char *const *words) {
    for (; *words; words++)
        if (strlen(*words) == size && strncasecmp(text, *words, size) == 0) return true;
    return false;
}

static number_kind classify_word(const char *text, size_t size) {
    static const char *const missing[] = {"na", "n/a", "#n/a", "null", "none", "?", "-", NULL};
    static const char *const not_finite[] = {"nan", "inf", "infinity", "1.#inf", "1.#qnan", "#num!", "#div/0!", NULL};
    if (is_one_of(text, size, missing)) return NUMBER_MISSING;
    if (size > 1 && (*text == '-' || *text == '+')) text++, size--;
    return is_one_of(text, size, not_finite) ? NUMBER_NOT_FINITE : NUMBER_TEXT;
}

static bool is_blank(char letter) { return letter == ' ' || letter == '\t'; }

number_kind number_parse(const char *text, size_t size, double *value) {
    while (size > 0 && is_blank(*text)) text++, size--;
    while (size > 0 && is_blank(text[size - 1])) size--;
    if (size == 0) return NUMBER_MISSING;
    decimal number;
    if (size > TEXT_MAX || !scan_decimal(text, size, &number)) return classify_word(text, size);
    double parsed;
    if (convert_fast(&number, &parsed)) {
        if (number.negative) parsed = -parsed;
    } else {
        parsed = convert_slow(text, size);
        if (!isfinite(parsed)) return NUMBER_NOT_FINITE;
    }
    *value = parsed;
    return NUMBER_FINITE;
}
