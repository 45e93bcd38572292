// Round robin: all queues, the admin queue among them, in turn, a burst each. NVMe 1.4, section 4.13.1.
#include "nvme/queue/arbitration.h"

#include "util/macros.h"

static void enter(struct nvme_arbiter *arbiter, struct nvme_contender *queue)
{
    queue->burst = arbiter->burst;
    list_push(&arbiter->admin, &queue->link);
}

static struct nvme_contender *pick(struct nvme_arbiter *arbiter, uint32_t *limit)
{
    struct list_link *link = list_pop(&arbiter->admin);
    if (link == NULL)
        return NULL;
    struct nvme_contender *queue = container_of(link, struct nvme_contender, link);
    *limit = queue->burst;
    return queue;
}

static void served(struct nvme_arbiter *arbiter, struct nvme_contender *queue, uint32_t count, int more)
{
    if (!more)
        return;
    queue->burst -= count;
    if (queue->burst > 0)
        list_push_front(&arbiter->admin, &queue->link);
    else
        enter(arbiter, queue);
}

const struct nvme_arbitration_ops nvme_arbitration_round_robin = {
    .name = "round_robin",
    .help = "every queue in turn, an arbitration burst each",
    .ams = NVME_AMS_ROUND_ROBIN,
    .enter = enter,
    .pick = pick,
    .served = served,
};
