// What the files of the block layer share: queues, tasks, and the layer as a whole.
#ifndef SQTAIL_HOST_BLOCK_BLOCK_INTERNAL_H
#define SQTAIL_HOST_BLOCK_BLOCK_INTERNAL_H

#include "host/block/block.h"
#include "host/block/tags.h"
#include "util/pool.h"

enum { PLUG_REQUESTS = 32 };                  // Linux: BLK_MAX_REQUEST_COUNT
#define PLUG_FLUSH_BYTES (UINT64_C(128) << 10) // Linux: BLK_PLUG_FLUSH_SIZE

// A CPU's own queue: what waits there for a worker.
struct software_queue {
    struct request_list lists[SETS];
    uint64_t dispatched, merged, completed;
};

// Of one hardware queue: block/blk-flush.c's struct blk_flush_queue.
struct flush_queue {
    struct request_list pending[2]; // one is served while the other collects
    unsigned collects;              // the index of the one that collects
    bool running;
    uint32_t data_in_flight;
    tick_t pending_since;
    struct block_request request;   // its flush
};

struct hardware_queue {
    struct block *block;
    uint32_t index;
    enum queue_set set;
    struct tags tags, scheduler_tags;
    struct request_list dispatch; // go before all others
    struct list sleeping;         // tasks that wait for a tag
    uint32_t sleeping_count;
    struct flush_queue flush;
    bool run_pending;             // a worker will come
    uint64_t queued, runs, dispatched;
};

// One who submits, as long as it has a plug with something in it, or sleeps.
struct block_task {
    struct list_link link;      // among those that wait for a tag
    struct block_task *prev, *next; // among all
    uint32_t id;
    struct request_list plug;
    bool sleeps;
    tick_t slept_at;
    struct block_bio *bio;      // that it is at
    struct block_part *part;    // of it, for which there is no request yet
    struct list bios;           // behind it
};

struct block {
    struct sim *sim;
    struct block_setup setup;
    struct block_port port;
    const struct block_scheduler_ops *scheduler;
    void *scheduling;             // NULL: scheduler none
    struct software_queue *software;
    struct hardware_queue *hardware;
    uint32_t queue_count;         // of these
    struct block_task *tasks;
    struct pool requests, parts, task_pool;
    struct block_stats stats;
    block_event_fn *event;
    void *event_context;
};

static inline enum queue_set block_set_of(const struct block *block, const struct block_bio *bio)
{
    enum queue_set set = bio->kind == IO_READ ? SET_READ : SET_DEFAULT;
    set = (bio->how & IO_POLLED) != 0 ? SET_POLL : set;
    return block->setup.map.queues[set] == 0 ? SET_DEFAULT : set;
}

static inline uint32_t block_queue_of(const struct block *block, const struct block_bio *bio)
{
    return map_queue(&block->setup.map, block_set_of(block, bio), bio->cpu);
}

static inline void block_tell(const struct block *block, struct block_event event)
{
    if (unlikely(block->event != NULL))
        block->event(block->event_context, &event);
}

static inline struct block_event block_request_event(const struct block_request *request, enum blktrace_action action)
{
    return (struct block_event){
        .action = action, .has_kind = true, .kind = request->kind, .how = request->how, .fua = request->fua,
        .preflush = request->preflush, .offset = request->offset, .bytes = request->bytes, .cpu = request->cpu,
        .task = request->task, .by_machine = request == &request->queue->flush.request,
    };
}

#endif
