// Weighted round robin with urgent priority class: NVMe 1.4, section 4.13.2.
//
// The admin queue comes first, then urgent queues, then the classes high, medium and low in turn. A class keeps its
// turn for as many commands as its weight says, then the next one's turn begins; an empty class' turn is over at
// once. Within a class queues take turns of a burst each, as in round robin.
#include "nvme/queue/arbitration.h"

#include "util/macros.h"

static struct list *list_of(struct nvme_arbiter *arbiter, const struct nvme_contender *queue)
{
    return queue->admin ? &arbiter->admin : &arbiter->queues[queue->priority];
}

static void enter(struct nvme_arbiter *arbiter, struct nvme_contender *queue)
{
    queue->burst = arbiter->burst;
    list_push(list_of(arbiter, queue), &queue->link);
}

static struct nvme_contender *take(struct list *list, uint32_t *limit)
{
    struct nvme_contender *queue = container_of(list_pop(list), struct nvme_contender, link);
    *limit = queue->burst;
    return queue;
}

static void next_turn(struct nvme_arbiter *arbiter)
{
    arbiter->turn = arbiter->turn == NVME_QPRIO_LOW ? NVME_QPRIO_HIGH : arbiter->turn + 1;
    arbiter->credits[arbiter->turn] = arbiter->weights[arbiter->turn];
}

static struct nvme_contender *pick_weighted(struct nvme_arbiter *arbiter, uint32_t *limit)
{
    enum { CLASSES = NVME_QPRIO_COUNT - NVME_QPRIO_HIGH };
    for (int tries = 0; tries <= CLASSES; tries++) {
        uint32_t turn = arbiter->turn;
        if (arbiter->credits[turn] > 0 && !list_empty(&arbiter->queues[turn])) {
            struct nvme_contender *queue = take(&arbiter->queues[turn], limit);
            *limit = MIN(*limit, arbiter->credits[turn]);
            return queue;
        }
        next_turn(arbiter);
    }
    return NULL;
}

static struct nvme_contender *pick(struct nvme_arbiter *arbiter, uint32_t *limit)
{
    if (!list_empty(&arbiter->admin))
        return take(&arbiter->admin, limit);
    if (!list_empty(&arbiter->queues[NVME_QPRIO_URGENT]))
        return take(&arbiter->queues[NVME_QPRIO_URGENT], limit);
    return pick_weighted(arbiter, limit);
}

static void served(struct nvme_arbiter *arbiter, struct nvme_contender *queue, uint32_t count, int more)
{
    if (!queue->admin && queue->priority != NVME_QPRIO_URGENT)
        arbiter->credits[queue->priority] -= MIN(count, arbiter->credits[queue->priority]);
    if (!more)
        return;
    queue->burst -= count;
    if (queue->burst > 0)
        list_push_front(list_of(arbiter, queue), &queue->link);
    else
        enter(arbiter, queue);
}

const struct nvme_arbitration_ops nvme_arbitration_weighted_round_robin = {
    .name = "weighted_round_robin",
    .help = "admin, then urgent queues, then high, medium and low classes by weight",
    .ams = NVME_AMS_WEIGHTED,
    .enter = enter,
    .pick = pick,
    .served = served,
};
