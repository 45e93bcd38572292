// The registry of arbitration mechanisms, and the arbiter's settings: NVMe 1.4, sections 4.13 and 5.21.1.1.
#include "nvme/queue/arbitration.h"

const struct nvme_arbitration_ops *const nvme_arbitrations[NVME_ARBITRATION_COUNT] = {
    [NVME_AMS_ROUND_ROBIN] = &nvme_arbitration_round_robin,
    [NVME_AMS_WEIGHTED] = &nvme_arbitration_weighted_round_robin,
};

const char *const nvme_arbitration_names[] = {"round_robin", "weighted_round_robin", NULL};

void nvme_arbiter_configure(struct nvme_arbiter *arbiter, uint32_t feature)
{
    uint32_t ab = feature & NVME_ARBITRATION_AB_MASK;
    arbiter->burst = ab == NVME_ARBITRATION_AB_UNLIMITED ? NVME_BURST_UNLIMITED : UINT32_C(1) << ab;
    arbiter->weights[NVME_QPRIO_LOW] = NVME_FIELD(feature, NVME_ARBITRATION_LPW) + 1;
    arbiter->weights[NVME_QPRIO_MEDIUM] = NVME_FIELD(feature, NVME_ARBITRATION_MPW) + 1;
    arbiter->weights[NVME_QPRIO_HIGH] = NVME_FIELD(feature, NVME_ARBITRATION_HPW) + 1;
}

void nvme_arbiter_reset(struct nvme_arbiter *arbiter, uint32_t feature)
{
    *arbiter = (struct nvme_arbiter){.turn = NVME_QPRIO_HIGH};
    nvme_arbiter_configure(arbiter, feature);
    for (int class = NVME_QPRIO_HIGH; class < NVME_QPRIO_COUNT; class++)
        arbiter->credits[class] = arbiter->weights[class];
}
