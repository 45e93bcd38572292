// Polling. Linux 6.1 block/blk-mq.c: blk_mq_poll_classic, blk_mq_poll_hybrid, blk_mq_poll_nsecs; nvme_poll.
//
// Whoever has submitted to a queue that is polled looks at its completion queue every t_poll, as long as something is in
// flight there. Looks that find nothing are not played: when an entry has come, the look that finds it is the first from
// then on, so polling costs no events. Each entry takes t_complete, and no t_interrupt.
//
// Hybrid: first the task sleeps half as long as requests of this kind and size took on the average, in the last tenth of a
// second that had any; sizes are classes of a factor of two.
//
// Left out: that what spins takes its processor from others; it gives way at once.
#include "host/driver/poll.h"

#include "host/driver/complete.h"

// The number of looks from `from` on, t_poll apart, up to the first that is not before now.
static uint64_t looks_since(const struct host *host, tick_t from)
{
    tick_t now = sim_now(host->sim), every = host->config->t_poll;
    if (now <= from || every == 0)
        return 1;
    return (now - from + every - 1) / every + 1;
}

static void look(void *context)
{
    struct host_queue *queue = context;
    struct host *host = queue->host;
    uint64_t looks = looks_since(host, queue->poll_from);
    block_note_polls(host->block, looks, sim_now(host->sim) - queue->poll_from, queue->slept);
    queue->look_pending = false;
    queue->slept = 0;
    complete_poll(queue);
}

static void entry_posted(struct host *host, struct host_queue *queue)
{
    if (queue->look_pending || queue->handling)
        return;
    queue->look_pending = true;
    queue->interrupted_at = sim_now(host->sim);
    tick_t when = queue->poll_from + (looks_since(host, queue->poll_from) - 1) * host->config->t_poll;
    sim_at(host->sim, MAX(when, sim_now(host->sim)), look, queue);
}

void poll_note_write(struct host *host, uint64_t address)
{
    if (host->block == NULL)
        return; // not yet
    for (uint32_t i = host->queue_count - host->map.queues[SET_POLL]; i < host->queue_count; i++) {
        const struct host_ring *ring = &host->queues[i].ring;
        if (address - ring->cq_address < (uint64_t)ring->entries * NVME_CQE_BYTES)
            entry_posted(host, &host->queues[i]);
    }
}
