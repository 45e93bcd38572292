// Elementary functions whose every step is exact, so that their results are the same on every machine.
//
// What libm gives may differ in the last bit from one C library, version or processor to the next (glibc picks
// variants with fused operations at run time), and a last bit is enough to move a threshold, a bin or a rounded
// number, and with it a run. So whatever reaches a result or a decision uses these. tests/layers.sh refuses the
// functions of libm that they replace.
#ifndef SQTAIL_UTIL_EXACT_MATH_H
#define SQTAIL_UTIL_EXACT_MATH_H

// Natural logarithms: of x > 0, and of 1 + x > 0. Relative error: 6e-16 at most.
double exact_log(double x);
double exact_log1p(double x);

// The same error; exact for whole powers of two.
double exact_log2(double x);

// Relative error: 2e-16 at most; 0 and infinity beyond the range of a double.
double exact_exp(double x);

// 2^x, with the same error; exact for whole x.
double exact_exp2(double x);

// x^y of x >= 0, and y > 0 where x is 0. Relative error: 2e-16 for each octave that the result is away from 1. Whole
// powers up to the 22nd are products, so those of 10 are the doubles nearest to them.
double exact_pow(double x, double y);

// The complementary error function of x >= 0. Relative error: 4e-15, and 1e-16 x^2 for large x.
double exact_erfc(double x);

#endif
