// Who watches the commands of a controller: instrumentation, not part of the modelled machine.
//
// The drive has a stopwatch for each command, from the doorbell that covers it to its completion queue entry. A host
// that wants to know where its commands' time went looks on; one that does not is none the poorer.
#ifndef SQTAIL_NVME_OBSERVER_H
#define SQTAIL_NVME_OBSERVER_H

#include <stdint.h>

#include "stats/stage.h"

struct nvme_sqe;

struct nvme_completed {
    uint16_t sqid;
    uint16_t status;            // 0: success
    const struct nvme_sqe *sqe; // valid during the call, as `path`
    uint64_t bytes;             // of data
    const struct breakdown *path; // in STAGE_HOST_COMPLETE since now
};

struct nvme_observer {
    void *self;
    // By queue: where the causes of its command 0's waits are kept, WAIT_COUNT of them, until it has completed; those of
    // the others follow. NULL: they are not.
    tick_t *const *waits;
    // A completion queue entry has been written to host memory, and no interrupt has told of it yet. May be NULL. Must
    // not change what is simulated.
    void (*completed)(void *self, const struct nvme_completed *completed);
};

struct ftl_request;

// Of which command a request is that the front-end has submitted.
struct nvme_command_name {
    uint16_t sqid, cid;
};
struct nvme_command_name nvme_name_of(const struct ftl_request *request);

#endif
