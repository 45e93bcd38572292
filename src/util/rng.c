// Seeding of random streams.
#include "util/rng.h"

void rng_seed(struct rng *rng, uint64_t seed, const char *path)
{
    uint64_t state = rng_mix(seed + UINT64_C(0x9e3779b97f4a7c15));
    for (const char *c = path; *c != '\0'; c++)
        state = rng_mix(state ^ (unsigned char)*c) + UINT64_C(0x9e3779b97f4a7c15);
    for (int i = 0; i < 4; i++) {
        state += UINT64_C(0x9e3779b97f4a7c15);
        rng->s[i] = rng_mix(state);
    }
}

uint64_t rng_key(uint64_t seed, const char *path)
{
    struct rng rng;
    rng_seed(&rng, seed, path);
    return rng_u64(&rng);
}
