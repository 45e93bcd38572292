// Keyed permutations of 0 .. count - 1 that cost no table, and their inverses.
//
// Each round, an odd multiplication and an addition modulo a power of two, then a shift by at least half the bits and
// exclusive or, can be undone: a permutation of 0 .. mask. Walking its cycle until below count gives one of
// 0 .. count - 1 (Black and Rogaway, "Ciphers with arbitrary finite domains", CT-RSA 2002), and walking it back the
// inverse; as mask < 2 count, two steps are enough on average.
#ifndef SQTAIL_UTIL_PERMUTATION_H
#define SQTAIL_UTIL_PERMUTATION_H

#include <stdint.h>

#include "util/rng.h"

enum { PERMUTATION_ROUNDS = 3 };

struct permutation {
    uint64_t multiplier[PERMUTATION_ROUNDS]; // odd
    uint64_t inverse[PERMUTATION_ROUNDS];    // of the multipliers, modulo 2^64
    uint64_t count;
    uint64_t mask;
    unsigned shift;
};

// Newton's iteration doubles the bits that are right; an odd number is its own inverse modulo 8.
static inline uint64_t permutation_inverse(uint64_t odd)
{
    uint64_t inverse = odd;
    for (int i = 0; i < 5; i++)
        inverse *= 2 - odd * inverse;
    return inverse;
}

// The same rounds for another count.
static inline void permutation_resize(struct permutation *p, uint64_t count)
{
    unsigned bits = count <= 4 ? 2 : 64 - (unsigned)__builtin_clzll(count - 1);
    p->count = count;
    p->mask = UINT64_MAX >> (64 - bits);
    p->shift = (bits + 1) / 2;
}

static inline struct permutation permutation_draw(struct rng *rng, uint64_t count)
{
    struct permutation p;
    for (int i = 0; i < PERMUTATION_ROUNDS; i++) {
        p.multiplier[i] = rng_u64(rng) | 1;
        p.inverse[i] = permutation_inverse(p.multiplier[i]);
    }
    permutation_resize(&p, count);
    return p;
}

static inline uint64_t permutation_round(const struct permutation *p, int round, uint64_t salt, uint64_t x)
{
    x = (x * p->multiplier[round] + salt) & p->mask;
    return x ^ x >> p->shift;
}

static inline uint64_t permutation_round_back(const struct permutation *p, int round, uint64_t salt, uint64_t x)
{
    x ^= x >> p->shift;
    return ((x - salt) * p->inverse[round]) & p->mask;
}

// Where x < count goes. Each salt gives another permutation.
static inline uint64_t permute(const struct permutation *p, uint64_t salt, uint64_t x)
{
    do {
        x = permutation_round(p, 0, salt, x);
        x = permutation_round(p, 1, salt, x);
        x = permutation_round(p, 2, salt, x);
    } while (x >= p->count);
    return x;
}

// What goes to x < count.
static inline uint64_t permute_back(const struct permutation *p, uint64_t salt, uint64_t x)
{
    do {
        x = permutation_round_back(p, 2, salt, x);
        x = permutation_round_back(p, 1, salt, x);
        x = permutation_round_back(p, 0, salt, x);
    } while (x >= p->count);
    return x;
}

#endif
