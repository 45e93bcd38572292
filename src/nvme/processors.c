// The processors as timelines: work waits for the one that is free first, and begins on an edge of their clock.
#include "nvme/processors.h"

#include "nvme/nvme_internal.h"
#include "util/macros.h"

void processors_create(struct nvme *nvme)
{
    nvme->processors.clock = clock_from_hz(nvme->config->frequency);
    nvme->processors.t_decode = clock_round_up(nvme->processors.clock, nvme->config->t_decode);
    nvme->processors.t_complete = clock_round_up(nvme->processors.clock, nvme->config->t_complete);
    meter_init(&nvme->processors.meter, nvme->config->processors);
}

tick_t processors_work(struct nvme *nvme, tick_t duration)
{
    struct timeline *first = &nvme->processors.each[0];
    for (uint32_t i = 1; i < nvme->config->processors; i++)
        if (nvme->processors.each[i].free_at < first->free_at)
            first = &nvme->processors.each[i];
    tick_t now = sim_now(nvme->sim);
    tick_t ready = first->free_at > now ? now : clock_edge(nvme->processors.clock, now);
    tick_t start = timeline_reserve(first, ready, duration);
    meter_add(&nvme->processors.meter, start, duration);
    return start + duration;
}
