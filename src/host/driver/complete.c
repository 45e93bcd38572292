// From the interrupt to the completion of the request.
//
// Sources: NVM Express Base 1.4 sections 4.6 (phase tag), 7.5 (interrupts); Linux 6.1 nvme_irq: the handler takes
// every new completion queue entry, then rings the head's doorbell once; then freed tags go to those that wait.
//
// When the host's costs are all zero everything happens within the device's own event that delivers the interrupt.
// Otherwise the handler starts once its CPU has had t_interrupt for it, and every entry takes t_complete; an
// interrupt that arrives meanwhile adds nothing, because the handler looks at the queue again after every entry.
#include "host/driver/complete.h"
#include "host/driver/contents.h"
#include "host/driver/host_internal.h"
#include "host/driver/layer.h"

// The drive's stopwatch began when the doorbell had reached it. What was before is the host's to add.
static struct breakdown *stopwatch_of(struct host_tag *tag, tick_t arrival)
{
    struct breakdown *path = &tag->path;
    if (unlikely(!tag->told))
        breakdown_start(path, STAGE_SQ_FETCH, tag->rung);
    path->spent[STAGE_HOST_SUBMIT] += tag->rung - arrival;
    path->spent[STAGE_SQ_FETCH] += path->start - tag->rung;
    path->start = arrival;
    return path;
}

// A drive that has lost or mixed up data ends the run.
static void check_contents(struct host_queue *queue, uint32_t tag, bool failed)
{
    struct host *host = queue->host;
    const char *wrong = contents_completed(queue, tag, failed);
    if (wrong == NULL || host->state != HOST_RUNNING)
        return;
    host->stopping = true;
    host_fail(host, "%s", wrong);
}

// Where the command's time went, and the host's since `arrival`.
static inline struct breakdown *end_path(struct host_queue *queue, struct host_tag *tag, tick_t arrival)
{
    struct sim *sim = queue->host->sim;
    struct breakdown *path = stopwatch_of(tag, arrival);
    SIM_CHECK(sim, "host", path->changed <= sim_now(sim), "command %u completed before its last stage began",
              (unsigned)(tag - queue->tags));
    breakdown_enter(path, STAGE_HOST_COMPLETE, MAX(path->changed, queue->interrupted_at));
    breakdown_enter(path, STAGE_HOST_COMPLETE, sim_now(sim));
    return path;
}

// The last command of a request has completed, or one of several.
static inline void complete_own(struct host_queue *queue, struct host_tag *tag, uint16_t cid, bool failed)
{
    struct host *host = queue->host;
    struct host_request *request = tag->request;
    struct breakdown *path = end_path(queue, tag, request->arrival);
    tag->request = NULL;
    queue->free_tags[queue->free_count++] = cid;
    request->failed |= failed;
    if (--request->open > 0)
        return;
    if (request->preflush && !request->failed)
        queue_end_preflush(host, request);
    else if (request->sent || request->preflush)
        host_finish_request(host, request, path);
}

static void complete_command(struct host_queue *queue, const struct nvme_cqe *cqe)
{
    struct host *host = queue->host;
    SIM_CHECK(host->sim, "host", cqe->cid < host->depth && queue->tags[cqe->cid].request != NULL,
              "queue %u: completion of command %u, which is not in flight", queue->id, cqe->cid);
    SIM_CHECK(host->sim, "host", cqe->sqid == queue->id, "queue %u: completion for queue %u", queue->id, cqe->sqid);
    struct host_tag *tag = &queue->tags[cqe->cid];
    bool failed = cqe->status >> NVME_CQE_STATUS_SHIFT != NVME_SC_SUCCESS;
    if (unlikely(queue->sent != NULL))
        check_contents(queue, cqe->cid, failed);
    if (likely(host->block == NULL)) {
        complete_own(queue, tag, cqe->cid, failed);
        return;
    }
    end_path(queue, tag, tag->rung);
    layer_complete(queue, tag, failed);
}

static void take_entry(struct host_queue *queue, const struct nvme_cqe *cqe)
{
    host_ring_pop(&queue->ring);
    queue->handled++;
    complete_command(queue, cqe);
}

static inline void ring_head(struct host_queue *queue)
{
    struct host *host = queue->host;
    if (queue->handled == 0) {
        host->stats.spurious++;
        return;
    }
    queue->handled = 0;
    host->stats.cq_doorbells++;
    host->device.mmio_write(host->device.self, queue->ring.cq_doorbell, 4, queue->ring.cq_head);
}

static void resume(struct host_queue *queue)
{
    if (unlikely(queue->host->block != NULL))
        layer_resume(queue);
    else if (!list_empty(&queue->waiting))
        queue_send_waiting(queue);
    host_pump(queue->host);
}

static uint32_t queue_cpu(const struct host_queue *queue)
{
    return map_place_in_set(&queue->host->map, queue->id - 1); // affinity: the first of the CPUs that submit to it
}

static void handle_slowly(void *context);

static void finish_entry(void *context)
{
    struct host_queue *queue = context;
    struct nvme_cqe cqe;
    host_ring_peek(&queue->ring, &cqe);
    take_entry(queue, &cqe);
    handle_slowly(queue);
}

// One entry at a time, each of which takes CPU time.
static void handle_slowly(void *context)
{
    struct host_queue *queue = context;
    struct host *host = queue->host;
    struct nvme_cqe cqe;
    if (host_ring_peek(&queue->ring, &cqe)) {
        sim_at(host->sim, host_cpu_reserve(host, queue_cpu(queue), host->config->t_complete), finish_entry, queue);
        return;
    }
    queue->handling = false;
    queue->poll_from = sim_now(host->sim);
    ring_head(queue);
    resume(queue);
}

static inline void handle_at_once(struct host_queue *queue)
{
    struct nvme_cqe cqe;
    while (host_ring_peek(&queue->ring, &cqe))
        take_entry(queue, &cqe);
    ring_head(queue);
    resume(queue);
}

void complete_interrupt(struct host *host, uint32_t vector)
{
    SIM_CHECK(host->sim, "host", vector <= host->queue_count && host->queues != NULL,
              "interrupt on vector %u, which is not in use", vector);
    struct host_queue *queue = &host->queues[vector - 1];
    host->stats.interrupts++;
    if (queue->handling)
        return;
    queue->interrupted_at = sim_now(host->sim);
    if (host->free_of_charge) {
        handle_at_once(queue);
        return;
    }
    queue->handling = true;
    tick_t begin = host_cpu_reserve(host, queue_cpu(queue), host->config->t_interrupt);
    sim_at(host->sim, begin, handle_slowly, queue);
}

void complete_poll(struct host_queue *queue)
{
    queue->poll_from = sim_now(queue->host->sim);
    if (queue->host->free_of_charge) {
        handle_at_once(queue);
        return;
    }
    queue->handling = true;
    handle_slowly(queue);
}
