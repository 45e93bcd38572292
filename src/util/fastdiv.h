// Division by a 32-bit divisor that is known only when the drive is built.
//
// Addresses are split by the geometry on every operation; a multiplication is cheaper than the machine's division.
// Method: multiply by ceil(2^64 / d), take the high word. That is n / d + n e / (d 2^64) with e < d, whose whole part is
// that of n / d as long as n e < 2^64: for every d >= 2 and n <= 2^64 / d (Granlund and Montgomery, PLDI 1994, with a
// 64-bit reciprocal so that no correction step is needed).
#ifndef SQTAIL_UTIL_FASTDIV_H
#define SQTAIL_UTIL_FASTDIV_H

#include <stdint.h>

struct fastdiv {
    uint64_t reciprocal; // ceil(2^64 / divisor); 0 stands for a divisor of 1
    uint32_t divisor;
};

static inline struct fastdiv fastdiv_make(uint32_t divisor)
{
    return (struct fastdiv){.reciprocal = divisor == 1 ? 0 : UINT64_MAX / divisor + 1, .divisor = divisor};
}

static inline uint64_t fastdiv_quotient(uint64_t n, const struct fastdiv *by)
{
    if (by->reciprocal == 0)
        return n;
    return (uint64_t)(((unsigned __int128)by->reciprocal * n) >> 64);
}

// Splits n: returns the quotient, stores the remainder.
static inline uint64_t fastdiv_split(uint64_t n, const struct fastdiv *by, uint32_t *remainder)
{
    uint64_t quotient = fastdiv_quotient(n, by);
    *remainder = (uint32_t)(n - quotient * by->divisor);
    return quotient;
}

#endif
