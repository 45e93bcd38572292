// Decimal numbers, exactly: what stands before a unit.
#ifndef SQTAIL_CONFIG_DECIMAL_H
#define SQTAIL_CONFIG_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum decimal_result {
    DECIMAL_OK,
    DECIMAL_MALFORMED,
    DECIMAL_NEGATIVE,
    DECIMAL_LEADING_ZERO,
    DECIMAL_TOO_LARGE, // beyond 64 bits
    DECIMAL_TOO_FINE,  // not a whole multiple of the smallest step
};

// Length of the `12` or `12.5` or `1.25e-3` (only with `exponent`) at the start of text, its sign included; 0 when
// there is none.
size_t decimal_length(const char *text, bool exponent);

// Whether the number at the start of text is one as we want it: no sign '-', no leading zeros.
enum decimal_result decimal_check(const char *text);

// The decimal in text[0 .. length - 1], as measured by decimal_length without exponent, times scale, without any
// rounding.
enum decimal_result decimal_scale(const char *text, size_t length, uint64_t scale, uint64_t *value);

// Reads text, whole, as a floating-point number in the C locale; overflow to infinity is TOO_LARGE, underflow to
// zero TOO_FINE.
enum decimal_result decimal_real(const char *text, double *value);

// Writes value * 10^shift in the shortest digits that, shifted back, read as the same double; with an exponent only
// for very large or small ones. Independent of the locale. Returns as snprintf.
int decimal_format_real(double value, int shift, char *text, size_t size);

#endif
