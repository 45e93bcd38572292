// Variation of the array's times:
//
//   time = mean (1 + spread (L + B + O) / 3),   L, B, O uniform over -1 .. 1
//
// L belongs to the word line, on all dies and blocks alike: the layers of a 3D block differ by their place in the
// stack, and those of all blocks in the same way (Shim et al., "Exploiting Process Similarity of 3D Flash Memory for
// High Performance SSDs", MICRO 2019). B belongs to the block of a die. O is new each time. The mean is what is
// configured, the most and the least are mean (1 +- spread), and the standard deviation is mean * spread / 3.
//
// An erase has no word line; its L belongs to the block's number. Each part is a keyed hash of what it belongs to, so
// that no time depends on what was done before. The three equal parts, their uniform distribution and the independence
// of neighbouring word lines are assumptions; left out: that blocks grow slower or faster with wear, and temperature.
#include "nand/chip/variation.h"

#include "util/rng.h"

enum { SPREAD_SHIFT = 20, PARTS = 3 };

struct variation variation_make(double spread, uint64_t seed, const char *path)
{
    return (struct variation){.key = rng_key(seed, path), .spread = (uint32_t)(spread * (1 << SPREAD_SHIFT) + 0.5)};
}

// Uniform over the odd numbers between -2^20 and 2^20.
static int64_t deviation(uint64_t hash)
{
    return 2 * (int64_t)(hash >> (64 - SPREAD_SHIFT)) + 1 - (1 << SPREAD_SHIFT);
}

tick_t variation_of_time(const struct variation *variation, tick_t mean, const struct array_site *site)
{
    uint64_t line = rng_mix(variation->key + site->line);
    uint64_t block = rng_mix(~variation->key + ((uint64_t)site->die << 32 | site->block));
    uint64_t once = rng_mix(line ^ rng_rotate(block, 32) ^ site->when);
    int64_t sum = deviation(line) + deviation(block) + deviation(once);
    int64_t width = (int64_t)(mean * variation->spread >> SPREAD_SHIFT);
    return (tick_t)((int64_t)mean + width * sum / (PARTS << SPREAD_SHIFT));
}
