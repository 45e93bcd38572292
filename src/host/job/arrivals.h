// Arrivals that are set by time, not by completions: streams of one rate, and whose turn is next.
#ifndef SQTAIL_HOST_JOB_ARRIVALS_H
#define SQTAIL_HOST_JOB_ARRIVALS_H

#include <stdbool.h>
#include <stdint.h>

#include "host/job/rate_process.h"
#include "sim/tick.h"
#include "util/rng.h"

struct arrival {
    tick_t at;
    uint32_t stream;
};

struct arrivals {
    uint64_t rate;        // of each stream, units a second
    const struct rate_process *process;
    struct arrival *heap; // each stream's next arrival, but of those that wait elsewhere
    uint32_t count;       // in it
    uint64_t *remainders; // of each stream's last interval, in 1/rate ps
    struct rate_phase *phases; // of each stream, where the rate changes; else NULL
};

// The process must outlive them.
void arrivals_init(struct arrivals *arrivals, uint32_t streams, uint64_t rate, const struct rate_process *process);
void arrivals_destroy(struct arrivals *arrivals);

void arrivals_push(struct arrivals *arrivals, struct arrival arrival);

// The heap's root, of a heap that is not empty: removed, or moved to a later time.
struct arrival arrivals_pop(struct arrivals *arrivals);
void arrivals_delay(struct arrivals *arrivals, tick_t interval);

// The time that `units` take at the rate; equal distances are exact in the long run.
tick_t arrivals_interval(struct arrivals *arrivals, uint32_t stream, uint64_t units, struct rng *rng);

// The same of any rate, had it no process whose rate changes: exact in the long run, what is left of a division being
// carried; or exponential.
tick_t arrivals_linear(uint64_t rate, uint64_t units, uint64_t *remainder);
tick_t arrivals_poisson(uint64_t rate, uint64_t units, struct rng *rng);

#endif
