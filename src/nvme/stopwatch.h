// Statistics of a drive's I/O commands by its own stopwatch, whatever host is there.
//
// From the arrival of the doorbell that covers a command to its completion queue entry in host memory: what a host adds
// before and after is its own. A host that keeps statistics, as the modelled one does, needs none of it.
#ifndef SQTAIL_NVME_STOPWATCH_H
#define SQTAIL_NVME_STOPWATCH_H

#include "nvme/observer.h"
#include "stats/command_stats.h"

struct nvme;

struct nvme_stopwatch {
    struct nvme *nvme;
    struct nvme_observer next; // who looked on before, and is told as before
    struct command_stats stats;
};

// Measures from now on, at `origin`, until stopped. Who begins to look on later stops first.
void nvme_stopwatch_start(struct nvme_stopwatch *stopwatch, struct nvme *nvme, tick_t origin);
void nvme_stopwatch_stop(struct nvme_stopwatch *stopwatch);

#endif
