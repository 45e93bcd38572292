// Doorbells of completion queues that need no event: what they tell is looked at when the queue is.
//
// A head that moves on gives room. Where no completion waits for room and no interrupt is owed, nothing happens when
// such a doorbell arrives; it is kept with the time of its arrival and taken as arrived from then on by whoever looks
// at the queue's head. Whoever makes somebody wait for it turns those that are still on their way into events first.
#ifndef SQTAIL_NVME_QUEUE_CQ_HEADS_H
#define SQTAIL_NVME_QUEUE_CQ_HEADS_H

#include <stdbool.h>

#include "nvme/queue/queues.h"

// Keeps a doorbell that arrives at `at`, after those kept; false when it is not valid, or there is no place for it.
static inline bool cq_heads_keep(struct nvme_cq *cq, uint32_t head, tick_t at)
{
    uint32_t count = cq->kept_end - cq->kept_first;
    uint32_t newest = count == 0 ? cq->head : cq->kept[(cq->kept_end - 1) % NVME_HEADS_KEPT].head;
    if (count == NVME_HEADS_KEPT || head >= cq->size ||
        queues_distance(newest, head, cq->size) > queues_distance(newest, cq->tail, cq->size))
        return false;
    cq->kept[cq->kept_end++ % NVME_HEADS_KEPT] = (struct nvme_kept_head){head, at};
    return true;
}

// Takes those that arrive up to `until`; returns how many.
static inline uint32_t cq_heads_take(struct nvme_cq *cq, tick_t until)
{
    uint32_t first = cq->kept_first;
    for (; cq->kept_first != cq->kept_end && cq->kept[cq->kept_first % NVME_HEADS_KEPT].at <= until; cq->kept_first++)
        cq->head = cq->kept[cq->kept_first % NVME_HEADS_KEPT].head;
    return cq->kept_first - first;
}

// Takes those of the queue that have arrived; those of all queues that arrive up to `until`, or before `when`.
void cq_heads_arrive(struct nvme *nvme, struct nvme_cq *cq);
void cq_heads_take_all(struct nvme *nvme, tick_t until);
void cq_heads_take_before(struct nvme *nvme, tick_t when);

// Those that have arrived are taken; the others will arrive as events.
void cq_heads_become_events(struct nvme *nvme);

#endif
