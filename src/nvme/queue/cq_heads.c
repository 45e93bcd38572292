// Doorbells of completion queues without events: a short ring of them in each queue, in order of arrival.
#include "nvme/queue/cq_heads.h"

#include "nvme/nvme_internal.h"

void cq_heads_arrive(struct nvme *nvme, struct nvme_cq *cq)
{
    nvme->stats.doorbells += cq_heads_take(cq, sim_now(nvme->sim));
}

void cq_heads_take_all(struct nvme *nvme, tick_t until)
{
    for (uint32_t id = 0; id <= nvme->config->max_queues; id++)
        nvme->stats.doorbells += cq_heads_take(&nvme->queues.cqs[id], until);
}

void cq_heads_take_before(struct nvme *nvme, tick_t when)
{
    if (when > 0)
        cq_heads_take_all(nvme, when - 1);
}

void cq_heads_become_events(struct nvme *nvme)
{
    cq_heads_take_all(nvme, sim_now(nvme->sim));
    for (uint32_t id = 0; id <= nvme->config->max_queues; id++) {
        struct nvme_cq *cq = &nvme->queues.cqs[id];
        for (; cq->kept_first != cq->kept_end; cq->kept_first++) {
            struct nvme_kept_head kept = cq->kept[cq->kept_first % NVME_HEADS_KEPT];
            nvme->queues.ring_later(nvme, id, kept.head, kept.at);
        }
    }
}
