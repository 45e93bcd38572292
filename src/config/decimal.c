// Decimal text to integers without rounding, and floating-point text independent of the locale.
//
// value = (whole + fraction / 10^f) * scale must be an integer of 64 bits. With at most 19 digits of fraction and
// scales below 2^57, fraction * scale stays below 2^121, so that 128 bits are exact. A fraction with more digits than
// that, trailing zeros aside, is called too fine: only binary units could make it whole.
#include "config/decimal.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FRACTION_DIGITS_MAX = 19 };

static size_t digits(const char *text)
{
    size_t n = 0;
    while (text[n] >= '0' && text[n] <= '9')
        n++;
    return n;
}

static size_t exponent_length(const char *text)
{
    if (text[0] != 'e' && text[0] != 'E')
        return 0;
    size_t sign = text[1] == '+' || text[1] == '-';
    size_t n = digits(text + 1 + sign);
    return n == 0 ? 0 : 1 + sign + n;
}

size_t decimal_length(const char *text, bool exponent)
{
    size_t sign = text[0] == '-' || text[0] == '+';
    size_t whole = digits(text + sign);
    if (whole == 0)
        return 0;
    size_t length = sign + whole;
    if (text[length] == '.') {
        size_t fraction = digits(text + length + 1);
        if (fraction == 0)
            return 0;
        length += 1 + fraction;
    }
    return exponent ? length + exponent_length(text + length) : length;
}

enum decimal_result decimal_check(const char *text)
{
    if (text[0] == '-')
        return DECIMAL_NEGATIVE;
    if (text[0] == '+')
        return DECIMAL_MALFORMED;
    return text[0] == '0' && text[1] >= '0' && text[1] <= '9' ? DECIMAL_LEADING_ZERO : DECIMAL_OK;
}

// fraction / 10^count of the digits, times scale.
static enum decimal_result scale_fraction(const char *text, size_t count, uint64_t scale, uint64_t *value)
{
    while (count > 0 && text[count - 1] == '0')
        count--;
    if (count > FRACTION_DIGITS_MAX)
        return DECIMAL_TOO_FINE;
    unsigned __int128 fraction = 0, power = 1;
    for (size_t i = 0; i < count; i++) {
        fraction = fraction * 10 + (unsigned)(text[i] - '0');
        power *= 10;
    }
    if (fraction * scale % power != 0)
        return DECIMAL_TOO_FINE;
    *value = (uint64_t)(fraction * scale / power);
    return DECIMAL_OK;
}

enum decimal_result decimal_scale(const char *text, size_t length, uint64_t scale, uint64_t *value)
{
    enum decimal_result result = decimal_check(text);
    if (result != DECIMAL_OK)
        return result;
    size_t whole_digits = digits(text);
    unsigned __int128 whole = 0;
    for (size_t i = 0; i < whole_digits && whole <= UINT64_MAX; i++)
        whole = whole * 10 + (unsigned)(text[i] - '0');
    if (whole > UINT64_MAX || whole * scale > UINT64_MAX)
        return DECIMAL_TOO_LARGE;
    uint64_t part = 0;
    if (whole_digits < length)
        result = scale_fraction(text + whole_digits + 1, length - whole_digits - 1, scale, &part);
    if (result != DECIMAL_OK)
        return result;
    return __builtin_add_overflow((uint64_t)(whole * scale), part, value) ? DECIMAL_TOO_LARGE : DECIMAL_OK;
}

// The calling program may have set a locale in which a number has a comma.
static locale_t enter_c_locale(locale_t *c)
{
    *c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    return uselocale(*c);
}

static void leave_c_locale(locale_t c, locale_t before)
{
    uselocale(before);
    freelocale(c);
}

static bool has_nonzero_digit(const char *text)
{
    for (; *text != '\0' && *text != 'e' && *text != 'E'; text++) {
        if (*text >= '1' && *text <= '9')
            return true;
    }
    return false;
}

enum decimal_result decimal_real(const char *text, double *value)
{
    size_t length = decimal_length(text, true);
    if (length == 0 || text[length] != '\0' || text[0] == '+')
        return DECIMAL_MALFORMED;
    if (decimal_check(text + (text[0] == '-')) == DECIMAL_LEADING_ZERO)
        return DECIMAL_LEADING_ZERO;
    locale_t c, before = enter_c_locale(&c);
    double read = strtod(text, NULL);
    leave_c_locale(c, before);
    if (!isfinite(read))
        return DECIMAL_TOO_LARGE;
    if (read == 0 && has_nonzero_digit(text))
        return DECIMAL_TOO_FINE;
    *value = read == 0 ? 0 : read; // no negative zero
    return DECIMAL_OK;
}

enum { DOUBLE_DIGITS = 17, PLAIN_EXPONENT_MIN = -6, PLAIN_EXPONENT_MAX = 17 };

// The shortest digits d0 d1 d2 ... with value = d0.d1d2... * 10^exponent. Returns the exponent.
static int shortest_digits(double value, char digit[DOUBLE_DIGITS + 1])
{
    char text[40];
    for (int precision = 0; precision < DOUBLE_DIGITS; precision++) {
        snprintf(text, sizeof text, "%.*e", precision, value);
        if (strtod(text, NULL) == value)
            break;
    }
    size_t count = 0;
    const char *c = text;
    for (; *c != 'e'; c++) {
        if (*c != '.')
            digit[count++] = *c;
    }
    digit[count] = '\0';
    return (int)strtol(c + 1, NULL, 10);
}

int decimal_format_real(double value, int shift, char *text, size_t size)
{
    char digit[DOUBLE_DIGITS + 1];
    locale_t c, before = enter_c_locale(&c);
    int exponent = shortest_digits(fabs(value), digit) + (value == 0 ? 0 : shift);
    leave_c_locale(c, before);
    const char *sign = value < 0 ? "-" : "";
    int count = (int)strlen(digit);
    if (exponent < PLAIN_EXPONENT_MIN || exponent > PLAIN_EXPONENT_MAX)
        return snprintf(text, size, "%s%c%s%se%d", sign, digit[0], count > 1 ? "." : "", digit + 1, exponent);
    if (exponent < 0)
        return snprintf(text, size, "%s0.%.*s%s", sign, -exponent - 1, "0000000000", digit);
    if (exponent >= count - 1)
        return snprintf(text, size, "%s%s%.*s", sign, digit, exponent - count + 1, "00000000000000000000");
    return snprintf(text, size, "%s%.*s.%s", sign, exponent + 1, digit, digit + exponent + 1);
}
