// Hardware queues being run. Linux 6.1 block/blk-mq-sched.c: __blk_mq_sched_dispatch_requests, blk_mq_do_dispatch_sched;
// block/blk-mq.c: blk_mq_dispatch_rq_list, blk_mq_flush_busy_ctxs, blk_mq_run_hw_queue.
//
// First goes what stands on the queue's dispatch list, in order; then what the scheduler gives, one after the other while
// there are driver tags, or, without one, all of the software queues, CPU by CPU. A request for which the scheduler
// gave up its place but the driver has no tag waits on the dispatch list.
//
// Left out: budgets and a driver that is busy though there is a tag, which NVMe's never is; turns between software
// queues of a busy hardware queue (dispatch_busy).
#include "host/block/dispatch.h"

void dispatch_issue(struct block *block, struct block_request *request, bool by_worker)
{
    struct block_event event = block_request_event(request, BLKTRACE_ISSUE);
    event.by_worker = by_worker;
    block_tell(block, event);
    request->issued = sim_now(block->sim);
    if (request->inserted != TICK_NEVER)
        block->stats.scheduler_time += request->issued - request->inserted;
    block->stats.issued++;
    block->software[request->cpu].dispatched++;
    request->queue->dispatched++;
    block->port.issue(block->port.self, request->queue->index, request);
}

void dispatch_insert(struct block *block, struct block_request *request)
{
    block_tell(block, block_request_event(request, BLKTRACE_INSERT));
    request->inserted = sim_now(block->sim);
    if (block->scheduling == NULL)
        request_push(&block->software[request->cpu].lists[request->queue->set], request);
    else
        block->scheduler->insert(block->scheduling, request->queue->index, request);
}

void dispatch_insert_first(struct block *block, struct block_request *request)
{
    (void)block;
    request_push(&request->queue->dispatch, request);
}

// A request that leaves the scheduler needs one of the driver's tags.
static bool take_driver_tag(struct block_request *request)
{
    if (request->tag == BLOCK_NO_TAG)
        request->tag = tags_take(&request->queue->tags);
    return request->tag != BLOCK_NO_TAG;
}

static bool send_first_ones(struct hardware_queue *queue, bool by_worker)
{
    while (queue->dispatch.head != NULL) {
        if (!take_driver_tag(queue->dispatch.head))
            return false;
        dispatch_issue(queue->block, request_pop(&queue->dispatch), by_worker);
    }
    return true;
}

static void send_scheduled(struct hardware_queue *queue, bool by_worker)
{
    struct block *block = queue->block;
    struct block_request *request;
    while (queue->dispatch.head == NULL &&
           (request = block->scheduler->dispatch(block->scheduling, queue->index)) != NULL) {
        if (take_driver_tag(request))
            dispatch_issue(block, request, by_worker);
        else
            request_push(&request->queue->dispatch, request);
    }
}

static void send_software_queues(struct hardware_queue *queue, bool by_worker)
{
    struct block *block = queue->block;
    struct block_request *request;
    uint32_t first = map_place_in_set(&block->setup.map, queue->index);
    for (uint32_t cpu = first; cpu < block->setup.cpus; cpu += block->setup.map.queues[queue->set])
        while ((request = request_pop(&block->software[cpu].lists[queue->set])) != NULL)
            dispatch_issue(block, request, by_worker);
}

void dispatch_run(struct hardware_queue *queue, bool by_worker)
{
    queue->runs++;
    if (!send_first_ones(queue, by_worker))
        return;
    if (queue->block->scheduling != NULL)
        send_scheduled(queue, by_worker);
    else
        send_software_queues(queue, by_worker);
}

static void work(void *context)
{
    struct hardware_queue *queue = context;
    queue->run_pending = false;
    dispatch_run(queue, true);
    queue->block->port.commit(queue->block->port.self);
}

void dispatch_run_later(struct hardware_queue *queue)
{
    if (queue->run_pending)
        return;
    queue->run_pending = true;
    sim_after(queue->block->sim, queue->block->setup.worker_delay, work, queue);
}
