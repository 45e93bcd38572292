// Division of 32-bit numbers by a divisor that is known only when the drive is built.
//
// Addresses are split by the geometry on every operation; a multiplication is cheaper than the machine's division.
// Method: multiply by ceil(2^64 / d), take the high word: exact for every 32-bit n and d >= 2 (Granlund and
// Montgomery, PLDI 1994, with a 64-bit reciprocal so that no correction step is needed).
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

static inline uint32_t fastdiv_quotient(uint32_t n, const struct fastdiv *by)
{
    if (by->reciprocal == 0)
        return n;
    return (uint32_t)(((unsigned __int128)by->reciprocal * n) >> 64);
}

// Splits n: returns the quotient, stores the remainder.
static inline uint32_t fastdiv_split(uint32_t n, const struct fastdiv *by, uint32_t *remainder)
{
    uint32_t quotient = fastdiv_quotient(n, by);
    *remainder = n - quotient * by->divisor;
    return quotient;
}

#endif
