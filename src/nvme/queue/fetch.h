// Fetching of submission queue entries.
#ifndef SQTAIL_NVME_QUEUE_FETCH_H
#define SQTAIL_NVME_QUEUE_FETCH_H

#include <stdint.h>

#include "nvme/queue/arbitration.h"
#include "nvme/queue/queues.h"
#include "nvme/reset.h"
#include "util/pool.h"

struct nvme_fetches {
    const struct nvme_arbitration_ops *arbitration;
    struct nvme_arbiter arbiter;
    uint32_t under_way;
    uint32_t listed; // queues that the arbiter has
    struct pool pool;
};

void fetch_create(struct nvme *nvme);
void fetch_destroy(struct nvme *nvme);
void fetch_reset(struct nvme *nvme, enum nvme_reset kind);

// A queue that the arbiter does not have has entries.
void fetch_enter(struct nvme *nvme, struct nvme_sq *sq);

// Fetches what may be fetched.
void fetch_pump(struct nvme *nvme);

#endif
