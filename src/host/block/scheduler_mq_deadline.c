// Scheduler mq_deadline. Linux 6.1 block/mq-deadline.c: __dd_dispatch_request, deadline_check_fifo, dd_limit_depth,
// dd_bio_merge.
//
// Reads, and all else, each have a list in order of arrival, with a deadline (read_expire, write_expire), and one in order of
// place. Requests are given in batches of at most fifo_batch of one direction, upwards from where the last one was. A
// batch begins with reads where there are any, unless writes have stood back writes_starved times; it begins where the
// direction's last one ended, or, when the oldest has passed its deadline or nothing lies further up, with the oldest. One
// instance serves all hardware queues. All but reads get no more than three quarters of the requests (async_depth).
//
// Left out: priorities and their ageing, zones, merging of two requests by a third.
#include <stdlib.h>

#include "host/block/scheduler.h"
#include "host/block/sorted.h"
#include "util/alloc.h"

enum direction { READS, WRITES, DIRECTIONS };
enum { WRITES_STARVED = 2, FIFO_BATCH = 16 };
static const tick_t expire[DIRECTIONS] = {[READS] = 500 * TICKS_PER_MS, [WRITES] = 5 * TICKS_PER_S};

struct deadline {
    struct scheduler_setup setup;
    struct request_list fifo[DIRECTIONS];
    struct sorted sorted[DIRECTIONS];
    struct block_request *next[DIRECTIONS]; // upwards from the last one given; NULL: nothing lies there
    struct block_request *last_merged;      // or inserted when there was none
    enum direction direction;               // of the batch
    uint32_t batch;                         // given of it
    uint32_t starved;                       // times that writes stood back
};

static enum direction direction_of(const struct block_request *request)
{
    return request->kind == IO_READ ? READS : WRITES;
}

static void *create(const struct scheduler_setup *setup)
{
    struct deadline *deadline = xcalloc(1, sizeof *deadline);
    deadline->setup = *setup;
    return deadline;
}

static void destroy(void *self)
{
    free(self);
}

static void insert(void *self, uint32_t queue, struct block_request *request)
{
    struct deadline *deadline = self;
    (void)queue;
    enum direction direction = direction_of(request);
    request->deadline = sim_now(deadline->setup.sim) + expire[direction];
    request_push(&deadline->fifo[direction], request);
    sorted_add(&deadline->sorted[direction], request);
    if (deadline->last_merged == NULL)
        deadline->last_merged = request;
}

// --- dispatch ------------------------------------------------------------------------------------------------------

static struct block_request *give(struct deadline *deadline, struct block_request *request)
{
    enum direction direction = direction_of(request);
    deadline->batch++;
    deadline->next[direction] = request->sort_next;
    request_remove(&deadline->fifo[direction], request);
    sorted_remove(&deadline->sorted[direction], request);
    if (deadline->last_merged == request)
        deadline->last_merged = NULL;
    return request;
}

static bool choose_direction(struct deadline *deadline, enum direction *direction)
{
    bool reads = deadline->fifo[READS].head != NULL, writes = deadline->fifo[WRITES].head != NULL;
    *direction = READS;
    if (reads && !(writes && deadline->starved++ >= WRITES_STARVED))
        return true;
    if (!writes)
        return false;
    deadline->starved = 0;
    *direction = WRITES;
    return true;
}

static struct block_request *first_of_batch(const struct deadline *deadline, enum direction direction)
{
    struct block_request *oldest = deadline->fifo[direction].head, *next = deadline->next[direction];
    return next == NULL || oldest->deadline <= sim_now(deadline->setup.sim) ? oldest : next;
}

static struct block_request *dispatch(void *self, uint32_t queue)
{
    struct deadline *deadline = self;
    struct block_request *next = deadline->next[deadline->direction];
    enum direction direction;
    (void)queue;
    if (next != NULL && deadline->batch < FIFO_BATCH)
        return give(deadline, next);
    if (!choose_direction(deadline, &direction))
        return NULL;
    deadline->direction = direction;
    deadline->batch = 0;
    return give(deadline, first_of_batch(deadline, direction));
}

// --- merging and limits --------------------------------------------------------------------------------------------

static enum merge_kind merge(void *self, uint32_t queue, struct block_part *part, struct block_request **joined)
{
    struct deadline *deadline = self;
    const struct block_limits *limits = deadline->setup.limits;
    struct block_request *last = deadline->last_merged;
    struct sorted *sorted = &deadline->sorted[part->bio->kind == IO_READ ? READS : WRITES];
    enum merge_kind kind;
    (void)queue;
    *joined = last;
    if (last != NULL && merge_find(limits, last, part) != MERGE_NONE)
        return sorted_merge_with(sorted, limits, last, part);
    kind = sorted_merge(sorted, limits, part, joined);
    if (kind != MERGE_NONE)
        deadline->last_merged = *joined;
    return kind;
}

static uint32_t limit_depth(const void *self, const struct block_bio *bio)
{
    uint32_t requests = ((const struct deadline *)self)->setup.requests;
    return bio->kind == IO_READ ? requests : MAX(3 * requests / 4, 1u);
}

const struct block_scheduler_ops block_mq_deadline_ops = {
    .name = "mq_deadline",
    .help = "by place in batches, reads first, each with a deadline",
    .create = create,
    .destroy = destroy,
    .insert = insert,
    .dispatch = dispatch,
    .merge = merge,
    .limit_depth = limit_depth,
};
