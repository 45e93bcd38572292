// Bitmaps over 64-bit words.
#ifndef SQTAIL_UTIL_BITMAP_H
#define SQTAIL_UTIL_BITMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline size_t bitmap_words(uint64_t bits)
{
    return (size_t)((bits + 63) / 64);
}

static inline bool bitmap_test(const uint64_t *map, uint64_t bit)
{
    return (map[bit / 64] >> (bit % 64)) & 1;
}

static inline void bitmap_set(uint64_t *map, uint64_t bit)
{
    map[bit / 64] |= UINT64_C(1) << (bit % 64);
}

static inline void bitmap_clear(uint64_t *map, uint64_t bit)
{
    map[bit / 64] &= ~(UINT64_C(1) << (bit % 64));
}

static inline void bitmap_flip(uint64_t *map, uint64_t bit)
{
    map[bit / 64] ^= UINT64_C(1) << (bit % 64);
}

static inline void bitmap_clear_range(uint64_t *map, uint64_t first, uint64_t count)
{
    uint64_t end = first + count;
    for (; first < end && first % 64 != 0; first++)
        bitmap_clear(map, first);
    for (; first + 64 <= end; first += 64)
        map[first / 64] = 0;
    for (; first < end; first++)
        bitmap_clear(map, first);
}

// The `count` bits (1 to 64) from `first` on, in the low bits of the result. Reads the word after the last one
// only when the range reaches into it.
static inline uint64_t bitmap_extract(const uint64_t *map, uint64_t first, unsigned count)
{
    unsigned shift = first % 64;
    uint64_t bits = map[first / 64] >> shift;
    if (shift + count > 64)
        bits |= map[first / 64 + 1] << (64 - shift);
    return count == 64 ? bits : bits & ((UINT64_C(1) << count) - 1);
}

#endif
