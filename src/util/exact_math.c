// Range reduction and power series, with nothing but what IEEE 754 rounds correctly: + - * /, sqrt, conversions and
// scaling by powers of two. AM_CFLAGS keeps the compiler from fusing a product with a sum (-ffp-contract=off).
//
//   log    x = 2^e m, sqrt(1/2) <= m < sqrt(2); log m = 2 artanh((m - 1) / (m + 1)), whose argument is below 0.172
//   exp    x = k log 2 + r, |r| <= log(2) / 2; Taylor
//   erfc   below 1 the power series of erf times exp(-x^2), whose terms are all positive; from 1 on the continued
//          fraction (Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.6 and 7.1.14)
//
// log 2 is split in two, the first part of 32 bits, so that its product with an exponent is exact (Cody and Waite).
#include "util/exact_math.h"

#include <math.h>
#include <stdlib.h>

#include "util/macros.h"

enum { WHOLE_POWERS = 22 }; // 10^22 is the last power of ten that is a double

static const double ln2_high = 0x1.62e42feep-1, ln2_low = 0x1.a39ef35793c76p-33;

// 2 artanh(s) for |s| <= 0.18: the logarithm of (1 + s) / (1 - s).
static double log_of_ratio(double s)
{
    static const double odd[] = {1.0 / 3,  1.0 / 5,  1.0 / 7,  1.0 / 9,  1.0 / 11, 1.0 / 13,
                                 1.0 / 15, 1.0 / 17, 1.0 / 19, 1.0 / 21, 1.0 / 23};
    double square = s * s, sum = 0;
    for (size_t i = ARRAY_SIZE(odd); i-- > 0;)
        sum = square * (sum + odd[i]);
    return 2 * s + 2 * s * sum;
}

// Splits x = 2^exponent m and returns log m.
static double split_log(double x, int *exponent)
{
    double m = frexp(x, exponent);
    if (m < M_SQRT1_2) {
        m *= 2;
        --*exponent;
    }
    return log_of_ratio((m - 1) / (m + 1));
}

double exact_log(double x)
{
    int exponent;
    double rest = split_log(x, &exponent);
    return exponent * ln2_high + (rest + exponent * ln2_low);
}

double exact_log1p(double x)
{
    return fabs(x) < 0.3 ? log_of_ratio(x / (2 + x)) : exact_log(1 + x);
}

double exact_log2(double x)
{
    int exponent;
    double rest = split_log(x, &exponent);
    return exponent + rest / M_LN2;
}

// exp(x) for |x| <= 0.35.
static double exp_near_zero(double x)
{
    static const double inverse_factorial[] = {
        1.0 / 2,      1.0 / 6,       1.0 / 24,       1.0 / 120,       1.0 / 720,        1.0 / 5040,       1.0 / 40320,
        1.0 / 362880, 1.0 / 3628800, 1.0 / 39916800, 1.0 / 479001600, 1.0 / 6227020800, 1.0 / 87178291200,
    };
    double sum = 0;
    for (size_t i = ARRAY_SIZE(inverse_factorial); i-- > 0;)
        sum = x * (sum + inverse_factorial[i]);
    return 1 + (x + x * sum);
}

double exact_exp(double x)
{
    if (x > 710 || x < -746)
        return x > 0 ? INFINITY : 0;
    double k = rint(x / M_LN2);
    return ldexp(exp_near_zero(x - k * ln2_high - k * ln2_low), (int)k);
}

double exact_exp2(double x)
{
    if (x > 1024 || x < -1075)
        return x > 0 ? INFINITY : 0;
    double k = rint(x);
    return ldexp(exp_near_zero((x - k) * M_LN2), (int)k);
}

static double whole_power(double x, int y)
{
    double power = 1;
    for (int i = 0; i < abs(y); i++)
        power *= x;
    return y < 0 ? 1 / power : power;
}

double exact_pow(double x, double y)
{
    if (fabs(y) <= WHOLE_POWERS && y == rint(y))
        return whole_power(x, (int)y);
    return x == 0 ? 0 : exact_exp2(y * exact_log2(x));
}

static double erf_series(double x)
{
    double term = 2 * x, sum = term;
    for (int i = 1; i < 40; i++) {
        term *= 2 * x * x / (2 * i + 1);
        sum += term;
    }
    return sum;
}

static double erfc_fraction(double x)
{
    double rest = 0;
    for (int i = 200; i > 0; i--)
        rest = i / 2.0 / (x + rest);
    return 1 / (x + rest);
}

double exact_erfc(double x)
{
    double scale = exact_exp(-x * x) / sqrt(M_PI);
    return x < 1 ? 1 - scale * erf_series(x) : scale * erfc_fraction(x);
}
