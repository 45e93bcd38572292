// What the SMART log tells.
#ifndef SQTAIL_NVME_ADMIN_HEALTH_H
#define SQTAIL_NVME_ADMIN_HEALTH_H

#include <stdint.h>

#include "nvme/reset.h"
#include "sim/tick.h"

struct nvme;

// What was moved between the host and a namespace.
struct nvme_usage {
    uint64_t reads, writes; // commands
    uint64_t read_bytes, written_bytes;
};

struct nvme_health {
    uint64_t media_errors;
    struct nvme_usage former; // of namespaces that are no more
    uint64_t io_commands; // rung in by the host and not yet completed
    tick_t busy_since, busy; // with any
    tick_t idle_since;       // without
    void (*wake)(struct nvme *nvme); // there is one after a time without; NULL: nobody wants to know
    unsigned available_spare, percentage_used;
};

// Commands of I/O queues come by doorbell, and go when they are completed or dropped: the time with any is SMART's.
void health_busy_enter(struct nvme *nvme, uint64_t count);
void health_busy_leave(struct nvme *nvme, uint64_t count);
void health_reset(struct nvme *nvme, enum nvme_reset kind);

// The critical warning: temperature and spare against their thresholds.
uint8_t health_critical_warning(const struct nvme *nvme);

#endif
