// Arrivals that are set by time.
//
// Linear: the n-th unit at floor(n * 10^12 / rate) ps, kept exact by carrying the remainder. Poisson: exponential
// intervals. A unit is a request or a byte; the interval that follows a request of several units is as long as all of
// them. Where the rate changes (host/job/rate_process.h) an exponential interval is stretched.
#include "host/job/arrivals.h"

#include <stdlib.h>

#include "host/job/exponential.h"
#include "util/alloc.h"

void arrivals_init(struct arrivals *arrivals, uint32_t streams, uint64_t rate, const struct rate_process *process)
{
    *arrivals = (struct arrivals){
        .rate = rate,
        .process = process,
        .heap = xcalloc(streams, sizeof *arrivals->heap),
        .remainders = xcalloc(streams, sizeof *arrivals->remainders),
        .phases = process->count > 0 ? xcalloc(streams, sizeof *arrivals->phases) : NULL,
    };
}

void arrivals_destroy(struct arrivals *arrivals)
{
    free(arrivals->heap);
    free(arrivals->remainders);
    free(arrivals->phases);
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

tick_t arrivals_linear(uint64_t rate, uint64_t units, uint64_t *remainder)
{
    unsigned __int128 work = (unsigned __int128)units * TICKS_PER_S + *remainder;
    *remainder = (uint64_t)(work % rate);
    return (tick_t)(work / rate);
}

tick_t arrivals_poisson(uint64_t rate, uint64_t units, struct rng *rng)
{
    unsigned __int128 work = (unsigned __int128)units * TICKS_PER_S;
    return (tick_t)(exponential_q32(rng_u64(rng)) * work / rate >> 32);
}

tick_t arrivals_interval(struct arrivals *arrivals, uint32_t stream, uint64_t units, struct rng *rng)
{
    const struct rate_process *process = arrivals->process;
    if (!process->random)
        return arrivals_linear(arrivals->rate, units, &arrivals->remainders[stream]);
    tick_t interval = arrivals_poisson(arrivals->rate, units, rng);
    return process->count == 0 ? interval : rate_process_stretch(process, &arrivals->phases[stream], interval, rng);
}
