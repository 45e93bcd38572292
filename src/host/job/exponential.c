// Exponential numbers in integers, so that they are the same on every machine: -ln(U / 2^64) = (64 - log2 U) * ln 2,
// where each squaring of the mantissa yields one bit of log2.
#include "host/job/exponential.h"

// log2 of a number in [1, 2), given and returned as fractions: 1 + m / 2^63, result / 2^32.
static uint32_t log2_fraction(uint64_t mantissa)
{
    uint32_t result = 0;
    for (int bit = 0; bit < 32; bit++) {
        unsigned __int128 square = (unsigned __int128)mantissa * mantissa; // in [1, 4) * 2^126
        unsigned over = (unsigned)(square >> 127);
        mantissa = (uint64_t)(square >> (63 + over));
        result = result << 1 | over;
    }
    return result;
}

uint64_t exponential_q32(uint64_t u)
{
    const uint64_t ln2_q32 = 2977044472; // round(ln 2 * 2^32)
    u |= 1; // zero has no logarithm
    unsigned shift = (unsigned)__builtin_clzll(u);
    uint64_t log2_q32 = (uint64_t)(63 - shift) << 32 | log2_fraction(u << shift);
    uint64_t minus_log2_q32 = (UINT64_C(64) << 32) - log2_q32;
    return (uint64_t)((unsigned __int128)minus_log2_q32 * ln2_q32 >> 32);
}
