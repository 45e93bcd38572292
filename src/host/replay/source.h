// The requests that are played, and their times as simulated ones.
#ifndef SQTAIL_HOST_REPLAY_SOURCE_H
#define SQTAIL_HOST_REPLAY_SOURCE_H

#include "sim/tick.h"
#include "trace/source.h"
#include "util/macros.h"

// Playing twice as fast: 2/1; half as fast: 1/2.
struct replay_speed {
    uint64_t numerator, denominator;
};

struct replay_source {
    struct request_source *requests;
    struct replay_speed speed;
    tick_t begin; // time zero
};

// A recorded span of time as simulated, at most TICK_END.
static inline tick_t replay_source_span(const struct replay_source *source, uint64_t ns)
{
    const struct replay_speed *speed = &source->speed;
    __extension__ unsigned __int128 ticks = (unsigned __int128)ns * TICKS_PER_NS;
    if (speed->numerator != speed->denominator)
        ticks = ticks * speed->denominator / speed->numerator;
    return (tick_t)(ticks < TICK_END ? ticks : TICK_END);
}

// When a request that was recorded at that time is due.
static inline tick_t replay_source_time(const struct replay_source *source, uint64_t time_ns)
{
    tick_t at = source->begin + replay_source_span(source, time_ns);
    return MIN(at, TICK_END);
}

#endif
