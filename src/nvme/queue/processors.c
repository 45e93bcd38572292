// The processors as timelines: work waits for the one that is free first, and begins on an edge of their clock.
#include "nvme/queue/processors.h"

#include "nvme/nvme_internal.h"
#include "util/macros.h"

void processors_create(struct nvme *nvme)
{
    nvme->processors.clock = clock_from_hz(nvme->config->frequency);
    struct clock clock = nvme->processors.clock;
    nvme->processors.decode = (struct processor_work){clock_round_up(clock, nvme->config->t_decode), "decode"};
    nvme->processors.complete = (struct processor_work){clock_round_up(clock, nvme->config->t_complete), "complete"};
    meter_init(&nvme->processors.meter, nvme->config->processors);
    meter_set_units(&nvme->processors.meter, nvme->processors.each, sizeof nvme->processors.each[0]);
}

tick_t processors_work(struct nvme *nvme, const struct processor_work *work)
{
    struct timeline *first = &nvme->processors.each[0];
    for (uint32_t i = 1; i < nvme->config->processors; i++)
        if (nvme->processors.each[i].free_at < first->free_at)
            first = &nvme->processors.each[i];
    tick_t now = sim_now(nvme->sim);
    tick_t ready = first->free_at > now ? now : clock_edge(nvme->processors.clock, now);
    tick_t start = timeline_reserve(first, ready, work->takes);
    meter_add_use(&nvme->processors.meter, start, work->takes, first, &work->name, NULL);
    return start + work->takes;
}
