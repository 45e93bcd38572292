// Random numbers: one stream for each component, all from one seed.
//
// A stream is seeded by a hash of the run's seed and the component's path, so that a new component moves nobody
// else's numbers. Generator: xoshiro256** (Blackman and Vigna, 2018, "Scrambled linear pseudorandom number
// generators"), state filled by splitmix64.
#ifndef SQTAIL_UTIL_RNG_H
#define SQTAIL_UTIL_RNG_H

#include <stdint.h>

struct rng {
    uint64_t s[4];
};

// Seeds the stream of the component named `path`, such as "host.job0" or "nand.ecc".
void rng_seed(struct rng *rng, uint64_t seed, const char *path);

// The key of the component's hashes, where what is drawn belongs to a place and not to a moment.
uint64_t rng_key(uint64_t seed, const char *path);

// A well-mixed 64-bit hash of x (the splitmix64 finaliser).
static inline uint64_t rng_mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

static inline uint64_t rng_rotate(uint64_t x, int k)
{
    return (x << k) | (x >> (64 - k));
}

// Uniform over all 64-bit numbers.
static inline uint64_t rng_u64(struct rng *rng)
{
    uint64_t *s = rng->s;
    uint64_t result = rng_rotate(s[1] * 5, 7) * 9;
    uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rng_rotate(s[3], 45);
    return result;
}

// Uniform over 0 .. bound - 1, bound > 0; the bias of the multiply method, below bound / 2^64, is accepted.
static inline uint64_t rng_below(struct rng *rng, uint64_t bound)
{
    return (uint64_t)(((unsigned __int128)rng_u64(rng) * bound) >> 64);
}

#endif
