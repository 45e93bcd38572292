// Device self-tests.
#ifndef SQTAIL_NVME_ADMIN_SELF_TEST_H
#define SQTAIL_NVME_ADMIN_SELF_TEST_H

#include <stdint.h>

#include "nvme/reset.h"
#include "sim/tick.h"
#include "spec/nvme.h"

struct nvme;

struct nvme_self_tests {
    enum nvme_self_test current;
    uint32_t nsid; // of the current one: a namespace's, NVME_NSID_ALL, or 0: the controller alone
    tick_t since;
    struct nvme_self_test_entry results[NVME_SELF_TEST_RESULTS]; // the newest first
    uint32_t count;
};

void self_test_reset(struct nvme *nvme, enum nvme_reset kind);

// What happens to that namespace ends a test of it.
void self_test_end_on(struct nvme *nvme, uint32_t nsid, enum nvme_self_test_result why);

#endif
