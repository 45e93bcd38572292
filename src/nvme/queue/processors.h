// The processors that decode and complete commands: all equal, each command goes to the one that is free first.
#ifndef SQTAIL_NVME_QUEUE_PROCESSORS_H
#define SQTAIL_NVME_QUEUE_PROCESSORS_H

#include "nvme/nvme_config.h"
#include "sim/tick.h"
#include "sim/timeline.h"
#include "stats/meter.h"

struct nvme;

struct processor_work {
    tick_t takes; // whole cycles
    const char *name;
};

struct nvme_processors {
    struct timeline each[NVME_PROCESSORS_MAX];
    struct meter meter;
    struct clock clock;
    struct processor_work decode, complete;
};

void processors_create(struct nvme *nvme);

// When work that is there now is done.
tick_t processors_work(struct nvme *nvme, const struct processor_work *work);

#endif
