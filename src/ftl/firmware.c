// The core's processors, and the end of requests.
//
// Firmware runs on `processors` equal processors; a piece of work goes to the one that is free first (ties: the
// lowest number), starts on an edge of the processor clock and takes whole cycles. Work is charged when it arrives,
// so processors are timelines and cost no event of their own.
#include "ftl/ftl_internal.h"

// The firmware is busy for `duration` from now on, or from when a processor is free; returns when it is through.
tick_t ftl_charge(struct ftl *ftl, tick_t duration)
{
    tick_t now = sim_now(ftl->sim);
    if (duration == 0)
        return now;
    struct timeline *first = &ftl->processors[0];
    for (uint32_t i = 1; i < ftl->config.processors; i++)
        if (ftl->processors[i].free_at < first->free_at)
            first = &ftl->processors[i];
    duration = clock_round_up(ftl->clock, duration);
    tick_t start = timeline_reserve(first, clock_edge(ftl->clock, now), duration);
    meter_add(&ftl->processor_meter, start, duration);
    return start + duration;
}

// The request is the caller's again.
void ftl_finish(struct ftl *ftl, struct ftl_request *request)
{
    ftl->requests--;
    ftl->stats.unrecovered_reads += request->status == FTL_UNRECOVERED_READ;
    request->done(request);
}

static void finish_event(void *context)
{
    struct ftl_request *request = context;
    ftl_finish(request->core.state, request);
}

void ftl_finish_later(struct ftl *ftl, struct ftl_request *request, tick_t when)
{
    sim_at(ftl->sim, when, finish_event, request);
}
