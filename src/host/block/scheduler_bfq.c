// Scheduler bfq, its basics. Linux 6.1 block/bfq-wf2q.c (B-WF2Q+: bfq_calc_finish, bfq_first_active_entity,
// bfq_update_vtime, bfq_bfqq_served) and block/bfq-iosched.c (bfq_select_queue, bfq_serv_to_charge, bfq_check_fifo,
// bfq_limit_depth); Valente and Avanzini, "Evolution of the BFQ Storage-I/O Scheduler", MST 2015.
//
// Each task has a queue for what is waited for, and all share one for what is not. The queue in service is given a budget of
// sectors, and gives requests, upwards by place or the oldest once when that waited too long, until its budget does not
// suffice for the next one, it has none, or its time is over. A queue that becomes busy at virtual time V starts at
// S = max(V, F), F being where it ended, and is to end at F = S + budget; the next in service is that with the least F of
// those with S <= V, and V goes on by what is served, over the number of busy queues. What was served, not the budget,
// counts in the end. What is not waited for is charged threefold.
//
// Left out: weights and cgroups (all are equal), idling for the next request of a task (slice_idle is 0), raised weights of
// interactive tasks (low_latency is 0), budgets that follow the throughput, queues of cooperating tasks merged, and
// injection.
#include <stdlib.h>

#include "host/block/scheduler.h"
#include "host/block/sorted.h"
#include "util/alloc.h"

enum { BUDGET = 16384, ASYNC_CHARGE = 3, SECTOR_BYTES = 512, FRACTION_BITS = 22 };
static const tick_t timeout = 125 * TICKS_PER_MS;
static const tick_t sync_expire = 125 * TICKS_PER_MS, async_expire = 250 * TICKS_PER_MS;

struct bfq_queue {
    struct bfq_queue *next;
    uint32_t task;
    bool sync, busy;
    uint64_t start, finish;   // virtual
    struct request_list fifo;
    struct sorted sorted;
    uint64_t position;        // where the last request ended
};

struct bfq {
    struct scheduler_setup setup;
    struct bfq_queue *queues; // in the order in which their tasks came
    struct bfq_queue *serving;
    uint64_t served;          // sectors, of its budget
    tick_t since;             // of its service
    bool fifo_checked;        // in this service
    uint64_t virtual_time;
    uint32_t busy;            // queues
};

static void *create(const struct scheduler_setup *setup)
{
    struct bfq *bfq = xcalloc(1, sizeof *bfq);
    bfq->setup = *setup;
    return bfq;
}

static void destroy(void *self)
{
    struct bfq *bfq = self;
    for (struct bfq_queue *queue = bfq->queues, *next; queue != NULL; queue = next) {
        next = queue->next;
        free(queue);
    }
    free(bfq);
}

// --- queues --------------------------------------------------------------------------------------------------------

static bool is_sync(enum io_kind kind, uint32_t how)
{
    return kind == IO_READ || (how & IO_SYNC) != 0;
}

// Where it is, or where it would be.
static struct bfq_queue **place_of(struct bfq *bfq, uint32_t task, bool sync)
{
    struct bfq_queue **place = &bfq->queues;
    while (*place != NULL && ((*place)->sync != sync || (sync && (*place)->task != task)))
        place = &(*place)->next;
    return place;
}

static struct bfq_queue *queue_for(struct bfq *bfq, const struct block_request *request)
{
    bool sync = is_sync(request->kind, request->how);
    struct bfq_queue **place = place_of(bfq, request->task, sync);
    if (*place == NULL) {
        *place = xcalloc(1, sizeof **place);
        **place = (struct bfq_queue){.task = request->task, .sync = sync};
    }
    return *place;
}

static void activate(struct bfq *bfq, struct bfq_queue *queue)
{
    queue->start = MAX(bfq->virtual_time, queue->finish);
    queue->finish = queue->start + ((uint64_t)BUDGET << FRACTION_BITS);
    queue->busy = true;
    bfq->busy++;
}

static void insert(void *self, uint32_t index, struct block_request *request)
{
    struct bfq *bfq = self;
    struct bfq_queue *queue = queue_for(bfq, request);
    (void)index;
    request->deadline = sim_now(bfq->setup.sim) + (queue->sync ? sync_expire : async_expire);
    request_push(&queue->fifo, request);
    sorted_add(&queue->sorted, request);
    if (!queue->busy)
        activate(bfq, queue);
}

// A task of which nothing is owed needs no queue.
static void forget_idle(struct bfq *bfq)
{
    for (struct bfq_queue **place = &bfq->queues, *queue; (queue = *place) != NULL;)
        if (!queue->busy && queue->finish <= bfq->virtual_time) {
            *place = queue->next;
            free(queue);
        } else {
            place = &queue->next;
        }
}

// --- service -------------------------------------------------------------------------------------------------------

static void end_service(struct bfq *bfq)
{
    struct bfq_queue *queue = bfq->serving;
    bfq->serving = NULL;
    queue->finish = queue->start + (bfq->served << FRACTION_BITS);
    queue->busy = false;
    bfq->busy--;
    if (queue->fifo.head != NULL)
        activate(bfq, queue);
    else
        forget_idle(bfq);
}

static void go_on_to_earliest_start(struct bfq *bfq)
{
    uint64_t earliest = UINT64_MAX;
    for (const struct bfq_queue *queue = bfq->queues; queue != NULL; queue = queue->next)
        earliest = queue->busy ? MIN(earliest, queue->start) : earliest;
    bfq->virtual_time = MAX(bfq->virtual_time, earliest);
}

static void begin_service(struct bfq *bfq)
{
    struct bfq_queue *best = NULL;
    go_on_to_earliest_start(bfq);
    for (struct bfq_queue *queue = bfq->queues; queue != NULL; queue = queue->next)
        if (queue->busy && queue->start <= bfq->virtual_time && (best == NULL || queue->finish < best->finish))
            best = queue;
    bfq->serving = best;
    bfq->served = 0;
    bfq->since = sim_now(bfq->setup.sim);
    bfq->fifo_checked = false;
}

static struct block_request *next_request(struct bfq *bfq, const struct bfq_queue *queue)
{
    struct block_request *oldest = queue->fifo.head, *request = queue->sorted.head;
    bool check = !bfq->fifo_checked;
    bfq->fifo_checked = true;
    if (check && oldest->deadline <= sim_now(bfq->setup.sim))
        return oldest;
    while (request != NULL && request->offset < queue->position)
        request = request->sort_next;
    return request != NULL ? request : queue->sorted.head;
}

static uint64_t charge_of(const struct bfq_queue *queue, const struct block_request *request)
{
    return request->bytes / SECTOR_BYTES * (queue->sync ? 1 : ASYNC_CHARGE);
}

static bool may_serve(const struct bfq *bfq, const struct block_request *request)
{
    bool in_time = sim_now(bfq->setup.sim) < bfq->since + timeout;
    return bfq->served == 0 || (in_time && bfq->served + charge_of(bfq->serving, request) <= BUDGET);
}

static struct block_request *serve(struct bfq *bfq, struct block_request *request)
{
    struct bfq_queue *queue = bfq->serving;
    uint64_t charge = charge_of(queue, request);
    bfq->served += charge;
    bfq->virtual_time += (charge << FRACTION_BITS) / bfq->busy;
    queue->position = request->offset + request->bytes;
    request_remove(&queue->fifo, request);
    sorted_remove(&queue->sorted, request);
    return request;
}

static struct block_request *dispatch(void *self, uint32_t index)
{
    struct bfq *bfq = self;
    (void)index;
    if (bfq->serving != NULL && bfq->serving->fifo.head == NULL)
        end_service(bfq);
    if (bfq->serving == NULL && bfq->busy == 0)
        return NULL;
    if (bfq->serving == NULL)
        begin_service(bfq);
    struct block_request *request = next_request(bfq, bfq->serving);
    if (!may_serve(bfq, request)) {
        end_service(bfq);
        begin_service(bfq);
        request = next_request(bfq, bfq->serving);
    }
    return serve(bfq, request);
}

// --- merging and limits --------------------------------------------------------------------------------------------

static enum merge_kind merge(void *self, uint32_t index, struct block_part *part, struct block_request **joined)
{
    struct bfq *bfq = self;
    const struct block_bio *bio = part->bio;
    struct bfq_queue *queue = *place_of(bfq, bio->task, is_sync(bio->kind, bio->how));
    (void)index;
    return queue == NULL ? MERGE_NONE : sorted_merge(&queue->sorted, bfq->setup.limits, part, joined);
}

// All for reads, three quarters for writes that are waited for, half for others.
static uint32_t limit_depth(const void *self, const struct block_bio *bio)
{
    uint32_t requests = ((const struct bfq *)self)->setup.requests;
    if (bio->kind == IO_READ)
        return requests;
    return MAX(is_sync(bio->kind, bio->how) ? 3 * requests / 4 : requests / 2, 1u);
}

const struct block_scheduler_ops block_bfq_ops = {
    .name = "bfq",
    .help = "a queue a task, served by turns of 8 MiB so that each gets its share",
    .create = create,
    .destroy = destroy,
    .insert = insert,
    .dispatch = dispatch,
    .merge = merge,
    .limit_depth = limit_depth,
};
