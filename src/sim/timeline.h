// A resource that serves in order of arrival, without events: a link, a bus, a decoder, a processor.
//
// Work that arrives is granted the resource from the moment the resource is free; the grant is computed at once
// instead of being waited for. Order stays exact because a reservation is made only at the moment of arrival: who
// reserves must do so at the simulated time at which its work reaches the resource (`ready` = now), or at the moment
// from which the order of later arrivals is already fixed.
#ifndef SQTAIL_SIM_TIMELINE_H
#define SQTAIL_SIM_TIMELINE_H

#include "sim/tick.h"
#include "util/macros.h"

struct timeline {
    tick_t free_at; // when the last reservation ends
};

// Reserves `duration` for work that is ready at `ready`; returns when it starts. It ends `duration` later.
static inline tick_t timeline_reserve(struct timeline *timeline, tick_t ready, tick_t duration)
{
    tick_t start = timeline->free_at > ready ? timeline->free_at : ready;
    if (unlikely(start >= TICK_END))
        start = TICK_END;
    timeline->free_at = start + duration;
    return start;
}

#endif
