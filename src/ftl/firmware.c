// The core's processors.
//
// Firmware runs on `processors` equal processors; a piece of work goes to the one that is free first (ties: the
// lowest number), starts on an edge of the processor clock and takes whole cycles. Work is charged when it arrives,
// so processors are timelines and cost no event of their own.
#include "ftl/base.h"

tick_t firmware_charge(struct base *base, tick_t duration)
{
    tick_t now = sim_now(base->sim);
    if (duration == 0)
        return now;
    struct timeline *first = &base->processors[0];
    for (uint32_t i = 1; i < base->config.processors; i++)
        if (base->processors[i].free_at < first->free_at)
            first = &base->processors[i];
    duration = clock_round_up(base->clock, duration);
    tick_t start = timeline_reserve(first, clock_edge(base->clock, now), duration);
    meter_add(&base->processor_meter, start, duration);
    return start + duration;
}
