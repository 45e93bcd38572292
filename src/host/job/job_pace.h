// When a job whose requests follow a pattern may issue the next one: depth, batches, think time and rates.
#ifndef SQTAIL_HOST_JOB_JOB_PACE_H
#define SQTAIL_HOST_JOB_JOB_PACE_H

#include <stdbool.h>
#include <stdint.h>

#include "host/job/job_options.h"
#include "host/job/latency_target.h"
#include "util/rng.h"

struct job_clock {
    uint64_t rate; // bytes a second; 0: none
    uint64_t remainder;
    struct rate_phase phase;
    tick_t due;    // of the next request
};

struct job_pace {
    const struct job_options *options;
    uint64_t depth;     // requests in flight
    uint64_t in_flight;
    bool full;          // as many as depth were in flight, and they have not sunk far enough since
    bool thinking;      // no request until those in flight are done and thinktime has passed
    uint64_t counted;   // requests, as thinktime_blocks counts them
    uint64_t thought_at; // of them, when it thought last
    tick_t thought;     // when that was
    tick_t ready;       // no request before: it thinks
    struct latency_target target; // sets the depth, where there is one
    struct job_clock clocks[JOB_DIRECTIONS];
};

void job_pace_init(struct job_pace *pace, const struct job_options *options, tick_t begins);

// A request of `bytes` has been issued or has completed; a flush takes a place, and nothing else.
void job_pace_issued(struct job_pace *pace, tick_t now, enum job_direction direction, uint64_t bytes, struct rng *rng);
void job_pace_flushed(struct job_pace *pace);
void job_pace_completed(struct job_pace *pace, tick_t now, bool flush, tick_t latency);

// Whether the next request must wait for a completion; if not, for when.
static inline bool job_pace_holds(const struct job_pace *pace)
{
    return pace->full || pace->thinking || pace->target.quiesces;
}

// Whether a depth is still looked for, so that nothing is measured yet; whether it has been measured.
static inline bool job_pace_searches(const struct job_pace *pace)
{
    const struct job_options *o = pace->options;
    return o->latency_target > 0 && !o->latency_run && (!pace->target.found || pace->target.quiesces);
}
static inline bool job_pace_is_over(const struct job_pace *pace)
{
    return pace->target.over;
}
tick_t job_pace_due(const struct job_pace *pace, enum job_direction direction);

// Of a mix the direction that is drawn, or the other one where that is due earlier.
enum job_direction job_pace_turn(const struct job_pace *pace, tick_t now, enum job_direction drawn);

#endif
