// Arrivals that are set by time.
//
// Linear: the n-th unit at floor(n * 10^12 / rate) ps, kept exact by carrying the remainder. Poisson: exponential
// intervals, computed in integers, so that they are the same on every machine: -ln(U / 2^64) = (64 - log2 U) * ln 2,
// where each squaring of the mantissa yields one bit of log2. A unit is a request or a byte; the interval that follows
// a request of several units is as long as all of them.
#include "host/job/arrivals.h"

#include <stdlib.h>

#include "util/alloc.h"

void arrivals_init(struct arrivals *arrivals, uint32_t streams, uint64_t rate, bool poisson)
{
    *arrivals = (struct arrivals){
        .rate = rate,
        .poisson = poisson,
        .heap = xcalloc(streams, sizeof *arrivals->heap),
        .remainders = xcalloc(streams, sizeof *arrivals->remainders),
    };
}

void arrivals_destroy(struct arrivals *arrivals)
{
    free(arrivals->heap);
    free(arrivals->remainders);
}

// --- whose turn it is ----------------------------------------------------------------------------------------------

static bool arrives_before(struct arrival a, struct arrival b)
{
    return a.at < b.at || (a.at == b.at && a.stream < b.stream);
}

// Puts `moved`, which belongs at the root or below it, into its place.
static void sink(struct arrivals *arrivals, struct arrival moved)
{
    struct arrival *heap = arrivals->heap;
    uint32_t at = 0, child;
    while ((child = 2 * at + 1) < arrivals->count) {
        if (child + 1 < arrivals->count && arrives_before(heap[child + 1], heap[child]))
            child++;
        if (!arrives_before(heap[child], moved))
            break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = moved;
}

void arrivals_push(struct arrivals *arrivals, struct arrival arrival)
{
    struct arrival *heap = arrivals->heap;
    uint32_t at = arrivals->count++;
    for (; at > 0 && arrives_before(arrival, heap[(at - 1) / 2]); at = (at - 1) / 2)
        heap[at] = heap[(at - 1) / 2];
    heap[at] = arrival;
}

struct arrival arrivals_pop(struct arrivals *arrivals)
{
    struct arrival first = arrivals->heap[0], last = arrivals->heap[--arrivals->count];
    if (arrivals->count > 0)
        sink(arrivals, last);
    return first;
}

void arrivals_delay(struct arrivals *arrivals, tick_t interval)
{
    struct arrival first = arrivals->heap[0];
    first.at += interval;
    sink(arrivals, first);
}

// --- intervals -----------------------------------------------------------------------------------------------------

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

uint64_t arrivals_exponential_q32(uint64_t u)
{
    const uint64_t ln2_q32 = 2977044472; // round(ln 2 * 2^32)
    u |= 1; // zero has no logarithm
    unsigned shift = (unsigned)__builtin_clzll(u);
    uint64_t log2_q32 = (uint64_t)(63 - shift) << 32 | log2_fraction(u << shift);
    uint64_t minus_log2_q32 = (UINT64_C(64) << 32) - log2_q32;
    return (uint64_t)((unsigned __int128)minus_log2_q32 * ln2_q32 >> 32);
}

tick_t arrivals_linear(uint64_t rate, uint64_t units, uint64_t *remainder)
{
    unsigned __int128 work = (unsigned __int128)units * TICKS_PER_S + *remainder;
    *remainder = (uint64_t)(work % rate);
    return (tick_t)(work / rate);
}

tick_t arrivals_poisson(uint64_t rate, uint64_t units, struct rng *rng)
{
    unsigned __int128 work = (unsigned __int128)units * TICKS_PER_S;
    return (tick_t)(arrivals_exponential_q32(rng_u64(rng)) * work / rate >> 32);
}

tick_t arrivals_interval(struct arrivals *arrivals, uint32_t stream, uint64_t units, struct rng *rng)
{
    return arrivals->poisson ? arrivals_poisson(arrivals->rate, units, rng)
                             : arrivals_linear(arrivals->rate, units, &arrivals->remainders[stream]);
}
