// Who watches the commands of a controller: instrumentation, not part of the modelled machine.
//
// The drive has a stopwatch for each command, from the doorbell that covers it to its completion queue entry. A host
// that wants to know where its commands' time went looks on; one that does not is none the poorer.
#ifndef SQTAIL_NVME_OBSERVER_H
#define SQTAIL_NVME_OBSERVER_H

#include <stdint.h>

#include "stats/stage.h"

struct nvme_completed {
    uint16_t sqid, cid;
    uint16_t status; // 0: success
    uint8_t opcode;
    uint64_t bytes; // of data
    const struct breakdown *path; // in STAGE_HOST_COMPLETE since now; valid during the call
};

struct nvme_observer {
    void *self;
    // A completion queue entry has been written to host memory, and no interrupt has told of it yet. May be NULL. Must
    // not change what is simulated.
    void (*completed)(void *self, const struct nvme_completed *completed);
};

#endif
