// Division by a 32-bit divisor that is known only when the drive is built.
//
// Addresses are split by the geometry on every operation; a multiplication is cheaper than the machine's division.
// Method: multiply n + 1 by floor((2^64 - 1) / d), take the high word. With n + 1 = q d + s, 1 <= s <= d, the product
// is less than (q + s / d) 2^64, so the high word is at most q; it is short of (q + s / d) 2^64 by (n + 1) / d times at
// most d, which s / d 2^64 makes up for as long as n + 1 <= 2^64 / d. So it is exact for every d >= 1 and n < 2^64 / d,
// a divisor of 1 is no special case, and no step corrects (rounding down, as in Robison, "N-bit unsigned division via
// N-bit multiply-add", ARITH 2005).
#ifndef SQTAIL_UTIL_FASTDIV_H
#define SQTAIL_UTIL_FASTDIV_H

#include <stdint.h>

struct fastdiv {
    uint64_t reciprocal; // floor((2^64 - 1) / divisor)
    uint32_t divisor;
};

static inline struct fastdiv fastdiv_make(uint32_t divisor)
{
    return (struct fastdiv){.reciprocal = UINT64_MAX / divisor, .divisor = divisor};
}

static inline uint64_t fastdiv_quotient(uint64_t n, const struct fastdiv *by)
{
    return (uint64_t)(((unsigned __int128)by->reciprocal * (n + 1)) >> 64);
}

// Splits n: returns the quotient, stores the remainder.
static inline uint64_t fastdiv_split(uint64_t n, const struct fastdiv *by, uint32_t *remainder)
{
    uint64_t quotient = fastdiv_quotient(n, by);
    *remainder = (uint32_t)(n - quotient * by->divisor);
    return quotient;
}

#endif
