// fio's random numbers: its generators, and how it seeds the streams of a job.
//
//   tausworthe    L'Ecuyer, "Maximally equidistributed combined Tausworthe generators", Mathematics of Computation 65,
//                 1996: taus88, three components of 31, 29 and 28 bits
//   tausworthe64  L'Ecuyer, "Tables of maximally equidistributed combined LFSR generators", Mathematics of Computation
//                 68, 1999: LFSR258, five components of 63, 55, 52, 47 and 41 bits. Both papers want of each seed that
//                 more than its lowest bits, which are not used, are set
//   lfsr          Galois register with XNOR, of the fewest bits whose states, all ones excluded, are more than the
//                 numbers wanted; states beyond are passed over. Taps: Alfke, "Efficient shift registers, LFSR counters,
//                 and long pseudo-random sequence generators", Xilinx XAPP 052, 1996
//   xoshiro       util/rng.h's, in the same places
//
// Seeds, as fio 3.33 has them (init.c, lib/rand.c): stream i of thread t has s * t + i, where s is randseed times a
// constant to the power of 4 + i; without randseed, the offsets of a random job have another constant times t. Newer
// versions of fio take the first rule for the offsets, too, so that only with randseed given all versions agree.
#include "host/job/fio_random.h"

#include "util/macros.h"

// --- seeds ---------------------------------------------------------------------------------------------------------

#define SEED_STEP UINT64_C(0x9e370001)
#define SEED_OF_OFFSETS UINT64_C(0xb1899bed)
#define SEED_DEFAULT UINT64_C(0x89)

void fio_seeds_of(struct fio_seeds *seeds, uint64_t randseed, uint32_t thread)
{
    uint64_t seed = randseed * SEED_STEP * SEED_STEP * SEED_STEP * SEED_STEP;
    for (unsigned i = 0; i < FIO_DRAWS; i++, seed *= SEED_STEP)
        seeds->of[i] = seed * thread + i;
}

void fio_seeds_without(struct fio_seeds *seeds, uint64_t shift, uint32_t thread, bool random)
{
    fio_seeds_of(seeds, SEED_DEFAULT + shift, thread);
    if (random)
        seeds->of[FIO_DRAW_OFFSET] = (SEED_OF_OFFSETS + shift * SEED_STEP) * thread;
}

// --- tausworthe ----------------------------------------------------------------------------------------------------

// Of a component with the polynomial x^k - x^q - 1, s steps at once: its lowest bits are not used.
struct component {
    unsigned unused, q, s, down; // word size - k, q, s, k - s
};

static const struct component taus88[] = {{1, 13, 12, 19}, {3, 2, 4, 25}, {4, 3, 17, 11}};
static const struct component taus258[] = {{1, 1, 10, 53}, {9, 24, 5, 50}, {12, 3, 29, 23}, {17, 5, 23, 24},
                                           {23, 3, 8, 33}};

static uint32_t next_taus88(uint32_t *state)
{
    uint32_t sum = 0;
    for (unsigned i = 0; i < ARRAY_SIZE(taus88); i++) {
        const struct component *c = &taus88[i];
        uint32_t fed_back = ((state[i] << c->q) ^ state[i]) >> c->down;
        state[i] = (state[i] >> c->unused << c->unused << c->s) ^ fed_back;
        sum ^= state[i];
    }
    return sum;
}

static uint64_t next_taus258(uint64_t *state)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < ARRAY_SIZE(taus258); i++) {
        const struct component *c = &taus258[i];
        uint64_t fed_back = ((state[i] << c->q) ^ state[i]) >> c->down;
        state[i] = (state[i] >> c->unused << c->unused << c->s) ^ fed_back;
        sum ^= state[i];
    }
    return sum;
}

// fio's: a chain of multiplications from 53, the exclusive or of 2, 31, 17 and 7 as its macro binds them, with the seed
// in each; then six numbers are thrown away.
enum { SEED_CHAIN = 53, SEED_THROWN = 6 };

static void seed_taus88(uint32_t *state, uint32_t seed)
{
    static const uint32_t least[] = {1, 7, 15};
    uint32_t link = SEED_CHAIN;
    for (unsigned i = 0; i < ARRAY_SIZE(least); i++) {
        link = link * 69069 ^ seed;
        state[i] = link = link < least[i] ? link + least[i] : link;
    }
    for (int i = 0; i < SEED_THROWN; i++)
        next_taus88(state);
}

static void seed_taus258(uint64_t *state, uint64_t seed)
{
    static const uint64_t least[] = {1, 7, 15, 33, 49};
    uint64_t link = SEED_CHAIN;
    for (unsigned i = 0; i < ARRAY_SIZE(least); i++) {
        link = link * UINT64_C(6906969069) ^ seed;
        state[i] = link = link < least[i] ? link + least[i] : link;
    }
    for (int i = 0; i < SEED_THROWN; i++)
        next_taus258(state);
}

// --- streams -------------------------------------------------------------------------------------------------------

void fio_stream_seed(struct fio_stream *stream, enum fio_generator generator, uint64_t seed)
{
    stream->generator = generator;
    if (generator == FIO_GENERATOR_XOSHIRO)
        rng_seed(&stream->xoshiro, seed, "");
    else if (generator == FIO_GENERATOR_TAUSWORTHE64)
        seed_taus258(stream->taus258, seed);
    else
        seed_taus88(stream->taus88, (uint32_t)seed);
}

uint32_t fio_stream_next32(struct fio_stream *stream)
{
    if (stream->generator == FIO_GENERATOR_XOSHIRO)
        return (uint32_t)(rng_u64(&stream->xoshiro) >> 32);
    return next_taus88(stream->taus88);
}

uint64_t fio_stream_next(struct fio_stream *stream, uint64_t *most)
{
    if (stream->generator == FIO_GENERATOR_XOSHIRO) {
        *most = (UINT64_C(1) << 53) - 1;
        return rng_u64(&stream->xoshiro) >> 11;
    }
    if (stream->generator == FIO_GENERATOR_TAUSWORTHE64) {
        *most = UINT64_MAX;
        return next_taus258(stream->taus258);
    }
    *most = UINT32_MAX;
    return next_taus88(stream->taus88);
}

// --- the shift register --------------------------------------------------------------------------------------------

enum { LFSR_TAPS_MAX = 6, LFSR_BITS_MIN = 3, LFSR_BITS_MAX = 63 };

static const uint8_t taps_of[LFSR_BITS_MAX + 1][LFSR_TAPS_MAX] = {
    [3] = {3, 2},           [4] = {4, 3},            [5] = {5, 3},           [6] = {6, 5},
    [7] = {7, 6},           [8] = {8, 6, 5, 4},      [9] = {9, 5},           [10] = {10, 7},
    [11] = {11, 9},         [12] = {12, 6, 4, 1},    [13] = {13, 4, 3, 1},   [14] = {14, 5, 3, 1},
    [15] = {15, 14},        [16] = {16, 15, 13, 4},  [17] = {17, 14},        [18] = {18, 11},
    [19] = {19, 6, 2, 1},   [20] = {20, 17},         [21] = {21, 19},        [22] = {22, 21},
    [23] = {23, 18},        [24] = {24, 23, 22, 17}, [25] = {25, 22},        [26] = {26, 6, 2, 1},
    [27] = {27, 5, 2, 1},   [28] = {28, 25},         [29] = {29, 27},        [30] = {30, 6, 4, 1},
    [31] = {31, 28},        [32] = {32, 31, 29, 1},  [33] = {33, 20},        [34] = {34, 27, 2, 1},
    [35] = {35, 33},        [36] = {36, 25},         [37] = {37, 5, 4, 3, 2, 1}, [38] = {38, 6, 5, 1},
    [39] = {39, 35},        [40] = {40, 38, 21, 19}, [41] = {41, 38},        [42] = {42, 41, 20, 19},
    [43] = {43, 42, 38, 37}, [44] = {44, 43, 18, 17}, [45] = {45, 44, 42, 41}, [46] = {46, 45, 26, 25},
    [47] = {47, 42},        [48] = {48, 47, 21, 20}, [49] = {49, 40},        [50] = {50, 49, 24, 23},
    [51] = {51, 50, 36, 35}, [52] = {52, 49},        [53] = {53, 52, 38, 37}, [54] = {54, 53, 18, 17},
    [55] = {55, 31},        [56] = {56, 55, 35, 34}, [57] = {57, 50},        [58] = {58, 39},
    [59] = {59, 58, 38, 37}, [60] = {60, 59},        [61] = {61, 60, 46, 45}, [62] = {62, 61, 6, 5},
    [63] = {63, 62},
};

static unsigned bits_for(uint64_t count)
{
    unsigned bits = LFSR_BITS_MIN;
    while (bits < LFSR_BITS_MAX && UINT64_C(1) << bits <= count)
        bits++;
    return bits;
}

void fio_lfsr_init(struct fio_lfsr *lfsr, uint64_t count, uint64_t seed)
{
    unsigned bits = bits_for(count);
    *lfsr = (struct fio_lfsr){.count = count, .top = UINT64_C(1) << (bits - 1), .fresh = true};
    for (unsigned i = 0; i < LFSR_TAPS_MAX && taps_of[bits][i] != 0; i++)
        lfsr->taps |= UINT64_C(1) << (taps_of[bits][i] - 1);
    fio_lfsr_reset(lfsr, seed);
}

// All ones would stay all ones.
void fio_lfsr_reset(struct fio_lfsr *lfsr, uint64_t seed)
{
    uint64_t ones = 2 * lfsr->top - 1;
    lfsr->drawn = 0;
    lfsr->state = (seed & ones) == ones ? 0 : seed & ones;
}

static void step(struct fio_lfsr *lfsr)
{
    uint64_t fed_back = (lfsr->state & 1) != 0 ? 0 : lfsr->taps;
    lfsr->state = ((lfsr->state >> 1) | lfsr->top) ^ fed_back;
}

// In fio the first number of all is two steps from the seed.
bool fio_lfsr_next(struct fio_lfsr *lfsr, uint64_t *number)
{
    if (lfsr->drawn++ >= lfsr->count)
        return false;
    if (lfsr->fresh)
        step(lfsr);
    lfsr->fresh = false;
    do
        step(lfsr);
    while (lfsr->state >= lfsr->count);
    *number = lfsr->state;
    return true;
}
